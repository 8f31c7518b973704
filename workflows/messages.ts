import { SearchAttributeType, TypedSearchAttributes, defineSearchAttributeKey } from '@temporalio/common';
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { ErrorCode } from '../domain/errors.ts';

/**
 * What the outside may say to a story and what it hears back: ids, task queues, inputs, signals, updates, queries.
 * The only workflow file others import as a value. Everything here crosses Temporal as JSON: amounts are decimal strings.
 */
export const taskQueues = {
  economy: 'economy',
  match: 'match',
  matchHost: 'match-host',
  matchHostOf: (hostId: string) => `match-host-${hostId}`,
  events: 'events',
  webhooks: 'webhooks',
} as const;

export const workflowIds = {
  match: (matchId: string) => `match-${matchId}`,
  rewardGrant: (matchId: string) => `reward-${matchId}`,
  trade: (tradeId: string) => `trade-${tradeId}`,
  redrive: (redriveId: string) => `redrive-${redriveId}`,
  eventReplay: (replayId: string) => `replay-${replayId}`,
  audit: (auditId: string) => `audit-${auditId}`,
  importWallets: (importId: string) => `import-${importId}`,
  clawback: (clawbackId: string) => `clawback-${clawbackId}`,
  webhookDelivery: (subscriptionId: string) => `webhook-${subscriptionId}`,
} as const;

export type SagaStatus = 'running' | 'waiting' | 'compensating' | 'stuck' | 'completed' | 'failed';

/** The attributes by which runs are found in the Web UI; registered when the stack starts. */
export const searchKeys = {
  playerId: defineSearchAttributeKey('PlayerId', SearchAttributeType.KEYWORD_LIST),
  matchId: defineSearchAttributeKey('MatchId', SearchAttributeType.KEYWORD),
  tradeId: defineSearchAttributeKey('TradeId', SearchAttributeType.KEYWORD),
  itemId: defineSearchAttributeKey('ItemId', SearchAttributeType.KEYWORD),
  sagaStatus: defineSearchAttributeKey('SagaStatus', SearchAttributeType.KEYWORD),
  stuck: defineSearchAttributeKey('Stuck', SearchAttributeType.BOOL),
};

// ---------------------------------------------------------------- match

export type MatchInput = {
  matchId: string;
  mode: string;
  region: string;
  lobbyMs: number;
  connectMs: number;
  matchLimitMs: number;
};
export type JoinInput = { playerId: string };
/** A refusal is a value: the API reserves another seat. */
export type JoinReply =
  | { joined: true; seat: number; playerCount: number }
  | { joined: false; code: 'lobby_full' | 'lobby_closed' };
export const join = defineUpdate<JoinReply, [JoinInput]>('join');
export const leaveLobby = defineUpdate<{ left: boolean }, [JoinInput]>('leaveLobby');
/**
 * How `match` is started (by update-with-start `join`); the caller adds the deployment's task queue. A lobby that is over
 * is never opened again under its id.
 */
export const matchStart = (input: MatchInput, playerId: string) => ({
  workflowId: workflowIds.match(input.matchId),
  args: [input] as [MatchInput],
  workflowIdReusePolicy: 'REJECT_DUPLICATE' as const,
  workflowIdConflictPolicy: 'USE_EXISTING' as const,
  staticSummary: `Match: ${input.mode}, ${input.region}`,
  typedSearchAttributes: new TypedSearchAttributes([
    { key: searchKeys.matchId, value: input.matchId },
    { key: searchKeys.playerId, value: [playerId] },
    { key: searchKeys.sagaStatus, value: 'waiting' },
  ]),
});
export type MatchResult = { status: 'finished' | 'cancelled' | 'voided'; reason?: string };

// ---------------------------------------------------------------- rewardGrant

export type RewardGrantInput = { matchId: string };
/** Nudges: what they announce is already a row. */
export const matchFinished = defineSignal('matchFinished');
export const verdictRecorded = defineSignal('verdict');
export type RewardLineResult = { playerId: string; result: string; journalKey: string };

/**
 * How `rewardGrant` is started (by signal-with-start); the caller adds the deployment's task queue. A failed run may be
 * replaced, a finished one not: refusing duplicates altogether would burn the reward of a failed run.
 */
