import { ensureTopics } from '../events/admin.ts';
import { createBroker } from '../events/kafkajs-broker.ts';
import { allTopics } from '../events/topics.ts';
import { loadConfig } from '../platform/config.ts';
import { createLog } from '../platform/log.ts';

/** `npm run topics`: creates the topics of the catalogue that do not exist, and lists all of them. */
const config = loadConfig();
const broker = createBroker({
  brokers: config.KAFKA_BROKERS,
  clientId: 'lootledger-topics',
  prefix: config.KAFKA_TOPIC_PREFIX,
  log: createLog('topics', 'error'),
  tls: config.KAFKA_TLS,
  ...(config.KAFKA_SASL_USERNAME !== undefined && {
    sasl: { username: config.KAFKA_SASL_USERNAME, password: config.KAFKA_SASL_PASSWORD ?? '' },
  }),
});
try {
  const created = new Set(await ensureTopics(broker, { replicationCount: config.KAFKA_REPLICATION_COUNT }));
  for (const { name, description, owner } of allTopics) {
    console.log(
      `${created.has(name) ? 'created ' : 'existed '} ${config.KAFKA_TOPIC_PREFIX}${name}  (${owner}) ${description}`,
    );
  }
} finally {
  await broker.close();
}
