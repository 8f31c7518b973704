import type { Tx } from '../store/db.ts';
import { lockParkedKey, nextParkedEvent, removeParkedEvent, unpark } from '../store/dead-letters/parking.ts';
import { hasWaitingLetter } from '../store/dead-letters/resolve-letter.ts';
import type { ParkingPlace } from '../store/dead-letters/types.ts';
import type { DeliveredRecord } from './broker.ts';
import { failureKind } from './failures.ts';
import { giveUpOn } from './give-up.ts';
import type { EventHandler } from './handler.ts';
import { headersFromJson } from './header-json.ts';
import { sleep } from './patience.ts';
import { processEvent } from './process-event.ts';
import type { ProcessDeps } from './process-event.ts';
import { attemptWaitsMs, attemptsMax } from './settle-event.ts';

/** `blocked`: a letter of the key waits, from before or from this drain; the key stays parked behind it. */
export type DrainResult = { releasedCount: number; status: 'unparked' | 'blocked' };

/**
 * Handles the events parked behind a closed letter, in order, and un-parks the key when none is left. Live events of the
 * key join the end of the queue until then. An event that fails here becomes a letter itself.
 * What is not an event's fault is thrown; calling again goes on where this stopped.
 */
export async function drainParked(
  deps: ProcessDeps,
  handler: EventHandler,
  place: ParkingPlace,
  onProgress: (releasedCount: number) => void,
): Promise<DrainResult> {
  let releasedCount = 0;
  for (;;) {
    const next = await look(deps, place);
    if (next === 'unparked' || next === 'blocked') return { releasedCount, status: next };
    if (!(await handleParked(deps, handler, place, next))) return { releasedCount, status: 'blocked' };
    releasedCount += 1;
    onProgress(releasedCount);
  }
}

/** What comes next; un-parks the key, under its lock, when nothing does. */
function look({ db }: ProcessDeps, place: ParkingPlace): Promise<DeliveredRecord | 'unparked' | 'blocked'> {
  return db.transaction(async (tx) => {
    if (!(await lockParkedKey(tx, place))) return 'unparked';
    if (await hasWaitingLetter(tx, place)) return 'blocked';
    const event = await nextParkedEvent(tx, place);
    if (event !== undefined) return { ...event, headers: headersFromJson(event.headers) };
    await unpark(tx, place);
    return 'unparked';
  });
}

/** False when the event was given up. Its row goes after the signal, so that a crash between repeats the signal. */
async function handleParked(
  deps: ProcessDeps,
  handler: EventHandler,
  place: ParkingPlace,
  record: DeliveredRecord,
): Promise<boolean> {
  const failure = {
    error: undefined as unknown,
    attempts: 0,
    redrives: 1,
    firstFailedAtMs: 0,
    lastFailedAtMs: 0,
  };
  const lock = async (tx: Tx) => {
    await lockParkedKey(tx, place);
    // another redrive of the same key may have been faster
    const next = await nextParkedEvent(tx, place);
    return next?.offset === record.offset && next.partition === record.partition ? 'go on' : 'parked';
  };
  const remove = (tx: Tx) => removeParkedEvent(tx, place, record);
  while (failure.attempts < attemptsMax) {
    try {
      const outcome = await processEvent(deps, handler, record, lock);
      if (outcome !== 'parked') await deps.db.transaction(remove);
      return true;
    } catch (error) {
      const kind = failureKind(error);
      if (kind === 'fault') throw error;
      failure.attempts += 1;
      failure.error = error;
      failure.lastFailedAtMs = Date.now();
      failure.firstFailedAtMs ||= failure.lastFailedAtMs;
      if (kind === 'dead') break;
      await sleep(attemptWaitsMs[failure.attempts - 1] ?? 0);
    }
  }
  return !(await giveUpOn(deps, handler, record, failure, remove));
}
