import type { JsonValue } from '../../domain/canonical-json.ts';
import { canonicalJson } from '../../domain/canonical-json.ts';
import type { Economy } from '../../domain/economy/types.ts';
import { isLootError } from '../../domain/errors.ts';
import type { NewJournal } from '../../domain/ledger/types.ts';
import { must } from '../../domain/must.ts';
import {
  apiGrantJournal,
  matchGrantJournal,
  welcomeGrantJournal,
} from '../../domain/rewards/grant-journals.ts';
import { planRewards, playerOfPlan } from '../../domain/rewards/plan-rewards.ts';
import type { PlanLine, RewardPlan } from '../../domain/rewards/types.ts';
import { sha256 } from '../matches/sha256.ts';
import { bodyHash } from './body-hash.ts';
import type { JournalView } from './read-journal.ts';
import type { ReceiptMovement, ReceiptTransfer } from './read-receipt.ts';

export type PinnedMatch = { source: 'match'; matchId: string; plan: RewardPlan };
type PinnedGrant =
  | PinnedMatch
  | { source: 'welcome'; economyVersion: number }
  | {
      source: 'api';
      clientId: string;
      reference: string;
      economyVersion: number;
      lines: PlanLine[];
      items: { kind: string }[];
    };

/** What a match left to compute its rewards again; the seed is secret until it is over. */
export type Evidence = { seed: Buffer; seat: number | null; economyVersion: number; clientId: string | null };

/** One thing that comes out otherwise; `recomputed` is null when it could not be computed. */
export type Difference = { what: string; recomputed: JsonValue; posted: JsonValue };

type Posted = { journal: JournalView; transfers: ReceiptTransfer[]; movements: ReceiptMovement[] };
type Basis = { economy: Economy | undefined; evidence: Evidence | null };

/** Grants are written by `domain/rewards/grant-journals.ts`, so their pinned data has its shape. */
export function pinnedGrant({ kind, pinned }: Pick<JournalView, 'kind' | 'pinned'>): PinnedGrant | null {
  if (kind !== 'grant' || !isObject(pinned)) return null;
  const known = ['match', 'welcome', 'api'].includes(String(pinned['source']));
  return known ? (pinned as unknown as PinnedGrant) : null;
}

const isObject = (value: JsonValue): value is { readonly [member: string]: JsonValue } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Computes a grant again, from the seed, the economy version and the pinned inputs, down to the journal that should have
 * been posted, and says in what that one differs from what was. Null for journals that nothing was computed for.
 */
export function recomputeJournal(posted: Posted, basis: Basis): Difference[] | null {
  const pinned = pinnedGrant(posted.journal);
  if (pinned === null) return null;
  if (!basis.economy) return [missing('economy version', versionOf(pinned))];
  if (pinned.source === 'match') return recomputeMatch(pinned, posted, basis.economy, basis.evidence);
  const playerId = receiverOf(posted);
  if (playerId === null) return [missing('player', null)];
  try {
    return compare(again(pinned, basis.economy, playerId, posted.journal), posted);
  } catch (error) {
    if (isLootError(error)) return [missing('request', error.message)];
    throw error;
  }
}

export const versionOf = (pinned: PinnedGrant): number =>
  pinned.source === 'match' ? pinned.plan.economyVersion : pinned.economyVersion;

const missing = (what: string, posted: JsonValue): Difference => ({ what, recomputed: null, posted });

/** The player is no part of what is pinned: it stands in the lines. */
function receiverOf({ transfers, movements }: Posted): string | null {
  const holder = transfers[0]?.credit ?? movements[0]?.to;
  return holder?.startsWith('player:') === true ? holder.slice('player:'.length) : null;
}

