import type { EventData, EventType } from '../../domain/events.ts';
import type {
  Outcome,
  PlanDraw,
  PlanInput,
  PlanItem,
  PlanLine,
  PrizePlace,
  RewardPlan,
} from '../../domain/rewards/types.ts';
import {
  amount,
  choice,
  flag,
  json,
  list,
  nullable,
  optional,
  real,
  record,
  text,
  textLike,
  whole,
  wide,
} from './avro.ts';
import type { Avro } from './avro.ts';

/**
 * What each event looks like in Kafka. `npm run generate` writes one `.avsc` file per type from here; those files are
 * what is registered and reviewed. A change must stay readable for every earlier version: add fields that may be null,
 * drop fields, and nothing else; anything more is a new type with the next version number.
 */
const outcome: Avro<Outcome> = choice('Outcome', 'winner', 'survivor', 'eliminated');
const planLine = record<PlanLine>('PlanLine', { asset: text, amount });
const planItem = record<PlanItem>('PlanItem', {
  itemId: text,
  kind: text,
  kindVersion: whole,
  table: text,
  tableVersion: whole,
  tableHash: text,
  label: text,
  roll: wide,
  bound: wide,
});
const planDraw = record<PlanDraw>('PlanDraw', {
  table: text,
  tableVersion: whole,
  tableHash: text,
  entry: text,
  label: text,
  counter: whole,
  roll: wide,
  bound: wide,
  variant: text,
  gave: optional(flag),
});
const prizePlace = record<PrizePlace>('PrizePlace', {
  mode: text,
  place: whole,
  tiedCount: whole,
  tiedIndex: whole,
  playerCount: whole,
});
const byName: Avro<{ [name: string]: number }> = { schema: { type: 'map', values: 'int' } };
const plan = record<RewardPlan>('Plan', {
  playerId: text,
  outcome,
  economyVersion: whole,
  input: record<PlanInput>('PlanInput', {
    resources: amount,
    streakDays: optional(whole),
    modifiers: optional(byName),
    pity: optional(byName),
    prize: optional(prizePlace),
  }),
  lines: list(planLine),
  items: list(planItem),
  draws: optional(list(planDraw)),
});

type Data<T extends EventType> = EventData[T];
type Fields<T extends EventType> = { [K in keyof Data<T>]-?: Avro<Data<T>[K]> };

const matchEnded: Fields<'game.match.cancelled.v1'> = { matchId: text, reason: text, playerIds: list(text) };
const playerInMatch: Fields<'game.player.joined.v1'> = { playerId: text, matchId: text };
const mailboxLine: Fields<'economy.mailbox.arrived.v1'> = {
  entryId: text,
  playerId: text,
  asset: text,
  amount,
  source: text,
  cause: text,
};
const listing: Fields<'market.listing.placed.v1'> = {
  listingId: text,
  sellerId: text,
  itemId: text,
  kind: text,
  asset: text,
  price: amount,
};
const trade: Fields<'market.trade.started.v1'> = {
  tradeId: text,
  listingId: text,
  buyerId: text,
  sellerId: text,
  itemId: text,
  kind: text,
  asset: text,
  price: amount,
};
const valve: Fields<'economy.valve.closed.v1'> = { scope: text, id: text, reason: text, actor: text };
const verdict: Fields<'trust.verdict.cleared.v1'> = {
  subject: textLike<Data<'trust.verdict.cleared.v1'>['subject']>(),
  reason: text,
};
const service: Fields<'system.service.started.v1'> = { service: text, instance: text };

type ReportedPlayer = Data<'game.result.reported.v1'>['players'][number];
type ReversedGrant = Data<'economy.grant.reversed.v1'>;
type GamePosition = NonNullable<Data<'analytics.event.game-action.v1'>['position']>;
type FinishedPlayer = Data<'game.match.finished.v1'>['players'][number];

