import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

/**
 * The catalogue of metrics. Names are contracts with dashboards, alerts and the runbook; labels are bounded, never ids.
 * Seconds and bytes, as Prometheus wants them.
 */
const durationBuckets = [0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10];

function makers(registry: Registry) {
  const registers = [registry];
  return {
    counter: <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
      new Counter({ name, help, labelNames, registers }),
    gauge: <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
      new Gauge({ name, help, labelNames, registers }),
    histogram: <L extends string>(
      name: string,
      help: string,
      labelNames: readonly L[] = [],
      buckets = durationBuckets,
    ) => new Histogram({ name, help, labelNames, buckets, registers }),
  };
}

type Makers = ReturnType<typeof makers>;

const doors = (make: Makers) => ({
  httpRequestDuration: make.histogram('http_request_duration_seconds', 'HTTP requests', [
    'method',
    'route',
    'status',
  ]),
  websocketConnections: make.gauge('websocket_connections', 'Open sockets', ['kind']),
  streamReaders: make.gauge('stream_readers', 'Readers of a named stream', ['stream']),
  streamDrops: make.counter('stream_drops_total', 'Readers of a stream that were let go', [
    'stream',
    'reason',
  ]),
  websocketFrames: make.counter('websocket_frames_total', 'Socket frames', ['direction']),
  websocketCloses: make.counter('websocket_closes_total', 'Closed sockets', ['code']),
  idempotencyHits: make.counter('idempotency_hits_total', 'Repeats recognised', ['layer']),
});

const matches = (make: Makers) => ({
  matchActive: make.gauge('match_active', 'Matches this host runs', ['mode']),
  matchTicks: make.counter('match_ticks_total', 'Ticks resolved', ['mode']),
  matchTickDelay: make.histogram('match_tick_delay_seconds', 'Tick due to broadcast', ['mode']),
  matchCommitDuration: make.histogram('match_commit_duration_seconds', 'Tick log commits', ['mode']),
  matchRecoveries: make.counter('match_recoveries_total', 'Matches taken over from another host', ['mode']),
  stampsSpent: make.counter('stamps_spent_total', 'Stamps spent on sealed actions'),
  stampsVoided: make.counter('stamps_voided_total', 'Stamps given back'),
});

const ledger = (make: Makers) => ({
  ledgerJournals: make.counter('ledger_journals_total', 'Journals posted or refused', ['kind', 'result']),
  ledgerPostDuration: make.histogram('ledger_post_duration_seconds', 'Posting one batch'),
  ledgerBatchSize: make.histogram(
    'ledger_batch_size',
    'Journals per batch',
    [],
    [1, 2, 4, 8, 16, 32, 64, 128, 256],
  ),
  ledgerQueueDepth: make.gauge('ledger_queue_depth', 'Journals waiting for a batch'),
  ledgerFindings: make.gauge('ledger_findings', 'Open findings', ['rule']),
  ledgerFindingDetection: make.histogram(
    'ledger_finding_detection_seconds',
    'From when something became wrong until the auditor saw it',
    ['rule'],
    [1, 5, 15, 60, 300, 900, 3600, 21600, 86400, 604800],
  ),
  ledgerLastAudit: make.gauge('ledger_last_audit_timestamp_seconds', 'End of the last audit'),
  valvesClosed: make.gauge('valves_closed', 'Closed valves', ['scope']),
});

const sagas = (make: Makers) => ({
  sagaDuration: make.histogram(
    'saga_duration_seconds',
    'Sagas from start to end',
    ['saga', 'outcome'],
    [0.01, 0.05, 0.1, 0.5, 1, 2, 5, 10, 60, 600, 3600, 86400],
  ),
  sagaStuck: make.gauge('saga_stuck', 'Sagas that need an operator', ['saga']),
});

const events = (make: Makers) => ({
  eventsPublished: make.counter('events_published_total', 'Events acknowledged by Kafka', ['topic', 'type']),
  eventsConsumed: make.counter('events_consumed_total', 'Events a group is done with', [
    'topic',
    'group',
    'status',
  ]),
  eventPublishDuration: make.histogram(
    'event_publish_duration_seconds',
    'Outbox row written to acknowledged by Kafka',
    ['topic'],
  ),
  eventProcessingDuration: make.histogram(
    'event_processing_duration_seconds',
    'Handling one event, or many together',
    ['topic', 'group'],
  ),
  consumerLag: make.gauge('consumer_lag', 'Events not yet handled', ['topic', 'group']),
  consumerLagSeconds: make.gauge('consumer_lag_seconds', 'Age of the oldest event not yet handled', [
    'topic',
    'group',
  ]),
  outboxRows: make.gauge('outbox_rows', 'Events waiting for Kafka'),
  outboxRefused: make.gauge(
    'outbox_refused',
    'Events Kafka does not take; their aggregates wait behind them',
  ),
  outboxOldest: make.gauge('outbox_oldest_seconds', 'Age of the oldest event waiting for Kafka'),
  deadLetters: make.counter('dead_letters_total', 'Events given up on', ['topic', 'group']),
  deadLettersWaiting: make.gauge('dead_letters_waiting', 'Dead letters not yet resolved', ['topic', 'group']),
  parkedKeys: make.gauge('parked_keys', 'Keys whose events wait behind a dead letter', ['topic', 'group']),
  parkedKeyOldest: make.gauge('parked_key_oldest_seconds', 'How long the longest parked key has been', [
    'topic',
    'group',
  ]),
  retries: make.counter('retries_total', 'Handler attempts after the first', ['topic', 'group']),
  replayEvents: make.counter('replay_events_total', 'Events replayed', ['target', 'outcome']),
  inboxDuplicates: make.counter('inbox_duplicates_total', 'Events delivered again and dropped', [
    'topic',
    'group',
  ]),
});

const subscriptions = (make: Makers) => ({
  webhookDeliveries: make.counter('webhook_deliveries_total', 'Attempts to deliver to subscribers', [
    'method',
    'outcome',
  ]),
  webhookDuration: make.histogram('webhook_duration_seconds', 'One attempt, from connection to reply', [
    'method',
  ]),
  subscriptionsDisabled: make.gauge('subscriptions_disabled', 'Subscriptions that failed too often'),
});

const dependencies = (make: Makers) => ({
  dependencyUp: make.gauge('dependency_up', '1 if a server that this process needs answers', ['target']),
  circuitBreakerState: make.gauge('circuit_breaker_state', '0 closed, 1 half-open, 2 open', ['target']),
  dbQueryDuration: make.histogram('db_query_duration_seconds', 'Database calls', ['verb']),
  dbPoolWaiting: make.gauge('db_pool_waiting', 'Callers waiting for a connection'),
});

export function createMetrics() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const make = makers(registry);
  return {
    registry,
    ...doors(make),
    ...matches(make),
    ...ledger(make),
    ...sagas(make),
    ...events(make),
    ...subscriptions(make),
    ...dependencies(make),
  };
}

export type Metrics = ReturnType<typeof createMetrics>;
