import type { EventContext } from '../../domain/events.ts';
import type { CrashPoints } from '../../platform/crash-points.ts';
import type { Log } from '../../platform/log.ts';
import type { Metrics } from '../../platform/metrics.ts';
import type { Db, Tx } from '../../store/db.ts';
import { findLostEvents } from '../../store/epoch/find-lost-events.ts';
import { claimEvents } from '../../store/inbox/claim-events.ts';
import { mayReport } from '../../store/inbox/reads.ts';
import type { DeliveredRecord } from '../kafka/broker.ts';
import type { Codec } from '../codec/codec.ts';
import { clientOfSource, toEnvelope } from '../codec/envelope.ts';
import type { Envelope } from '../codec/envelope.ts';
import { carriedOn, inBatchSpan, inEventSpan } from './event-trace.ts';
import { DeadEvent } from './failures.ts';
import type { DeliveredEvent, EventHandler } from './handler.ts';
import type { EventOrigin } from '../relay/outgoing.ts';
import { standAside } from './stand-aside.ts';
import { findTopic } from '../catalogue/topics.ts';

export type ProcessDeps = {
  db: Db;
  codec: Codec;
  origin: EventOrigin;
  metrics: Metrics;
  log: Log;
  crash: CrashPoints;
};

/** `lost`: ours, and of a past that a restore has taken back; it is passed over. */
export type ProcessOutcome = 'handled' | 'duplicate' | 'parked' | 'lost';

/** Where an attempt broke: before the effect was committed, or at the signal after it. */
export class SignalFailure extends Error {
  override readonly name = 'SignalFailure';
}

/** A record at hand: decoded, or dead. */
type Arrival = { record: DeliveredRecord; event: ReadEvent | DeadEvent };
type ReadEvent = DeliveredEvent & Envelope;
/** What is written because of an event carries on. */
type ContextOf = (event: DeliveredEvent) => EventContext;

/**
 * One attempt at one event: parked keys first, then the inbox, then the handler, all in one transaction; then the signal.
 * An event that was handled before is signalled again, because a crash may have come between commit and signal.
 * `before` runs first in the transaction: redrive locks there what the live path only reads.
 */
export async function processEvent(
  deps: ProcessDeps,
  handler: EventHandler,
  record: DeliveredRecord,
  before: (tx: Tx) => Promise<'go on' | 'parked'>,
): Promise<ProcessOutcome> {
  return inEventSpan(handler.group, record, async (onward) => {
    const arrival = await arrive(deps, handler, record);
    const contextOf: ContextOf = (event) => causedBy(event, onward);
    const outcome = await deps.db.transaction(async (tx): Promise<ProcessOutcome> => {
      if ((await before(tx)) === 'parked') return 'parked';
      const [effect] = await takeEffects(tx, deps, handler, [arrival], contextOf);
      return effect ?? 'lost';
    });
    if (isSignalled(handler, outcome)) {
      deps.crash('after-row-before-signal');
      await signal(handler, arrival, contextOf);
    }
    return outcome;
  });
}

/** The live path's first step: an event of a parked key joins those that wait. */
export const parkIfParked = (handler: EventHandler, record: DeliveredRecord) => async (tx: Tx) =>
  (await standAside(tx, handler, [record])).has(record) ? 'parked' : 'go on';

/** What became of a record of a batch, and its signal, if one is due. */
export type Processed = { outcome: ProcessOutcome; signal: (() => Promise<void>) | undefined };

/**
 * One attempt at many events, in the order given, as `processEvent` of each, in one transaction: all of it or nothing. The
 * signals are left to the caller, who knows which of them must not overtake each other.
 */
export async function processBatch(
  deps: ProcessDeps,
  handler: EventHandler,
  records: readonly DeliveredRecord[],
): Promise<Processed[]> {
  return inBatchSpan(handler.group, records, async () => {
    const arrivals: Arrival[] = [];
    for (const record of records) {
      const arrival = arrive(deps, handler, record);
      arrivals.push(arrival instanceof Promise ? await arrival : arrival);
    }
    const contextOf = contextsOf(arrivals);
    const outcomes = await deps.db.transaction(async (tx): Promise<ProcessOutcome[]> => {
      const aside = await standAside(tx, handler, records);
      const present = arrivals.filter(({ record }) => !aside.has(record));
      const effects = (await takeEffects(tx, deps, handler, present, contextOf)).values();
      return records.map((record) => (aside.has(record) ? 'parked' : (effects.next().value ?? 'lost')));
    });
    if (handler.signal !== undefined) deps.crash('after-row-before-signal');
    return arrivals.map((arrival, n) => {
      const outcome = outcomes[n] ?? 'lost';
      const due = isSignalled(handler, outcome);
      return { outcome, signal: due ? () => signal(handler, arrival, contextOf) : undefined };
    });
  });
}

/** Each event's of its own record, looked for when a handler first asks. */
function contextsOf(arrivals: readonly Arrival[]): ContextOf {
  let records: Map<unknown, DeliveredRecord> | undefined;
  return (event) => {
    records ??= new Map(arrivals.map((arrival) => [arrival.event, arrival.record]));
    const record = records.get(event);
    return record === undefined ? {} : causedBy(event, carriedOn(record));
  };
}

