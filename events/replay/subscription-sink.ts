import { matchesFilter, matchesPattern } from '../../domain/event-filter.ts';
import { queueEvents } from '../../store/subscriptions/queue-events.ts';
import { isQueueFull } from '../../store/subscriptions/queue-limit.ts';
import { findSubscription } from '../../store/subscriptions/reads.ts';
import type { Subscription } from '../../store/subscriptions/types.ts';
import type { DeliveredRecord } from '../kafka/broker.ts';
import { toEnvelope, typeOf } from '../codec/envelope.ts';
import { headersToJson } from '../codec/header-json.ts';
import { sleep } from '../patience.ts';
import { filterable, toStructured } from '../codec/structured.ts';
import { effectSink } from './effect-sink.ts';
import { ReplayBroken } from './types.ts';
import type { OpenReplay, ReplayDeps, ReplaySink } from './types.ts';

const batchCountMax = 500;
const roomLookMs = 500;

/**
 * Puts what the subscription asks for into its queue once more, marked with the replay; its deliveries are as ever. What
 * the subscription would not be told of live, a replay does not tell it either. Throws ReplayBroken.
 */
export async function subscriptionSink(
  deps: ReplayDeps,
  { replayId, topic }: OpenReplay,
  subscriptionId: string,
): Promise<ReplaySink> {
  const subscription = await findSubscription(deps.db, subscriptionId, null);
  if (subscription === undefined) throw new ReplayBroken(`there is no subscription ${subscriptionId}`);
  const { method, types, filter } = subscription;
  const why = whyNot(subscription, topic);
  if (why !== null) throw new ReplayBroken(why);

  const sink = effectSink(deps, replayId, {
    batchCountMax,
    wants: (record) =>
      (types.length === 0 ||
        types.some((pattern) => matchesPattern(pattern, typeOf(record.headers) ?? ''))) &&
      matchesFilter(filter, filterable(record)),
    async decode(record) {
      const { id, source, type } = toEnvelope(record);
      const event = method === 'kafka' ? null : JSON.stringify(await structured(deps, replayId, record));
      return { id, source, type, event, record };
    },
    apply: (tx, events) =>
      queueEvents(
        tx,
        events.map(({ id, source, type, event, record }) => ({
          subscriptionId,
          replayId,
          source,
          eventId: id,
          type,
          event,
          position: {
            topic,
            partition: record.partition,
            offset: record.offset,
          },
          ...(method === 'kafka' && {
            record: {
              key: record.key,
              value: record.value,
              headers: headersToJson({
                ...record.headers,
                ce_replayid: Buffer.from(replayId),
              }),
            },
          }),
        })),
      ),
  });
  return {
    ...sink,
    async take(batch, signal) {
      await untilRoom(deps, subscriptionId, topic, signal);
      return sink.take(batch, signal);
    },
  };
}

/**
 * A past is longer than a queue may be: what waits there is delivered first, as it is of live events. The batches at hand
 * come on top. Throws ReplayBroken when the subscription ends meanwhile, and the signal's reason.
 */
async function untilRoom(
  { db }: ReplayDeps,
  subscriptionId: string,
  topic: string,
  signal: AbortSignal,
): Promise<void> {
  while (await isQueueFull(db, subscriptionId)) {
    const subscription = await findSubscription(db, subscriptionId, null);
    const why = subscription === undefined ? 'the subscription was deleted' : whyNot(subscription, topic);
    if (why !== null) throw new ReplayBroken(why);
    await sleep(roomLookMs, signal);
    signal.throwIfAborted();
  }
}

/** Why a subscription cannot be told of a topic's past, or null. */
export function whyNot({ topicPattern, method, state }: Subscription, topic: string): string | null {
  if (method === 'sse')
    return 'a subscription by SSE has no queue; read its stream from an earlier id instead';
  if (state === 'disabled') return 'the subscription is disabled';
  return matchesPattern(topicPattern, topic)
    ? null
    : `the subscription is for ${topicPattern}, not for ${topic}`;
}

const structured = ({ codec }: ReplayDeps, replayId: string, record: DeliveredRecord) =>
  toStructured(codec, { ...record, headers: { ...record.headers, ce_replayid: Buffer.from(replayId) } });