export const eventFields: { [T in EventType]: Fields<T> } = {
  'game.match.opened.v1': { matchId: text, mode: text, region: text },
  'game.match.started.v1': {
    matchId: text,
    players: list(record<{ playerId: string; seat: number }>('Seat', { playerId: text, seat: whole })),
    seedHash: text,
    economyVersion: whole,
  },
  'game.match.hosted.v1': { matchId: text, hostId: text, url: text, fence: whole, playerIds: list(text) },
  'game.match.finished.v1': {
    matchId: text,
    mode: text,
    clientId: nullable(text),
    seed: text,
    endTick: nullable(whole),
    players: list(
      record<FinishedPlayer>('FinishedPlayer', { playerId: text, outcome, placement: whole, score: real }),
    ),
    plans: list(plan),
    reviewRequired: flag,
  },
  'game.match.cancelled.v1': matchEnded,
  'game.match.voided.v1': matchEnded,
  'game.player.registered.v1': { playerId: text },
  'game.player.erased.v1': { playerId: text },
  'game.player.joined.v1': playerInMatch,
  'game.player.left.v1': playerInMatch,
  'game.player.eliminated.v1': { playerId: text, matchId: text, tick: whole, byPlayerId: nullable(text) },
  'game.player.action-sealed.v1': {
    playerId: text,
    matchId: text,
    actionKey: text,
    tick: whole,
    action: text,
    outcome: text,
  },
  'ledger.journal.posted.v1': { journalId: text, key: text, kind: text },
  'ledger.block.sealed.v1': {
    deployment: text,
    ledgerEpoch: whole,
    height: text,
    previousHash: text,
    merkleRoot: text,
    firstJournalId: text,
    lastJournalId: text,
    journalCount: whole,
    hash: text,
  },
  'ledger.finding.opened.v1': { rule: text, subject: text, detail: json },
  'ledger.finding.closed.v1': { rule: text, subject: text, closedBy: text, reason: text },
  'economy.valve.closed.v1': valve,
  'economy.valve.opened.v1': valve,
  'economy.grant.granted.v1': {
    key: text,
    playerId: text,
    matchId: nullable(text),
    lines: list(planLine),
    items: list(record<{ itemId: string; kind: string }>('GrantedItem', { itemId: text, kind: text })),
  },
  'economy.grant.withheld.v1': { matchId: text, playerId: text, reason: text },
  'economy.grant.reversed.v1': {
    clawbackId: text,
    key: text,
    grantKey: text,
    playerId: text,
    lines: list(
      record<ReversedGrant['lines'][number]>('ReversedLine', { asset: text, taken: amount, debt: amount }),
    ),
    items: list(
      record<ReversedGrant['items'][number]>('ReversedItem', {
        itemId: text,
        kind: text,
        outcome: choice('ItemOutcome', 'taken', 'left', 'unrecoverable'),
      }),
    ),
  },
  'economy.mailbox.arrived.v1': mailboxLine,
  'economy.mailbox.expired.v1': mailboxLine,
  'economy.version.applied.v1': { version: whole, hash: text, appliedBy: text },
  'market.listing.placed.v1': listing,
  'market.listing.cancelled.v1': listing,
  'market.listing.expired.v1': listing,
  'market.listing.sold.v1': listing,
  'market.trade.started.v1': trade,
  'market.trade.completed.v1': { ...trade, fee: amount },
  'market.trade.failed.v1': { ...trade, reason: text },
  'leaderboard.score.changed.v1': { leaderboard: text, playerId: text, score: amount },
  'notifications.player.notified.v1': { notificationId: text, playerId: text, type: text, data: json },
  'game.result.reported.v1': {
    reference: text,
    externalMatchId: text,
    mode: text,
    players: list(
      record<ReportedPlayer>('ReportedPlayer', {
        player: record<ReportedPlayer['player']>('OutsidePlayer', { issuer: text, subject: text }),
        outcome,
        placement: nullable(whole),
        score: nullable(real),
        resources: amount,
      }),
    ),
  },
  'trust.verdict.cleared.v1': verdict,
  'trust.verdict.rejected.v1': verdict,
  'audit.trail.recorded.v1': { actor: text, action: text, target: text, detail: json },
  'analytics.event.game-action.v1': {
    playerId: text,
    session: text,
    action: text,
    mode: nullable(text),
    map: nullable(text),
    position: nullable(record<GamePosition>('GamePosition', { x: real, y: real, z: nullable(real) })),
    server: nullable(text),
    region: nullable(text),
    version: nullable(text),
    data: json,
  },
  'system.service.started.v1': service,
  'system.service.stopped.v1': service,
};
