import { ensureTopics } from '../events/kafka/admin.ts';
import { createBroker } from '../events/kafkajs/broker.ts';
import { allTopics } from '../events/catalogue/topics.ts';
import { loadConfig } from '../platform/config.ts';
import { kafkaAddress } from '../platform/kafka-address.ts';
import { createLog } from '../platform/log.ts';

/** `npm run topics`: creates the topics of the catalogue that do not exist, and lists all of them. */
const config = loadConfig();
const broker = createBroker({
  ...kafkaAddress(config),
  clientId: 'lootledger-topics',
  log: createLog('topics', 'error'),
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
