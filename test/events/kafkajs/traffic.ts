import { randomUUID } from 'node:crypto';
import type {
  Broker,
  DeliveredRecord,
  GroupMember,
  JoinGroupOptions,
  OutgoingMessage,
} from '../../../events/kafka/broker.ts';

export const message = (topic: string, key: string | null, value: string): OutgoingMessage => ({
  topic,
  key: key === null ? null : Buffer.from(key),
  value: Buffer.from(value),
  headers: {},
});

export const sendDeadlineMs = 20_000;

export const textOf = (record: DeliveredRecord): string => record.value?.toString() ?? '';

/** All that Kafka holds of a topic now, by partition and offset. */
export async function readAll(broker: Broker, topic: string): Promise<DeliveredRecord[]> {
  const records: DeliveredRecord[] = [];
  const ends = await broker.admin.partitionEnds(topic);
  await broker.readFrom({
    partitions: ends.map(({ partition, startOffset, endOffset }) => ({
      topic,
      partition,
      offset: startOffset,
      endOffset,
    })),
    onRecords: (batch) => void records.push(...batch),
    signal: AbortSignal.timeout(60_000),
  });
  return records.toSorted((a, b) => a.partition - b.partition || Number(a.offset - b.offset));
}

/** Joins with as little as a test needs to say. */
export const join = (
  broker: Broker,
  options: Partial<JoinGroupOptions> & Pick<JoinGroupOptions, 'topics' | 'onRecords'>,
): Promise<GroupMember> =>
  broker.join({
    group: `g-${randomUUID().slice(0, 8)}`,
    from: 'earliest',
    onAssigned: () => {},
    onRebalancing: () => {},
    onEnded: () => {},
    ...options,
  });
