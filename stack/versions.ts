/** Every pinned version, image, port and credential of the servers. `docker-compose.yml` is tested against this file. */

export const VERSIONS = {
  postgres: '18.4',
  kafka: '4.1.1',
  temporalCli: '1.8.2',
  temporalServer: '1.31.2',
  temporalUi: '2.50.1',
  testServer: '1.38.0',
} as const;

export const IMAGES = {
  postgres: `postgres:${VERSIONS.postgres}`,
  kafka: `apache/kafka:${VERSIONS.kafka}`,
  'temporal-schema': `temporalio/admin-tools:${VERSIONS.temporalServer}`,
  temporal: `temporalio/server:${VERSIONS.temporalServer}`,
  'temporal-namespace': `temporalio/admin-tools:${VERSIONS.temporalServer}`,
  'temporal-ui': `temporalio/ui:${VERSIONS.temporalUi}`,
} as const;

/** Ports on this machine; each can be moved in Docker by the variable of the same place in `COMPOSE_PORT_VARIABLES`. */
export const FIXED_PORTS = { postgres: 5432, kafka: 9092, temporal: 7233, temporalUi: 8233 } as const;

export const COMPOSE_PORT_VARIABLES = {
  postgres: 'POSTGRES_PORT',
  kafka: 'KAFKA_PORT',
  temporal: 'TEMPORAL_PORT',
  temporalUi: 'TEMPORAL_UI_PORT',
} as const;

export const DATABASE = { user: 'lootledger', password: 'lootledger', name: 'lootledger' } as const;

export const POSTGRES_SETTINGS = { max_connections: '200', shared_buffers: '256MB' } as const;

/** What a broker on a laptop needs, wherever it runs. */
export const KAFKA_SETTINGS = {
  // A topic that nobody declared is a spelling mistake.
  'auto.create.topics.enable': false,
  // The default lets every first join of a group wait 3 s for company.
  'group.initial.rebalance.delay.ms': 0,
  'offsets.topic.num.partitions': 1,
  'offsets.topic.replication.factor': 1,
  // 90 days, the longest that a topic keeps: a group that pauses for so long still knows where it was
  'offsets.retention.minutes': 129_600,
  'transaction.state.log.num.partitions': 1,
  'transaction.state.log.replication.factor': 1,
  'transaction.state.log.min.isr': 1,
  'share.coordinator.state.topic.replication.factor': 1,
  'share.coordinator.state.topic.min.isr': 1,
  // A broker that was killed is not let back in before its old session ends; the default is 9 s.
  'broker.session.timeout.ms': 4_000,
  'broker.heartbeat.interval.ms': 1_000,
  // The default takes 128 MB of heap.
  'log.cleaner.dedupe.buffer.size': 4_194_304,
  'num.network.threads': 2,
  'num.io.threads': 2,
} as const;

export const KAFKA_HEAP = '256m';

export const NAMESPACE = 'default';

/** Names and types as registered in the namespace; workflows write them through typed keys. */
export const SEARCH_ATTRIBUTES = {
  PlayerId: 'KeywordList',
  MatchId: 'Keyword',
  TradeId: 'Keyword',
  ItemId: 'Keyword',
  SagaStatus: 'Keyword',
  Stuck: 'Bool',
} as const;
