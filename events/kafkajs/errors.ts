import { BrokerRefusal } from '../kafka/broker.ts';
import { DeadlinePassed } from '../patience.ts';

/** What Kafka says of a topic, which may be another one than those just written to. */
const topicErrors: ReadonlySet<string> = new Set([
  'INVALID_TOPIC_EXCEPTION',
  'TOPIC_AUTHORIZATION_FAILED',
  'UNKNOWN_TOPIC_OR_PARTITION',
]);

/** Errors that the same messages, or the same question, would meet again. */
const refusals: ReadonlySet<string> = new Set([
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_RECORD',
  'INVALID_TIMESTAMP',
  'INVALID_CONFIG',
  'INVALID_PARTITIONS',
  'INVALID_REPLICATION_FACTOR',
  'POLICY_VIOLATION',
  'GROUP_ID_NOT_FOUND',
  'NON_EMPTY_GROUP',
  ...topicErrors,
]);

/** The error as the port tells it: a BrokerRefusal where asking again is no use, else as it came. */
export function asRefusal(error: unknown): unknown {
  const found = errorAmong(error, refusals);
  if (found === undefined) return error;
  return new BrokerRefusal(`${found.type}: ${found.message}`, {
    cause: error,
    isOfTopic: topicErrors.has(found.type),
  });
}

export const isAboutTopic = (error: unknown): boolean => errorAmong(error, topicErrors) !== undefined;

export const isUnknownTopic = (error: unknown): boolean => errorAmong(error, unknownTopic) !== undefined;
export const isUnknownGroup = (error: unknown): boolean => errorAmong(error, unknownGroup) !== undefined;

/** Nobody answered, which may be the connection's fault. */
export function isSilence(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    if (cause instanceof DeadlinePassed || cause.name === 'KafkaJSRequestTimeoutError') return true;
  return false;
}

const unknownTopic: ReadonlySet<string> = new Set(['UNKNOWN_TOPIC_OR_PARTITION']);
const unknownGroup: ReadonlySet<string> = new Set(['GROUP_ID_NOT_FOUND']);

/** kafkajs wraps what the broker said in what it tried, and gathers what it said of several topics or groups. */
function errorAmong(
  error: unknown,
  types: ReadonlySet<string>,
): { type: string; message: string } | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const type = 'type' in cause ? String(cause.type) : '';
    if (types.has(type)) return { type, message: messageOf(cause) };
    for (const part of gatheredIn(cause)) {
      const found = errorAmong(part, types);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

function gatheredIn(error: Error): unknown[] {
  const topics: unknown = 'errors' in error ? error.errors : undefined;
  const groups: unknown = 'groups' in error ? error.groups : undefined;
  return [
    ...(Array.isArray(topics) ? topics : []),
    ...(Array.isArray(groups) ? groups.map((group: { error?: unknown }) => group.error) : []),
  ];
}

const messageOf = (error: Error): string =>
  'topic' in error && typeof error.topic === 'string' ? `${error.message} (${error.topic})` : error.message;
