import { noteAttempt } from '../../store/consumer-stats/note-attempt.ts';
import type { DeliveredRecord } from '../kafka/broker.ts';
import { errorClassOf, errorMessageOf, failureKind } from './failures.ts';
import { giveUpOn } from './give-up.ts';
import type { EventHandler } from './handler.ts';
import { backoffMs, sleep } from '../patience.ts';
import { parkIfParked, processEvent } from './process-event.ts';
import type { ProcessDeps } from './process-event.ts';
import type { Slots } from '../slots.ts';
import { findTopic } from '../catalogue/topics.ts';

/** A handler's own error gets three attempts in place, with these waits between; other keys go on meanwhile. */
export const attemptWaitsMs = [200, 1_000];
export const attemptsMax = attemptWaitsMs.length + 1;
export const faultBaseMs = 200;
export const faultMsMax = 10_000;
const dayMs = 86_400_000;

export type SettleDeps = ProcessDeps & { slots: Slots; signal: AbortSignal };

export type Settled = 'handled' | 'duplicate' | 'parked' | 'lost' | 'dead' | 'too_old';

/**
 * Brings one event to an end: handled, recognised, parked or given up. What is not the event's fault is waited for
 * without end. Undefined when aborted first: then the event is not done.
 */
export async function settleEvent(
  deps: SettleDeps,
  handler: EventHandler,
  record: DeliveredRecord,
): Promise<Settled | undefined> {
  if (isTooOld(record)) return 'too_old';
  const { group } = handler;
  const labels = { topic: record.topic, group };
  const failure = {
    error: undefined as unknown,
    attempts: 0,
    redrives: 0,
    firstFailedAtMs: 0,
    lastFailedAtMs: 0,
  };
  let faultCount = 0;
  let givingUp = false;
  while (!deps.signal.aborted) {
    try {
      if (!givingUp)
        return await deps.slots.run(() => processEvent(deps, handler, record, parkIfParked(handler, record)));
      return (await deps.slots.run(() => giveUpOn(deps, handler, record, failure))) ? 'dead' : 'duplicate';
    } catch (error) {
      const kind = failureKind(error);
      // what fails while giving up is never the event's fault: letting go of it would lose it
      if (givingUp || kind === 'fault') {
        faultCount += 1;
        if (givingUp)
          deps.log.warn(
            { ...placeOf(group, record), faultCount, ...reasonOf(error) },
            'an event could not be put aside; waiting',
          );
        else tellFault(deps, handler, record, error, faultCount);
        if (faultCount === 1) note(deps, handler, record, failure.attempts, error);
        await sleep(backoffMs(faultCount, faultBaseMs, faultMsMax), deps.signal);
        continue;
      }
      failure.attempts += 1;
      failure.error = error;
      note(deps, handler, record, failure.attempts, error);
      failure.lastFailedAtMs = Date.now();
      failure.firstFailedAtMs ||= failure.lastFailedAtMs;
      givingUp = kind === 'dead' || failure.attempts >= attemptsMax;
      if (givingUp) continue;
      deps.metrics.retries.inc(labels);
      const waitMs = attemptWaitsMs[failure.attempts - 1] ?? 0;
      deps.log.warn(
        { ...placeOf(group, record), attempt: failure.attempts, waitMs, ...reasonOf(error) },
        'an event failed and is tried again',
      );
      await sleep(waitMs * (1 - Math.random() / 4), deps.signal);
    }
  }
  return undefined;
}

/** For whoever asks what becomes of the event; handling does not wait for it. */
function note(
  { db }: SettleDeps,
  { group }: EventHandler,
  { topic, partition, offset }: DeliveredRecord,
  attempts: number,
  error: unknown,
): void {
  noteAttempt(db, { group, topic, partition, offset }, attempts, errorMessageOf(error)).catch(() => {});
}

/** The inbox remembers a day longer than the topic keeps; older than that, nobody knows whether it was handled. */
export function isTooOld(record: DeliveredRecord): boolean {
  const retentionMs = findTopic(record.topic)?.retentionMs;
  return (
    retentionMs !== undefined &&
    record.timestampMs >= 0 &&
    record.timestampMs < Date.now() - retentionMs - dayMs
  );
}

/** Says so at the first time and then every minute or so, not on every attempt of every key. */
export function tellFault(
  deps: SettleDeps,
  { group }: EventHandler,
  record: DeliveredRecord,
  error: unknown,
  faultCount: number,
  eventCount = 1,
): void {
  deps.log[faultCount % 6 === 1 ? 'warn' : 'debug'](
    { ...placeOf(group, record), eventCount, faultCount, ...reasonOf(error) },
    'an event waits for something that is not its fault',
  );
}

export const placeOf = (group: string, { topic, partition, offset }: DeliveredRecord) => ({
  group,
  topic,
  partition,
  offset: `${offset}`,
});

const reasonOf = (error: unknown) => ({ errorClass: errorClassOf(error), reason: errorMessageOf(error) });
