import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { LootError } from '../../domain/errors.ts';
import { matchesPattern } from '../../domain/event-filter.ts';
import type { Broker, DeliveredRecord, OutgoingMessage, RecordHeaders } from '../kafka/broker.ts';
import { headerText } from './envelope.ts';
import { DeadEvent } from '../consumer/failures.ts';
import { findTopic } from '../catalogue/topics.ts';

/**
 * Values of some topics, sealed with AES-256-GCM: Kafka, its tools and its backups see ciphertext, headers stay readable. The
 * header names the key and holds the nonce. What is sealed is bound to the event's source, id and type, not to its topic, so
 * that copies (dead letters, replays) need not be opened; nobody can put one event's value under another's headers.
 */
export type EncryptionOptions = {
  /** The first seals; all open. */
  keys: readonly EncryptionKey[];
  /** Names, or beginnings that end in `*`. */
  topics: readonly string[];
};
export type EncryptionKey = { id: string; secret: Uint8Array };

export type Encryption = {
  /** The message as Kafka is to have it: itself, where the topic is not encrypted or the value is sealed already. */
  seal(message: OutgoingMessage): OutgoingMessage;
  /** Throws DeadEvent for what was tampered with, and `dependency_unavailable` while a key of ours is missing. */
  open(record: SealedRecord): Buffer | null;
};
export type SealedRecord = Pick<DeliveredRecord, 'value' | 'headers'> & { topic?: string };

export const encryptionHeader = 'lootledger-encryption';
const algorithm = 'aes-256-gcm';
const headerForm = /^A256GCM;([a-z0-9-]{1,40});([A-Za-z0-9+/]{16})$/;
const nonceBytes = 12;
const tagBytes = 16;

/** Throws when topics are to be encrypted and there is no key. */
export function createEncryption({ keys, topics }: EncryptionOptions): Encryption {
  const [sealing] = keys;
  if (topics.length > 0 && sealing === undefined)
    throw new Error('EVENT_ENCRYPTED_TOPICS names topics, and EVENT_ENCRYPTION_KEYS no key.');
  const byId = new Map(keys.map((key) => [key.id, key]));
  const isEncrypted = (topic: string) => topics.some((pattern) => matchesPattern(pattern, topic));
  return {
    seal(message) {
      const { topic, value, headers } = message;
      if (sealing === undefined || value === null || encryptionHeader in headers || !isEncrypted(topic))
        return message;
      return sealWith(sealing, message, value);
    },
    open(record) {
      const described = headerText(record.headers, encryptionHeader);
      if (described === undefined || record.value === null) return record.value;
      const [, keyId, nonce] = headerForm.exec(described) ?? [];
      if (keyId === undefined || nonce === undefined)
        throw new DeadEvent('undecodable', `the header ${encryptionHeader} is not one of ours`);
      const key = byId.get(keyId);
      if (key === undefined) throw withoutKey(keyId, record.topic);
      return openWith(key, Buffer.from(nonce, 'base64'), record.value, record.headers);
    },
  };
}

function sealWith(key: EncryptionKey, message: OutgoingMessage, value: Buffer): OutgoingMessage {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(algorithm, key.secret, nonce, { authTagLength: tagBytes });
  cipher.setAAD(boundTo(message.headers));
  const sealed = Buffer.concat([cipher.update(value), cipher.final(), cipher.getAuthTag()]);
  const described = `A256GCM;${key.id};${nonce.toString('base64')}`;
  return {
    ...message,
    value: sealed,
    headers: { ...message.headers, [encryptionHeader]: Buffer.from(described) },
  };
}

function openWith(key: EncryptionKey, nonce: Buffer, value: Buffer, headers: RecordHeaders): Buffer {
  if (value.length < tagBytes) throw new DeadEvent('undecodable', 'the sealed value is cut short');
  const decipher = createDecipheriv(algorithm, key.secret, nonce, { authTagLength: tagBytes });
  decipher.setAAD(boundTo(headers));
  decipher.setAuthTag(value.subarray(-tagBytes));
  try {
    return Buffer.concat([decipher.update(value.subarray(0, -tagBytes)), decipher.final()]);
  } catch (error) {
    throw new DeadEvent('undecodable', `the value is not what was sealed with key ${key.id}`, {
      cause: error,
    });
  }
}

const boundTo = (headers: RecordHeaders): Buffer =>
  Buffer.from(
    JSON.stringify(['ce_source', 'ce_id', 'ce_type'].map((name) => headerText(headers, name) ?? '')),
  );

/**
 * Where we alone write, a missing key is a setting that is wrong: readers wait for it and nothing is lost. Elsewhere anybody may
 * name any key, and must not bring a partition to a stop.
 */
function withoutKey(keyId: string, topic: string | undefined): Error {
  const message = `no key ${keyId} in EVENT_ENCRYPTION_KEYS opens the value`;
  return topic !== undefined && findTopic(topic)?.direction === 'out'
    ? new LootError('dependency_unavailable', message)
    : new DeadEvent('undecodable', message);
}

/** A broker that seals what it sends. */
export const sealingBroker = (broker: Broker, encryption: Encryption): Broker => ({
  ...broker,
  send: (messages, deadlineMs) => broker.send(messages.map(encryption.seal), deadlineMs),
});

/** Nothing is sealed, and what somebody sealed stays closed. */
export const noEncryption: Encryption = createEncryption({ keys: [], topics: [] });
