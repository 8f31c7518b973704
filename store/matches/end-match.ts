import type { ActionAnswer } from '../../domain/arena/protocol.ts';
import type { Action } from '../../domain/arena/types.ts';
import { journalKeys } from '../../domain/ledger/keys.ts';
import { playerHolder } from '../../domain/ledger/types.ts';
import type { NewJournal } from '../../domain/ledger/types.ts';
import type { Tx } from '../db.ts';
import { resolveSeals } from './resolve-seals.ts';
import { sealTermsAt } from './seal-journals.ts';
import { matchLock } from './types.ts';

/**
 * What settling and voiding have in common, after the match's row says that it is over: held stamps go back, locked weapons
 * are free, players may join another match. No hold can be added any more, for accepting one asks for a running match
 * under the same row's lock.
 */
export async function releaseAll(tx: Tx, matchId: string, economyVersion: number): Promise<void> {
  await resolveSeals(tx, await readHeldSeals(tx, matchId, economyVersion), await readUnlock(tx, matchId));
  await tx.query('UPDATE seats SET active_player_id = NULL WHERE match_id = $1', [matchId]);
}

async function readHeldSeals(tx: Tx, matchId: string, economyVersion: number) {
  const { rows } = await tx.query<{ player_id: string; action_key: string; action: Action }>(
    `SELECT player_id, action_key, action FROM sealed_actions WHERE match_id = $1 AND status = 'held' ORDER BY sequence`,
    [matchId],
  );
  if (rows.length === 0) return [];
  const { asset } = await sealTermsAt(tx, economyVersion);
  const code = 'match_not_active';
  return rows.map(({ player_id: playerId, action_key: id, action: { type } }) => {
    const answer: ActionAnswer = { id, actionId: id, type, sealed: true, status: 'rejected', code };
    const status = 'voided' as const;
    return {
      matchId,
      playerId,
      actionKey: id,
      status,
      tick: null,
      actionType: type,
      outcome: code,
      answer,
      asset,
    };
  });
}

async function readUnlock(tx: Tx, matchId: string): Promise<NewJournal[]> {
  const { rows } = await tx.query<{ player_id: string; weapon_item_id: string }>(
    'SELECT player_id, weapon_item_id FROM seats WHERE match_id = $1 AND weapon_item_id IS NOT NULL ORDER BY weapon_item_id',
    [matchId],
  );
  if (rows.length === 0) return [];
  return [
    {
      key: journalKeys.matchRelease(matchId),
      kind: 'match_release',
      actor: 'system:match',
      workflowId: `match-${matchId}`,
      step: 'release',
      transfers: [],
      movements: rows.map(({ player_id, weapon_item_id }) => ({
        code: 'unlock',
        itemId: weapon_item_id,
        from: playerHolder(player_id),
        expectLock: matchLock(matchId),
      })),
      events: [],
    },
  ];
}
