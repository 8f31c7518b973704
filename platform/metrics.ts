import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

/**
 * The catalogue of metrics. Names are contracts with dashboards, alerts and the runbook; labels are bounded, never ids.
 * Seconds and bytes, as Prometheus wants them.
 */
const durationBuckets = [0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10];

export function createMetrics() {
  const registry = new Registry();
  const registers = [registry];
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Counter({ name, help, labelNames, registers });
  const gauge = <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Gauge({ name, help, labelNames, registers });
  const histogram = <L extends string>(
    name: string,
    help: string,
    labelNames: readonly L[] = [],
    buckets = durationBuckets,
  ) => new Histogram({ name, help, labelNames, buckets, registers });
  collectDefaultMetrics({ register: registry });

  return {
    registry,
    httpRequestDuration: histogram('http_request_duration_seconds', 'HTTP requests', [
      'method',
      'route',
      'status',
    ]),
    websocketConnections: gauge('websocket_connections', 'Open sockets', ['kind']),
    websocketFrames: counter('websocket_frames_total', 'Socket frames', ['direction']),
    websocketCloses: counter('websocket_closes_total', 'Closed sockets', ['code']),
    matchActive: gauge('match_active', 'Matches this host runs', ['mode']),
    matchTicks: counter('match_ticks_total', 'Ticks resolved', ['mode']),
    matchTickDelay: histogram('match_tick_delay_seconds', 'Tick due to broadcast', ['mode']),
    matchCommitDuration: histogram('match_commit_duration_seconds', 'Tick log commits', ['mode']),
    matchRecoveries: counter('match_recoveries_total', 'Matches taken over from another host', ['mode']),
    stampsSpent: counter('stamps_spent_total', 'Stamps spent on sealed actions'),
    stampsVoided: counter('stamps_voided_total', 'Stamps given back'),
    idempotencyHits: counter('idempotency_hits_total', 'Repeats recognised', ['layer']),
    ledgerJournals: counter('ledger_journals_total', 'Journals posted or refused', ['kind', 'result']),
    ledgerPostDuration: histogram('ledger_post_duration_seconds', 'Posting one batch'),
    ledgerBatchSize: histogram(
      'ledger_batch_size',
      'Journals per batch',
      [],
      [1, 2, 4, 8, 16, 32, 64, 128, 256],
    ),
    ledgerQueueDepth: gauge('ledger_queue_depth', 'Journals waiting for a batch'),
    ledgerFindings: gauge('ledger_findings', 'Open findings', ['rule']),
    ledgerLastAudit: gauge('ledger_last_audit_timestamp_seconds', 'End of the last audit'),
    valvesClosed: gauge('valves_closed', 'Closed valves', ['scope']),
    sagaDuration: histogram(
      'saga_duration_seconds',
      'Sagas from start to end',
      ['saga', 'outcome'],
      [0.01, 0.05, 0.1, 0.5, 1, 2, 5, 10, 60, 600, 3600, 86400],
    ),
    sagaStuck: gauge('saga_stuck', 'Sagas that need an operator', ['saga']),
    eventsPublished: counter('events_published_total', 'Events acknowledged by Kafka', ['topic', 'type']),
    eventsConsumed: counter('events_consumed_total', 'Events a group is done with', [
      'topic',
      'group',
      'status',
    ]),
    eventPublishDuration: histogram(
      'event_publish_duration_seconds',
      'Outbox row written to acknowledged by Kafka',
      ['topic'],
    ),
    eventProcessingDuration: histogram('event_processing_duration_seconds', 'Handling one event', [
      'topic',
      'group',
    ]),
    consumerLag: gauge('consumer_lag', 'Events not yet handled', ['topic', 'group']),
    consumerLagSeconds: gauge('consumer_lag_seconds', 'Age of the oldest event not yet handled', [
      'topic',
      'group',
    ]),
    outboxRows: gauge('outbox_rows', 'Events waiting for Kafka'),
    outboxOldest: gauge('outbox_oldest_seconds', 'Age of the oldest event waiting for Kafka'),
    deadLetters: counter('dead_letters_total', 'Events given up on', ['topic', 'group']),
    deadLettersWaiting: gauge('dead_letters_waiting', 'Dead letters not yet resolved', ['topic', 'group']),
    parkedKeys: gauge('parked_keys', 'Keys whose events wait behind a dead letter', ['topic', 'group']),
    retries: counter('retries_total', 'Handler attempts after the first', ['topic', 'group']),
    inboxDuplicates: counter('inbox_duplicates_total', 'Events delivered again and dropped', [
      'topic',
      'group',
    ]),
    circuitBreakerState: gauge('circuit_breaker_state', '0 closed, 1 half-open, 2 open', ['target']),
    dbQueryDuration: histogram('db_query_duration_seconds', 'Database calls', ['verb']),
    dbPoolWaiting: gauge('db_pool_waiting', 'Callers waiting for a connection'),
  };
}

export type Metrics = ReturnType<typeof createMetrics>;