export const rewardGrantStart = (grant: { matchId: string; playerIds: readonly string[] }) => ({
  workflowId: workflowIds.rewardGrant(grant.matchId),
  args: [{ matchId: grant.matchId }] as [RewardGrantInput],
  workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY' as const,
  workflowIdConflictPolicy: 'USE_EXISTING' as const,
  staticSummary: `Rewards of match ${grant.matchId}`,
  typedSearchAttributes: new TypedSearchAttributes([
    { key: searchKeys.matchId, value: grant.matchId },
    { key: searchKeys.playerId, value: [...grant.playerIds] },
    { key: searchKeys.sagaStatus, value: 'running' },
  ]),
});
export type RewardGrantResult = { status: 'paid' | 'withheld'; lines: RewardLineResult[] };

// ---------------------------------------------------------------- trade

export type TradeInput = { tradeId: string; reviewLimitMs: number };
/** Answered when the story is over or has to wait. */
export type TradeReply =
  | { status: 'completed' }
  | { status: 'failed'; code: ErrorCode; detail: string }
  | { status: 'in_review' | 'stalled' };
export const begin = defineUpdate<TradeReply, []>('begin');
export const cancelTrade = defineUpdate<{ cancelled: boolean; code?: ErrorCode }, []>('cancel');
export const retryUndo = defineSignal('retryUndo');

/** How `trade` is started (by update-with-start `begin`); the caller adds the deployment's task queue. */
export const tradeStart = (
  trade: {
    tradeId: string;
    buyerId: string;
    sellerId: string;
    itemId: string;
    kind: string;
    asset: string;
    price: string;
  },
  reviewLimitMs: number,
) => ({
  workflowId: workflowIds.trade(trade.tradeId),
  args: [{ tradeId: trade.tradeId, reviewLimitMs }] as [TradeInput],
  workflowIdReusePolicy: 'REJECT_DUPLICATE' as const,
  workflowIdConflictPolicy: 'USE_EXISTING' as const,
  staticSummary: `Trade: ${trade.kind}, ${trade.price} ${trade.asset}`,
  staticDetails: `Buyer \`${trade.buyerId}\` · seller \`${trade.sellerId}\` · item \`${trade.itemId}\``,
  typedSearchAttributes: new TypedSearchAttributes([
    { key: searchKeys.tradeId, value: trade.tradeId },
    { key: searchKeys.itemId, value: trade.itemId },
    { key: searchKeys.playerId, value: [trade.buyerId, trade.sellerId] },
    { key: searchKeys.sagaStatus, value: 'running' },
  ]),
});
export type TradeResult = { status: 'completed' } | { status: 'failed'; code: ErrorCode; detail: string };

// ---------------------------------------------------------------- redrive

/** Besides the id: what a run that has grown long hands over to the next. */
export type RedriveInput = { redriveId: string; told?: string[] };
/** A nudge: the decision is already a row. */
export const redriveDecided = defineSignal('redriveDecided');
export type RedriveResult = {
  status: 'completed' | 'cancelled';
  handledCount: number;
  keptCount: number;
  releasedCount: number;
};

/**
 * How `redrive` is started (by signal-with-start, also by whoever decides); the caller adds the deployment's task queue. The
 * row says what is left, so a run that was ended from outside is followed by another.
 */
export const redriveStart = (redriveId: string, letterCount: number) => ({
  workflowId: workflowIds.redrive(redriveId),
  args: [{ redriveId }] as [RedriveInput],
  workflowIdReusePolicy: 'ALLOW_DUPLICATE' as const,
  workflowIdConflictPolicy: 'USE_EXISTING' as const,
  staticSummary: `Redrive of ${letterCount} dead letters`,
  typedSearchAttributes: new TypedSearchAttributes([{ key: searchKeys.sagaStatus, value: 'running' }]),
});

// ---------------------------------------------------------------- eventReplay

export type EventReplayInput = { replayId: string };
/** A nudge: the pause, resumption or cancellation is already a row. */
export const replayDecided = defineSignal('replayDecided');
export type EventReplayResult = {
  state: string;
  matchedCount: number;
  handledCount: number;
  failedCount: number;
  duplicateCount: number;
};

/** How `eventReplay` is started (by signal-with-start, also by whoever decides); the caller adds the deployment's task queue. */
export const eventReplayStart = (replay: { replayId: string; topic: string; target: string }) => ({
  workflowId: workflowIds.eventReplay(replay.replayId),
  args: [{ replayId: replay.replayId }] as [EventReplayInput],
  workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY' as const,
  workflowIdConflictPolicy: 'USE_EXISTING' as const,
  staticSummary: `Event replay: ${replay.topic} to ${replay.target}`,
  typedSearchAttributes: new TypedSearchAttributes([{ key: searchKeys.sagaStatus, value: 'running' }]),
});

