import type { Broker } from '../events/kafka/broker.ts';
import { createCodec } from '../events/codec/codec.ts';
import type { Codec } from '../events/codec/codec.ts';
import { createEncryption, sealingBroker } from '../events/codec/encryption.ts';
import type { Encryption } from '../events/codec/encryption.ts';
import { sourceOfDeployment } from '../events/codec/envelope.ts';
import { createBroker } from '../events/kafkajs/broker.ts';
import type { EventOrigin } from '../events/relay/outgoing.ts';
import { openRegistry } from '../events/codec/registry.ts';
import type { Config } from '../platform/config.ts';
import { kafkaAddress } from '../platform/kafka-address.ts';
import type { Log } from '../platform/log.ts';
import { ensureDeployment } from '../store/deployment.ts';
import type { ProcessParts } from './run-process.ts';

/** What every part that speaks with Kafka needs; shared by the roles of one process. */
export type EventParts = { broker: Broker; codec: Codec; origin: EventOrigin };

export const brokerFrom = (config: Config, log: Log, clientId: string): Broker =>
  sealingBroker(createBroker({ ...kafkaAddress(config), clientId, log }), encryptionFrom(config));

const encryptionFrom = (config: Config): Encryption =>
  createEncryption({ keys: config.EVENT_ENCRYPTION_KEYS, topics: config.EVENT_ENCRYPTED_TOPICS });

/** Registers this build's schemas: one that cannot read what is stored ends the start here. */
export async function openEvents(
  { config, db }: Pick<ProcessParts, 'config' | 'db'>,
  broker: Broker,
): Promise<EventParts> {
  const { name, ledgerEpoch } = await ensureDeployment(db, config.LOOTLEDGER_ENVIRONMENT);
  const codec = createCodec(await openRegistry(db), { encryption: encryptionFrom(config) });
  return { broker, codec, origin: { source: sourceOfDeployment(name), ledgerEpoch } };
}
