import { LootError } from '../../domain/errors.ts';
import type { Log } from '../../platform/log.ts';
import type { Metrics } from '../../platform/metrics.ts';
import type { Db } from '../../store/db.ts';
import { appendPublished } from '../../store/event-log/append-published.ts';
import { appendMessages } from '../../store/outbox/append-messages.ts';
import { BrokerRefusal } from '../kafka/broker.ts';
import type { Broker, Placement } from '../kafka/broker.ts';
import type { Codec } from '../codec/codec.ts';
import { errorMessageOf } from '../consumer/failures.ts';
import { headersToJson } from '../codec/header-json.ts';
import type { EventOrigin } from '../relay/outgoing.ts';
import { LaneFull, createPublishLane } from './lane.ts';
import type { PublishLane } from './lane.ts';
import { prepareEvents } from './prepare.ts';
import type { ClientEvent, Prepared, PreparedEvent, PublishAs } from './prepare.ts';
import { createTargetFinder } from './target.ts';

export type PublishDeps = {
  db: Db;
  broker: Broker;
  codec: Codec;
  origin: EventOrigin;
  metrics: Metrics;
  log: Log;
  /** Refuses at once while Kafka is known to be away. */
  breaker?: <T>(work: () => Promise<T>, timeoutMs: number) => Promise<T>;
};

/** How events of clients come to Kafka: straight, or through the outbox. */
export type Publisher = {
  /** Checks and encodes; sends nothing. */
  prepare(events: readonly ClientEvent[], as: Omit<PublishAs, 'ledgerEpoch'>): Promise<Prepared>;
  /**
   * Resolves when every in-sync replica has every event; answers where each one went. Throws `dependency_unavailable`,
   * `overloaded`, `outcome_unknown` (some may have been written: send them again under the same ids) and
   * `payload_too_large`.
   */
  send(events: readonly PreparedEvent[]): Promise<Placement[]>;
  /** Resolves when they are durable here; the relay sends them on. */
  store(events: readonly PreparedEvent[]): Promise<void>;
};

const sendDeadlineMs = 5_000;
const retryAfterMs = 1_000;

/** Whether a broken send says that Kafka is away, rather than that it refused these records. */
export const isKafkaAway = (error: unknown): boolean =>
  !(error instanceof BrokerRefusal) && !(error instanceof LaneFull);

export function createPublisher(deps: PublishDeps): Publisher {
  const findTarget = createTargetFinder(deps.db);
  const lanes = new Map<string, PublishLane>();

  // one lane per topic, so that a topic without a leader holds up no other
  function laneOf(topic: string): PublishLane {
    let lane = lanes.get(topic);
    if (lane === undefined) {
      const through = deps.breaker ?? ((work) => work());
      lane = createPublishLane((messages) =>
        through(() => deps.broker.send(messages, sendDeadlineMs), sendDeadlineMs + 1_000),
      );
      lanes.set(topic, lane);
    }
    return lane;
  }

  async function sendAll(events: readonly PreparedEvent[]): Promise<Placement[]> {
    const byTopic = Map.groupBy(events.keys(), (n) => events[n]?.message.topic ?? '');
    const placements: Placement[] = [];
    const sending = [...byTopic].map(async ([topic, indexes]) => {
      const messages = indexes.flatMap((n) => events[n]?.message ?? []);
      const placed = await laneOf(topic)(messages);
      for (const [i, n] of indexes.entries()) placements[n] = placed[i] as Placement;
    });
    // all of them settle before an error is told: what is still on its way would be nobody's
    const failed = (await Promise.allSettled(sending)).find(({ status }) => status === 'rejected');
    if (failed?.status === 'rejected') throw asLootError(failed.reason);
    return placements;
  }

  return {
    prepare: (events, as) =>
      prepareEvents({ codec: deps.codec, findTarget }, events, {
        ...as,
        ledgerEpoch: deps.origin.ledgerEpoch,
      }),
    async send(events) {
      const receivedAt = new Date();
      const startedAtMs = performance.now();
      const placements = await sendAll(events);
      tell(deps.metrics, events, performance.now() - startedAtMs);
      await remember(deps, events, placements, receivedAt);
      return placements;
    },
    async store(events) {
      const messages = events.map(({ loggedId, type, key, subject, message: { topic, value, headers } }) => ({
        id: loggedId,
        topic,
        type,
        key,
        subject,
        value,
        headers: headersToJson(headers),
      }));
      await deps.db.transaction((tx) => appendMessages(tx, messages));
    },
  };
}

function tell(metrics: Metrics, events: readonly PreparedEvent[], durationMs: number): void {
  for (const { message, type } of events) {
    metrics.eventsPublished.inc({ topic: message.topic, type });
    metrics.eventPublishDuration.observe({ topic: message.topic }, durationMs / 1_000);
  }
}

/** Kafka has them: failing to note where must not deny that. */
async function remember(
  { db, log }: PublishDeps,
  events: readonly PreparedEvent[],
  placements: readonly Placement[],
  receivedAt: Date,
): Promise<void> {
  const rows = events.flatMap(({ loggedId, type, key, message: { topic } }, n) => {
    const placement = placements[n];
    return placement === undefined ? [] : [{ id: loggedId, topic, type, key, ...placement, receivedAt }];
  });
  await appendPublished(db, rows).catch((error: unknown) =>
    log.warn({ err: error, eventCount: rows.length }, 'published events are not in the event log'),
  );
}

const sameAgain =
  'Send the same request with the same Idempotency-Key: the events keep their ids, so nobody handles one twice. ' +
  'With `Prefer: respond-async` they are stored here and sent when Kafka is back.';

function asLootError(error: unknown): LootError {
  const options = { cause: error, retryAfterMs };
  if (error instanceof LaneFull)
    return new LootError(
      'overloaded',
      `Kafka takes events more slowly than they come. ${sameAgain}`,
      options,
    );
  if (error instanceof BrokerRefusal && /TOO_LARGE/.test(error.message))
    return new LootError('payload_too_large', 'Kafka refuses an event for its size.', { cause: error });
  if (error instanceof BrokerRefusal)
    return new LootError('dependency_unavailable', `Kafka refuses: ${error.message}. ${sameAgain}`, options);
  if (/no answer from Kafka|timed? ?out|cancelled/i.test(errorMessageOf(error)))
    return new LootError(
      'outcome_unknown',
      `Kafka has not confirmed in time; some of the events may be there. ${sameAgain}`,
      options,
    );
  return new LootError('dependency_unavailable', `Kafka does not take events now. ${sameAgain}`, options);
}