const causedBy = (
  { id, correlationId }: DeliveredEvent,
  onward: Pick<EventContext, 'traceparent' | 'tracestate'>,
): EventContext => ({ correlationId: correlationId ?? id, causationId: id, ...onward });

/** Throws the first fault of any event; then nothing may be kept of what was done before. */
async function takeEffects(
  tx: Tx,
  { origin }: ProcessDeps,
  handler: EventHandler,
  arrivals: readonly Arrival[],
  contextOf: ContextOf,
): Promise<('handled' | 'duplicate' | 'lost')[]> {
  const events = arrivals.map(({ event }) => {
    if (event instanceof DeadEvent) throw event;
    return event;
  });
  await assertKnownSources(tx, origin, events);
  const lost = await findLostEvents(tx, ofEarlierEpochs(origin, events));
  const kept = events.filter((event) => !isLost(lost, origin, event));
  const repeated = await claimEvents(tx, handler.group, kept);
  const claimed = kept.filter((_, n) => !repeated.has(n));
  if (claimed.length > 0) await handle(tx, handler, claimed, contextOf);
  const handled = new Set(claimed);
  return events.map((event) =>
    handled.has(event) ? 'handled' : isLost(lost, origin, event) ? 'lost' : 'duplicate',
  );
}

async function handle(
  tx: Tx,
  handler: EventHandler,
  events: readonly DeliveredEvent[],
  contextOf: ContextOf,
): Promise<void> {
  if (handler.handleMany !== undefined) return handler.handleMany(tx, events, { contextOf });
  for (const event of events) await handler.handle(tx, event, { context: contextOf(event) });
}

const isSignalled = (handler: EventHandler, outcome: ProcessOutcome): boolean =>
  handler.signal !== undefined && (outcome === 'handled' || outcome === 'duplicate');

async function signal(handler: EventHandler, { event }: Arrival, contextOf: ContextOf): Promise<void> {
  if (event instanceof DeadEvent) return;
  await handler.signal?.(event, { context: contextOf(event) }).catch((error: unknown) => {
    throw new SignalFailure('the signal after the effect failed', { cause: error });
  });
}

/** A promise only where the event's schema has to be looked up (`Codec.decodeSoon`). */
function arrive(
  deps: ProcessDeps,
  handler: EventHandler,
  record: DeliveredRecord,
): Arrival | Promise<Arrival> {
  try {
    const event = decode(deps, handler, record);
    if (!(event instanceof Promise)) return { record, event };
    return event.catch(deadOrThrow).then((decoded) => ({ record, event: decoded }));
  } catch (error) {
    return { record, event: deadOrThrow(error) };
  }
}

function decode(
  { codec }: ProcessDeps,
  handler: EventHandler,
  record: DeliveredRecord,
): ReadEvent | Promise<ReadEvent> {
  const envelope = toEnvelope(record);
  const type = codec.readAs(handler.types, envelope.type);
  if (type === undefined)
    throw new DeadEvent('unknown_version', `${handler.group} does not know ${envelope.type}`);
  const { topic, partition, offset } = record;
  const key = record.key?.toString() ?? null;
  const withData = (data: unknown) =>
    ({ ...envelope, type, data, key, position: { topic, partition, offset } }) as ReadEvent;
  const data = codec.decodeSoon(type, codec.open(record), envelope.contentType, envelope.type);
  return data instanceof Promise ? data.then(withData) : withData(data);
}

function deadOrThrow(error: unknown): DeadEvent {
  if (error instanceof DeadEvent) return error;
  throw error;
}

/** Events of the present epoch, and those of others, are what they are. */
const isOfEarlierEpoch = (origin: EventOrigin, { source, ledgerEpoch }: Envelope): boolean =>
  source === origin.source && ledgerEpoch < origin.ledgerEpoch;

const ofEarlierEpochs = (origin: EventOrigin, events: readonly Envelope[]): string[] =>
  events.filter((event) => isOfEarlierEpoch(origin, event)).map(({ id }) => id);

const isLost = (lost: ReadonlySet<string>, origin: EventOrigin, event: Envelope): boolean =>
  lost.has(event.id) && isOfEarlierEpoch(origin, event);

/** On inbound topics the source names a client; nothing that this client may not report is taken in its name. */
async function assertKnownSources(
  tx: Tx,
  origin: EventOrigin,
  events: readonly (DeliveredEvent & Envelope)[],
): Promise<void> {
  const allowed = new Set<string>();
  for (const { source, position } of events) {
    const { topic } = position;
    if (source === origin.source || findTopic(topic)?.direction !== 'in') continue;
    const name = `${topic} ${source}`;
    if (allowed.has(name)) continue;
    const clientId = clientOfSource(source);
    if (clientId === undefined || !(await mayReport(tx, clientId, topic)))
      throw new DeadEvent('unknown_source', `no client that may report to ${topic} is called ${source}`);
    allowed.add(name);
  }
}