// ---------------------------------------------------------------- webhookDelivery

export type WebhookDeliveryInput = {
  subscriptionId: string;
  /** Of the runs before this one. */
  deliveredCount?: number;
};
/** Nudges: what they announce is a row. The first is of no use to a story that waits before it tries again. */
export const eventsQueued = defineSignal('eventsQueued');
export const subscriptionChanged = defineSignal('subscriptionChanged');
export type WebhookDeliveryResult = {
  status: 'idle' | 'paused' | 'disabled' | 'gone';
  deliveredCount: number;
};

/**
 * How `webhookDelivery` is started (by signal-with-start, by whoever queues or changes something); the caller adds the
 * deployment's task queue. It ends when there is nothing to do, and is started again.
 */
export const webhookDeliveryStart = (subscriptionId: string) => ({
  workflowId: workflowIds.webhookDelivery(subscriptionId),
  args: [{ subscriptionId }] as [WebhookDeliveryInput],
  workflowIdReusePolicy: 'ALLOW_DUPLICATE' as const,
  workflowIdConflictPolicy: 'USE_EXISTING' as const,
  staticSummary: `Deliveries to subscription ${subscriptionId}`,
  typedSearchAttributes: new TypedSearchAttributes([{ key: searchKeys.sagaStatus, value: 'running' }]),
});

// ---------------------------------------------------------------- clawback

export type ClawbackInput = {
  clawbackId: string;
  /** Where a run that continues another goes on. */
  resume?: { after: string; waitingCount: number; refusedCount: number; reasons: string[] };
};
/** A nudge: the approval or the cancellation is already a row. */
export const clawbackDecided = defineSignal('clawbackDecided');
export type ClawbackStoryResult = {
  status: 'completed' | 'cancelled' | 'expired';
  reversedCount: number;
};

/** How `clawback` is started (by signal-with-start, also by whoever decides); the caller adds the deployment's task queue. */
export const clawbackStart = (clawbackId: string) => ({
  workflowId: workflowIds.clawback(clawbackId),
  args: [{ clawbackId }] as [ClawbackInput],
  workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY' as const,
  workflowIdConflictPolicy: 'USE_EXISTING' as const,
  staticSummary: `Clawback ${clawbackId}`,
  typedSearchAttributes: new TypedSearchAttributes([{ key: searchKeys.sagaStatus, value: 'running' }]),
});

// ---------------------------------------------------------------- importWallets

/** Besides the id: where a run that has grown long hands over to the next. */
export type ImportInput = {
  importId: string;
  afterLine?: number;
  waitCount?: number;
  waitsFor?: string | null;
};
export type ImportProgress = { lineCount: number; postedCount: number; refusedCount: number };
export const importProgress = defineQuery<ImportProgress>('importProgress');

/**
 * How `importWallets` is started; the caller adds the deployment's task queue. Only an import whose row says that lines are
 * to be posted is started, so a run that ended while the row says otherwise, as after a restore, is followed by another.
 */
export const importStart = ({ importId, batch }: { importId: string; batch: string }) => ({
  workflowId: workflowIds.importWallets(importId),
  args: [{ importId }] as [ImportInput],
  workflowIdReusePolicy: 'ALLOW_DUPLICATE' as const,
  workflowIdConflictPolicy: 'USE_EXISTING' as const,
  staticSummary: `Import ${batch}`,
  typedSearchAttributes: new TypedSearchAttributes([{ key: searchKeys.sagaStatus, value: 'running' }]),
});
export type ImportResult = { postedCount: number; refusedCount: number };

// ---------------------------------------------------------------- audit

export type AuditInput = { mode: 'incremental' | 'full'; actor: string };
export type AuditResult = { ruleCount: number; violationCount: number };

/** What `workflowIds.audit` was made of; of a scheduled run the time is part of it. */
export const auditIdOf = (workflowId: string): string => workflowId.replace(/^audit-/, '');

/** How `audit` is started on demand; the schedule starts the others. The caller adds the deployment's task queue. */
export const auditStart = (auditId: string, input: AuditInput) => ({
  workflowId: workflowIds.audit(auditId),
  args: [input] as [AuditInput],
  workflowIdReusePolicy: 'REJECT_DUPLICATE' as const,
  workflowIdConflictPolicy: 'USE_EXISTING' as const,
  staticSummary: `Audit, ${input.mode}`,
  typedSearchAttributes: new TypedSearchAttributes([{ key: searchKeys.sagaStatus, value: 'running' }]),
});
