import type { JsonValue } from './canonical-json.ts';
import type { BlockHeader } from './ledger/merkle.ts';
import type { Outcome, PlanLine, RewardPlan } from './rewards/types.ts';

/**
 * Every event type and its data: `{domain}.{entity}.{action}.v{n}`. Amounts are decimal strings, times ISO 8601 UTC; no
 * personal data. The topic is the type's first two words; the key is the aggregate's id (see `events/catalogue/topics.ts`).
 */
export type EventData = {
  'game.match.opened.v1': { matchId: string; mode: string; region: string };
  'game.match.started.v1': {
    matchId: string;
    players: { playerId: string; seat: number }[];
    seedHash: string;
    economyVersion: number;
  };
  'game.match.hosted.v1': {
    matchId: string;
    hostId: string;
    url: string;
    fence: number;
    playerIds: string[];
  };
  'game.match.finished.v1': {
    matchId: string;
    mode: string;
    clientId: string | null;
    seed: string;
    endTick: number | null;
    players: { playerId: string; outcome: Outcome; placement: number; score: number }[];
    plans: RewardPlan[];
    reviewRequired: boolean;
  };
  'game.match.cancelled.v1': { matchId: string; reason: string; playerIds: string[] };
  'game.match.voided.v1': { matchId: string; reason: string; playerIds: string[] };
  'game.player.registered.v1': { playerId: string };
  /** Whoever knows more of the player than this id forgets it. */
  'game.player.erased.v1': { playerId: string };
  'game.player.joined.v1': { playerId: string; matchId: string };
  'game.player.left.v1': { playerId: string; matchId: string };
  'game.player.eliminated.v1': { playerId: string; matchId: string; tick: number; byPlayerId: string | null };
  'game.player.action-sealed.v1': {
    playerId: string;
    matchId: string;
    actionKey: string;
    tick: number;
    action: string;
    outcome: string;
  };
  'ledger.journal.posted.v1': { journalId: string; key: string; kind: string };
  /** The header that `domain/ledger/merkle.ts` hashes, and its hash: kept outside, it makes tampering evident. */
  'ledger.block.sealed.v1': BlockHeader & { hash: string };
  'ledger.finding.opened.v1': { rule: string; subject: string; detail: JsonValue };
  'ledger.finding.closed.v1': { rule: string; subject: string; closedBy: string; reason: string };
  'economy.valve.closed.v1': ValveData;
  'economy.valve.opened.v1': ValveData;
  'economy.grant.granted.v1': {
    key: string;
    playerId: string;
    matchId: string | null;
    lines: PlanLine[];
    items: { itemId: string; kind: string }[];
  };
  'economy.grant.withheld.v1': { matchId: string; playerId: string; reason: string };
  'economy.grant.reversed.v1': {
    clawbackId: string;
    key: string;
    grantKey: string;
    playerId: string;
    lines: { asset: string; taken: string; debt: string }[];
    items: { itemId: string; kind: string; outcome: 'taken' | 'left' | 'unrecoverable' }[];
  };
  'economy.mailbox.arrived.v1': MailboxData;
  'economy.mailbox.expired.v1': MailboxData;
  'economy.version.applied.v1': { version: number; hash: string; appliedBy: string };
  'market.listing.placed.v1': ListingData;
  'market.listing.cancelled.v1': ListingData;
  'market.listing.expired.v1': ListingData;
  'market.listing.sold.v1': ListingData;
  'market.trade.started.v1': TradeData;
  'market.trade.completed.v1': TradeData & { fee: string };
  'market.trade.failed.v1': TradeData & { reason: string };
  'leaderboard.score.changed.v1': { leaderboard: string; playerId: string; score: string };
  'notifications.player.notified.v1': {
    notificationId: string;
    playerId: string;
    type: string;
    data: JsonValue;
  };
  'game.result.reported.v1': {
    reference: string;
    externalMatchId: string;
    mode: string;
    players: {
      player: { issuer: string; subject: string };
      outcome: Outcome;
      placement: number | null;
      score: number | null;
      resources: string;
    }[];
  };
  'trust.verdict.cleared.v1': VerdictData;
  'trust.verdict.rejected.v1': VerdictData;
  'audit.trail.recorded.v1': { actor: string; action: string; target: string; detail: JsonValue };
  /** What a game server saw a player do; when is the event's own time, which server told it is its source. */
  'analytics.event.game-action.v1': {
    playerId: string;
    session: string;
    action: string;
    mode: string | null;
    map: string | null;
    position: { x: number; y: number; z: number | null } | null;
    server: string | null;
    region: string | null;
    version: string | null;
    data: JsonValue;
  };
  'system.service.started.v1': { service: string; instance: string };
  'system.service.stopped.v1': { service: string; instance: string };
};

type MailboxData = {
  entryId: string;
  playerId: string;
  asset: string;
  amount: string;
  source: string;
  cause: string;
};
type ListingData = {
  listingId: string;
  sellerId: string;
  itemId: string;
  kind: string;
  asset: string;
  price: string;
};
type TradeData = {
  tradeId: string;
  listingId: string;
  buyerId: string;
  sellerId: string;
  itemId: string;
  kind: string;
  asset: string;
  price: string;
};
type ValveData = { scope: string; id: string; reason: string; actor: string };
type VerdictData = { subject: `match:${string}` | `trade:${string}`; reason: string };

export type EventType = keyof EventData;

/** An event about to be appended to the outbox. `key` is the aggregate's id: same key, same partition, in order. */
export type NewEvent<T extends EventType = EventType> = {
  [K in T]: { type: K; key: string; subject?: string; data: EventData[K] };
}[T];

/** Where an event comes from, for the reader who follows a trace; taken from the request or the message at hand. */
export type EventContext = {
  correlationId?: string;
  causationId?: string;
  traceparent?: string;
  tracestate?: string;
};

/** `game.match.finished.v1` belongs to topic `game.match`. */
export const topicOf = (type: string): string => type.split('.').slice(0, 2).join('.');

/** A journal is an aggregate of one event: it needs no `ce_sequence`, and the ledger's hot path no counter. */
export const isSequenced = (topic: string): boolean => topic !== 'ledger.journal';
