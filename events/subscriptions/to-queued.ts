import type { QueuedEvent } from '../../store/subscriptions/queue-events.ts';
import type { DeliveredRecord } from '../kafka/broker.ts';
import type { Codec } from '../codec/codec.ts';
import { headerText } from '../codec/envelope.ts';
import { errorClassOf, errorMessageOf, failureKind } from '../consumer/failures.ts';
import { headersToJson } from '../codec/header-json.ts';
import { toStructured } from '../codec/structured.ts';
import type { Wish } from './roster.ts';

export type Match = { record: DeliveredRecord; wishes: readonly Wish[] };

/**
 * A record for everybody who wants it, decoded once. One that cannot be read is kept as such: its subscribers see in their
 * log that there was one, and why it did not come. What it throws is an outage.
 */
export async function toQueued(codec: Codec, { record, wishes }: Match): Promise<QueuedEvent[]> {
  const { topic, partition, offset, key, value, headers } = record;
  const read = wishes.some(({ method }) => method !== 'kafka') ? await readEvent(codec, record) : undefined;
  const about = {
    source: headerText(headers, 'ce_source') ?? '',
    eventId: headerText(headers, 'ce_id') ?? `${topic}/${partition}/${offset}`,
    type: headerText(headers, 'ce_type') ?? '',
    replayId: headerText(headers, 'ce_replayid') ?? '',
    position: { topic, partition, offset },
  };
  return wishes.map(({ subscriptionId, method }) =>
    method === 'kafka'
      ? { ...about, subscriptionId, event: null, record: { key, value, headers: headersToJson(headers) } }
      : { ...about, subscriptionId, event: null, ...read },
  );
}

async function readEvent(
  codec: Codec,
  record: DeliveredRecord,
): Promise<{ event: string } | { error: string }> {
  try {
    return { event: JSON.stringify(await toStructured(codec, record)) };
  } catch (error) {
    if (failureKind(error) === 'fault') throw error;
    return { error: `${errorClassOf(error)}: ${errorMessageOf(error)}` };
  }
}
