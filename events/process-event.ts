import type { EventContext, EventType } from '../domain/events.ts';
import type { CrashPoints } from '../platform/crash-points.ts';
import type { Log } from '../platform/log.ts';
import type { Metrics } from '../platform/metrics.ts';
import type { Db, Tx } from '../store/db.ts';
import { isParked, parkEvent } from '../store/dead-letters/parking.ts';
import type { ParkingPlace } from '../store/dead-letters/types.ts';
import { isLostEvent } from '../store/epoch/is-lost.ts';
import { claimEvent } from '../store/inbox/claim-event.ts';
import { isKnownClient } from '../store/inbox/reads.ts';
import type { DeliveredRecord } from './broker.ts';
import type { Codec } from './codec.ts';
import { clientOfSource, toEnvelope, typeOf } from './envelope.ts';
import type { Envelope } from './envelope.ts';
import { inEventSpan } from './event-trace.ts';
import { DeadEvent } from './failures.ts';
import type { DeliveredEvent, EventHandler } from './handler.ts';
import { headersToJson } from './header-json.ts';
import type { EventOrigin } from './outgoing.ts';
import { findTopic } from './topics.ts';

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
    const decoded = await decode(deps, handler, record).catch(deadOrThrow);
    const scope = { context: decoded instanceof DeadEvent ? {} : contextFor(decoded, onward) };
    const outcome = await deps.db.transaction(async (tx): Promise<ProcessOutcome> => {
      if ((await before(tx)) === 'parked') return 'parked';
      if (decoded instanceof DeadEvent) throw decoded;
      await assertKnownSource(tx, deps.origin, record.topic, decoded.source);
      if (await isOfLostPast(tx, deps.origin, decoded)) return 'lost';
      if (!(await claimEvent(tx, handler.group, decoded.source, decoded.id))) return 'duplicate';
      await handler.handle(tx, decoded, scope);
      return 'handled';
    });
    if (
      outcome !== 'parked' &&
      outcome !== 'lost' &&
      handler.signal !== undefined &&
      !(decoded instanceof DeadEvent)
    ) {
      deps.crash('after-row-before-signal');
      await handler.signal(decoded, scope).catch((error: unknown) => {
        throw new SignalFailure('the signal after the effect failed', { cause: error });
      });
    }
    return outcome;
  });
}

/** The live path's first step: an event of a parked key joins those that wait. */
export const parkIfParked = (handler: EventHandler, record: DeliveredRecord) => async (tx: Tx) => {
  const place = parkingPlaceOf(handler, record);
  if (place === undefined || !(await isParked(tx, place))) return 'go on';
  await parkEvent(tx, place, { ...record, headers: headersToJson(record.headers) });
  return 'parked';
};

/** Longer keys are nobody's aggregate, and would not fit an index. */
const parkableKeyBytesMax = 1_024;

/** Undefined when the handler's events stand alone or this one belongs to no aggregate. */
export function parkingPlaceOf(handler: EventHandler, record: DeliveredRecord): ParkingPlace | undefined {
  const { topic, key } = record;
  if (handler.onDeadLetter === 'pass' || key === null || key.length > parkableKeyBytesMax) return undefined;
  return { group: handler.group, topic, key };
}

/**
 * Whether the handler has anything to do with a record, from its headers alone. A record without a type, and an unknown
 * version of a named type, are the handler's: it has to give them up.
 */
export function concerns(handler: EventHandler, record: DeliveredRecord): boolean {
  const type = typeOf(record.headers);
  if (type === undefined) return true;
  return handler.types.some((named) => withoutVersion(named) === withoutVersion(type));
}

const withoutVersion = (type: string): string => type.replace(/\.v\d+$/, '');

async function decode(
  { codec }: ProcessDeps,
  handler: EventHandler,
  record: DeliveredRecord,
): Promise<DeliveredEvent & Envelope> {
  const envelope = toEnvelope(record);
  const type = handler.types.find((named) => named === envelope.type);
  if (type === undefined)
    throw new DeadEvent('unknown_version', `${handler.group} does not know ${envelope.type}`);
  const { topic, partition, offset } = record;
  const data = await codec.decode(type, record.value, envelope.contentType);
  return {
    ...envelope,
    type,
    data,
    key: record.key?.toString() ?? null,
    position: { topic, partition, offset },
  } as DeliveredEvent<EventType> & Envelope;
}

function deadOrThrow(error: unknown): DeadEvent {
  if (error instanceof DeadEvent) return error;
  throw error;
}

/** Events of the present epoch, and those of others, are what they are. */
const isOfLostPast = async (tx: Tx, origin: EventOrigin, { source, ledgerEpoch, id }: Envelope) =>
  source === origin.source && ledgerEpoch < origin.ledgerEpoch && (await isLostEvent(tx, id));

/** On inbound topics the source names a client, and a source nobody holds a key for is refused. */
async function assertKnownSource(tx: Tx, origin: EventOrigin, topic: string, source: string): Promise<void> {
  if (findTopic(topic)?.direction !== 'in' || source === origin.source) return;
  const clientId = clientOfSource(source);
  if (clientId !== undefined && (await isKnownClient(tx, clientId))) return;
  throw new DeadEvent('unknown_source', `no client we know is called ${source}`);
}

const contextFor = (
  envelope: Envelope,
  onward: Pick<EventContext, 'traceparent' | 'tracestate'>,
): EventContext => ({
  correlationId: envelope.correlationId ?? envelope.id,
  causationId: envelope.id,
  ...onward,
});
