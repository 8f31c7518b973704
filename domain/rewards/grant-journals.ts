import type { Sha256 } from '../arena/types.ts';
import type { JsonValue } from '../canonical-json.ts';
import type { Economy, SourceRole } from '../economy/types.ts';
import { LootError } from '../errors.ts';
import { derivedId } from '../ids.ts';
import { sinkOf, sourceOf, walletOf } from '../ledger/accounts.ts';
import { journalKeys } from '../ledger/keys.ts';
import { deferAll } from '../mailbox/deferral.ts';
import type { JournalCause, NewJournal, NewMovement, NewTransfer, TransferCode } from '../ledger/types.ts';
import { playerHolder, systemHolder } from '../ledger/types.ts';
import { splitSpend } from './split-spend.ts';
import type { PlanLine, RewardPlan } from './types.ts';
import { isEmptyPlan } from './types.ts';

/** An economy as it was published. */
export type PublishedEconomy = { version: number; economy: Economy };
/** What a game server asks for; `lines` in integers, `items` by catalog kind. */
export type GrantRequest = {
  clientId: string;
  reference: string;
  playerId: string;
  lines: readonly { asset: string; amount: bigint }[];
  items?: readonly { kind: string }[];
  /** Amounts wait in the player's mailbox until they are claimed; items are the player's at once. */
  deferred?: boolean;
};
export type SpendRequest = Omit<GrantRequest, 'items' | 'deferred'>;
type MintedItem = { itemId: string; kind: string; kindVersion: number };

/** Pays one pinned plan; null when the plan pays nothing, for then nothing is posted. */
export function matchGrantJournal(plan: RewardPlan, matchId: string, cause: JournalCause): NewJournal | null {
  if (isEmptyPlan(plan)) return null;
  return grantJournal({
    key: journalKeys.matchGrant(matchId, plan.playerId),
    playerId: plan.playerId,
    matchId,
    source: 'match.reward',
    code: 'match_reward',
    lines: plan.lines,
    items: plan.items,
    pinned: { source: 'match', matchId, plan },
    identity: { match: matchId, plan },
    cause,
  });
}

/** What a new player gets; null when the economy has no welcome. Its identity is the player alone: once is once. */
export function welcomeGrantJournal(
  { version, economy }: PublishedEconomy,
  playerId: string,
  cause: JournalCause,
): NewJournal | null {
  const lines = economy.welcome?.lines ?? [];
  if (lines.length === 0) return null;
  return grantJournal({
    key: journalKeys.welcomeGrant(playerId),
    playerId,
    matchId: null,
    source: 'welcome',
    code: 'welcome',
    lines,
    items: [],
    pinned: { source: 'welcome', economyVersion: version, lines: [...lines] },
    identity: { welcome: playerId },
    cause,
  });
}

/**
 * A game server's grant. Its identity is the request, so that the same reference after a new economy version meets the
 * first journal. Throws `unknown_asset`, `unknown_kind`.
 */
export function apiGrantJournal(
  published: PublishedEconomy,
  request: GrantRequest,
  cause: JournalCause,
  hash: Sha256,
): NewJournal {
  const { version, economy } = published;
  const lines = planLines(economy, request.lines);
  const key = journalKeys.apiGrant(request.clientId, request.reference);
  const items = (request.items ?? []).map(({ kind }, index) => {
    const rule = Object.hasOwn(economy.kinds, kind) ? economy.kinds[kind] : undefined;
    if (!rule) throw new LootError('unknown_kind', `The economy has no catalog kind '${kind}'.`);
    return { itemId: derivedId(hash, 'grant-item', key, index), kind, kindVersion: rule.version };
  });
  const deferred = request.deferred === true;
  const journal = grantJournal({
    key,
    playerId: request.playerId,
    matchId: null,
    source: 'api.grant',
    code: 'grant',
    lines,
    items,
    pinned: {
      source: 'api',
      clientId: request.clientId,
      reference: request.reference,
      economyVersion: version,
      lines,
      items,
    },
    identity: {
      grant: request.playerId,
      lines,
      kinds: items.map(({ kind }) => kind),
      ...(deferred && { deferred }),
    },
    cause,
  });
  return deferred ? deferAll(journal, hash) : journal;
}

/**
 * A player pays a game server's price into the `spend` sink. A line may name a family of assets: what is taken of each is
 * decided by `available`; it is pinned, also where there is no choice: what is an asset today may be a family tomorrow. The
 * identity is the request, so that a repeat meets the first split.
 * Throws `unknown_asset`.
 */
export function spendJournal(
  { version, economy }: PublishedEconomy,
  request: SpendRequest,
  cause: JournalCause,
  available: ReadonlyMap<string, bigint> = new Map(),
): NewJournal {
  const { parts } = splitSpend(economy, request.lines, available);
  const lines = request.lines.map(({ asset, amount }) => ({ asset, amount: amount.toString() }));
  const split = parts.map(({ asset, amount }) => ({ asset, amount: amount.toString() }));
  return {
    ...cause,
    key: journalKeys.spend(request.clientId, request.reference),
    kind: 'spend',
    pinned: {
      source: 'api',
      clientId: request.clientId,
      reference: request.reference,
      economyVersion: version,
      lines,
      split,
    },
    identity: { spend: request.playerId, lines },
    valves: ['channel:spends'],
    transfers: parts.map(({ asset, amount }) => ({
      state: 'posted',
      debit: walletOf(request.playerId, asset),
      credit: sinkOf('spend', asset),
      amount,
      code: 'spend',
    })),
    movements: [],
    events: [],
  };
}

function planLines(economy: Economy, lines: GrantRequest['lines']): PlanLine[] {
  return lines.map(({ asset, amount }) => {
    if (!Object.hasOwn(economy.assets, asset))
      throw new LootError('unknown_asset', `The economy has no asset '${asset}'.`);
    return { asset, amount: amount.toString() };
  });
}

type Grant = {
  key: string;
  playerId: string;
  matchId: string | null;
  source: SourceRole;
  code: TransferCode;
  lines: readonly PlanLine[];
  items: readonly MintedItem[];
  pinned: JsonValue;
  identity?: JsonValue;
  cause: JournalCause;
};

function grantJournal({
  key,
  playerId,
  matchId,
  source,
  code,
  lines,
  items,
  pinned,
  identity,
  cause,
}: Grant): NewJournal {
  const transfers = lines.map(({ asset, amount }): NewTransfer => ({
    state: 'posted',
    debit: sourceOf(source, asset),
    credit: walletOf(playerId, asset),
    amount: BigInt(amount),
    code,
  }));
  const movements = items.map(({ itemId, kind, kindVersion }): NewMovement => ({
    code: 'mint',
    itemId,
    kind,
    kindVersion,
    from: systemHolder(source),
    to: playerHolder(playerId),
  }));
  const event = {
    key,
    playerId,
    matchId,
    lines: lines.map(({ asset, amount }) => ({ asset, amount })),
    items: items.map(({ itemId, kind }) => ({ itemId, kind })),
  };
  return {
    ...cause,
    key,
    kind: 'grant',
    pinned,
    ...(identity !== undefined && { identity }),
    valves: ['channel:grants'],
    transfers,
    movements,
    events: [{ type: 'economy.grant.granted.v1', key: playerId, data: event }],
  };
}
