import type { Tx } from '../../store/db.ts';
import {
  isBefore,
  lockParkedKey,
  nextParkedEvent,
  removeParkedEvent,
  unpark,
} from '../../store/dead-letters/parking.ts';
import { firstWaitingLetter } from '../../store/dead-letters/resolve-letter.ts';
import type { ParkingPlace, StoredRecord } from '../../store/dead-letters/types.ts';
import type { DeliveredRecord } from '../kafka/broker.ts';
import { failureKind } from '../consumer/failures.ts';
import { giveUpOn } from '../consumer/give-up.ts';
import type { EventHandler } from '../consumer/handler.ts';
import { headersFromJson } from '../codec/header-json.ts';
import { sleep } from '../patience.ts';
import { processEvent } from '../consumer/process-event.ts';
import type { ProcessDeps } from '../consumer/process-event.ts';
import { attemptWaitsMs, attemptsMax } from '../consumer/settle-event.ts';

/**
 * `blocked`: a letter of the key waits before the next event, from before or from this drain; the key stays parked behind it.
 * `stopped`: asked to; the key stays parked, and a later drain goes on.
 */
export type DrainResult = { releasedCount: number; status: 'unparked' | 'blocked' | 'stopped' };

/** What the key's lock says: handle the event that was looked at, look again, or it is over. */
type Turn = 'handle' | 'look again' | 'unparked' | 'blocked';

/**
 * Handles the events parked behind a closed letter, in order, each in the transaction that holds the key's lock, and un-parks
 * the key when none is left. Live events of the key join the end of the queue until then. An event that fails here becomes
 * a letter itself. `mayGoOn` is asked before each event; it may take its time.
 * What is not an event's fault is thrown; calling again goes on where this stopped.
 */
export async function drainParked(
  deps: ProcessDeps,
  handler: EventHandler,
  place: ParkingPlace,
  mayGoOn: (releasedCount: number) => Promise<boolean>,
): Promise<DrainResult> {
  let releasedCount = 0;
  for (;;) {
    const next = await nextParkedEvent(deps.db, place);
    if (next !== undefined && !(await mayGoOn(releasedCount))) return { releasedCount, status: 'stopped' };
    const turn =
      next === undefined
        ? await deps.db.transaction((tx) => takeTurn(tx, place, undefined))
        : await handleParked(deps, handler, place, next);
    if (turn === 'unparked' || turn === 'blocked') return { releasedCount, status: turn };
    if (turn === 'handle') releasedCount += 1;
  }
}

/**
 * Takes the key's lock and looks what may be done, now that nobody else can do it. Only here is a key un-parked: no event is
 * left, and none can come before the transaction ends, because whoever parks one has to read the row first.
 */
async function takeTurn(tx: Tx, place: ParkingPlace, expected: StoredRecord | undefined): Promise<Turn> {
  if (!(await lockParkedKey(tx, place))) return 'unparked';
  const next = await nextParkedEvent(tx, place);
  const letter = await firstWaitingLetter(tx, place);
  if (letter !== undefined && (next === undefined || isBefore(letter, next))) return 'blocked';
  if (next === undefined) {
    await unpark(tx, place);
    return 'unparked';
  }
  // another redrive of the same key may have been faster
  return expected !== undefined && !isBefore(next, expected) && !isBefore(expected, next)
    ? 'handle'
    : 'look again';
}

/**
 * Its row goes in the effect's transaction; with a signal due, only after that, so that a crash between repeats the signal.
 * Of an event that was given up, `blocked`.
 */
async function handleParked(
  deps: ProcessDeps,
  handler: EventHandler,
  place: ParkingPlace,
  stored: StoredRecord,
): Promise<Turn> {
  const record: DeliveredRecord = { ...stored, headers: headersFromJson(stored.headers) };
  const remove = (tx: Tx) => removeParkedEvent(tx, place, record);
  const failure = {
    error: undefined as unknown,
    attempts: 0,
    redrives: 1,
    firstFailedAtMs: 0,
    lastFailedAtMs: 0,
  };
  while (failure.attempts < attemptsMax) {
    const seen: { turn: Turn } = { turn: 'look again' };
    try {
      await processEvent(deps, handler, record, async (tx) => {
        seen.turn = await takeTurn(tx, place, stored);
        if (seen.turn !== 'handle') return 'parked';
        if (handler.signal === undefined) await remove(tx);
        return 'go on';
      });
      if (seen.turn === 'handle' && handler.signal !== undefined) await deps.db.transaction(remove);
      return seen.turn;
    } catch (error) {
      const kind = failureKind(error);
      if (kind === 'fault') throw error;
      failure.attempts += 1;
      failure.error = error;
      failure.lastFailedAtMs = Date.now();
      failure.firstFailedAtMs ||= failure.lastFailedAtMs;
      if (kind === 'dead') break;
      if (failure.attempts < attemptsMax) await sleep(attemptWaitsMs[failure.attempts - 1] ?? 0);
    }
  }
  return (await giveUpOn(deps, handler, record, failure, remove)) ? 'blocked' : 'look again';
}
