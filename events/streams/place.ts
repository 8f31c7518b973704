import { LootError } from '../../domain/errors.ts';
import type { DeliveredRecord } from '../kafka/broker.ts';

/** Where a reader of a stream is: opaque to it, and what it comes back with. */
export type StreamPlace = { topic: string; partition: number; offset: bigint; timestampMs: number };

export const placeId = ({ topic, partition, offset, timestampMs }: DeliveredRecord): string =>
  `${topic}/${partition}/${offset}/${timestampMs}`;

/** Throws `validation_failed` for what no stream over these topics has told. */
export function parsePlace(id: string, topics: readonly string[]): StreamPlace {
  const [, topic, partition, offset, timestampMs] =
    /^([\w.-]+)\/(\d{1,6})\/(\d{1,19})\/(\d{1,15})$/.exec(id) ?? [];
  if (topic === undefined || offset === undefined || !topics.includes(topic))
    throw new LootError('validation_failed', 'The last event id is not one this stream has told.');
  return { topic, partition: Number(partition), offset: BigInt(offset), timestampMs: Number(timestampMs) };
}
