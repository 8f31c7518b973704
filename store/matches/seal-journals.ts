import { journalKeys } from '../../domain/ledger/keys.ts';
import { sinkOf, walletOf } from '../../domain/ledger/accounts.ts';
import type { NewJournal } from '../../domain/ledger/types.ts';
import type { Queryable } from '../db.ts';
import { economyAt } from '../economy/reads.ts';

/** What sealing costs under the economy version fixed at match start. */
export type SealTerms = { asset: string; amount: bigint };

/** A hold must outlive any match and any outage during one; a settlement resolves it long before. */
const holdTtlMs = 24 * 3_600_000;

export async function sealTermsAt(db: Queryable, economyVersion: number): Promise<SealTerms> {
  const { economy } = await economyAt(db, economyVersion);
  return { asset: economy.seal.asset, amount: BigInt(economy.seal.amount) };
}

export type SealRef = { matchId: string; playerId: string; actionKey: string };

export const holdJournal = ({ matchId, playerId, actionKey }: SealRef, terms: SealTerms): NewJournal => ({
  key: journalKeys.seal(matchId, playerId, actionKey, 'hold'),
  kind: 'seal_hold',
  actor: `player:${playerId}`,
  workflowId: `match-${matchId}`,
  step: 'seal',
  transfers: [
    {
      state: 'pending',
      debit: walletOf(playerId, terms.asset),
      credit: sinkOf('seal', terms.asset),
      amount: terms.amount,
      code: 'seal',
      ttlMs: holdTtlMs,
    },
  ],
  movements: [],
  events: [],
});

/** What became of a sealed action: its stamp spent, or given back. */
export type SealOutcome = SealRef & {
  status: 'posted' | 'voided';
  /** The tick that judged it; null when none did. */
  tick: number | null;
  actionType: string;
  /** `resolved`, or the rule's code. */
  outcome: string;
};

export function resolveJournal(seal: SealOutcome): NewJournal {
  const { matchId, playerId, actionKey, actionType, outcome } = seal;
  const step = seal.status === 'posted' ? 'post' : 'void';
  return {
    key: journalKeys.seal(matchId, playerId, actionKey, step),
    kind: step === 'post' ? 'seal_post' : 'seal_void',
    actor: 'system:match-host',
    workflowId: `match-${matchId}`,
    step: 'seal',
    transfers: [
      {
        state: step,
        pending: { key: journalKeys.seal(matchId, playerId, actionKey, 'hold'), index: 0 },
        code: 'seal',
      },
    ],
    movements: [],
    events: [
      {
        type: 'game.player.action-sealed.v1',
        key: playerId,
        data: { playerId, matchId, actionKey, tick: seal.tick ?? 0, action: actionType, outcome },
      },
    ],
  };
}