function recomputeMatch(
  { matchId, plan }: PinnedMatch,
  posted: Posted,
  economy: Economy,
  evidence: Evidence | null,
): Difference[] {
  if (!evidence) return [missing('seed', null)];
  if (evidence.economyVersion !== plan.economyVersion)
    return [{ what: 'economyVersion', recomputed: evidence.economyVersion, posted: plan.economyVersion }];
  const players = [playerOfPlan(plan, evidence.seat ?? seatOf(plan))];
  const input = { economy, economyVersion: plan.economyVersion, seed: evidence.seed, matchId, players };
  const planned = must(planRewards(input, sha256)[0], 'plan');
  return [
    ...inMembers('plan', asJson(planned), asJson(plan)),
    ...compare(matchGrantJournal(planned, matchId, posted.journal.cause as { actor: string }), posted),
  ];
}

/** A brought-in match has no seats; its rolls name the stream they were drawn from. */
const seatOf = ({ items, draws }: RewardPlan): number =>
  Number((items[0] ?? draws?.[0])?.label.split('/')[1] ?? 0);

function again(
  pinned: Exclude<PinnedGrant, PinnedMatch>,
  economy: Economy,
  playerId: string,
  journal: JournalView,
): NewJournal | null {
  const published = { version: pinned.economyVersion, economy };
  const cause = { actor: String(journal.cause.actor) };
  if (pinned.source === 'welcome') return welcomeGrantJournal(published, playerId, cause);
  const { clientId, reference, items } = pinned;
  const lines = pinned.lines.map(({ asset, amount }) => ({ asset, amount: BigInt(amount) }));
  const request = { clientId, reference, playerId, lines, items };
  // that it was meant for the mailbox is part of the request, and only its hash remembers
  const [now, later] = [false, true].map((deferred) =>
    apiGrantJournal(published, { ...request, deferred }, cause, sha256),
  );
  return later && bodyHash(later).equals(journal.bodyHash) ? later : (now ?? null);
}

function compare(
  journal: NewJournal | null,
  { journal: stored, transfers, movements }: Posted,
): Difference[] {
  if (journal === null) return [missing('journal', stored.key)];
  return [
    ...inValue('key', journal.key, stored.key),
    ...inValue('bodyHash', bodyHash(journal).toString('hex'), stored.bodyHash.toString('hex')),
    ...inValue('transfers', linesOf(journal), transfers.map(lineOf)),
    ...inValue(
      'movements',
      journal.movements.flatMap((line) =>
        line.code === 'mint' ? [{ itemId: line.itemId, kind: line.kind, from: line.from, to: line.to }] : [],
      ),
      movements.map(({ itemId, kind, from, to }) => ({ itemId, kind, from, to })),
    ),
  ];
}

const linesOf = (journal: NewJournal): JsonValue[] =>
  journal.transfers.flatMap((line) =>
    'debit' in line
      ? [lineOf({ ...line, debit: line.debit.holder, credit: line.credit.holder, asset: line.debit.asset })]
      : [],
  );

/** Whether wallet or mailbox took it depended on how full the wallet was. */
const lineOf = ({
  debit,
  credit,
  asset,
  amount,
  state,
  code,
}: Pick<ReceiptTransfer, 'debit' | 'credit' | 'asset' | 'amount' | 'state' | 'code'>): JsonValue => ({
  debit,
  credit,
  asset,
  amount: amount.toString(),
  state,
  code,
});

const asJson = (plan: RewardPlan) => plan as unknown as { readonly [member: string]: JsonValue };

function inMembers(
  what: string,
  recomputed: { readonly [member: string]: JsonValue },
  posted: { readonly [member: string]: JsonValue },
): Difference[] {
  const members = new Set([...Object.keys(recomputed), ...Object.keys(posted)]);
  return [...members].flatMap((member) =>
    inValue(`${what}.${member}`, recomputed[member] ?? null, posted[member] ?? null),
  );
}

const inValue = (what: string, recomputed: JsonValue, posted: JsonValue): Difference[] =>
  canonicalJson(recomputed) === canonicalJson(posted) ? [] : [{ what, recomputed, posted }];
