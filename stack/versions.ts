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

export const FIXED_PORTS = { postgres: 5432, kafka: 9092, temporal: 7233, temporalUi: 8233 } as const;

export const DATABASE = { user: 'lootledger', password: 'lootledger', name: 'lootledger' } as const;

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
