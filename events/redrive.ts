import { LootError } from '../domain/errors.ts';
import { appendAudit } from '../store/audit/append-audit.ts';
import type { Tx } from '../store/db.ts';
import { lockParkedKey } from '../store/dead-letters/parking.ts';
import { readDeadLetter } from '../store/dead-letters/reads.ts';
import { keepLetter, lockLetter, resolveLetter } from '../store/dead-letters/resolve-letter.ts';
import type { DeadLetter } from '../store/dead-letters/types.ts';
import type { DeliveredRecord } from './broker.ts';
import { drainParked } from './drain-parked.ts';
import type { DrainResult } from './drain-parked.ts';
import { errorClassOf, errorMessageOf, failureKind } from './failures.ts';
import type { EventHandler } from './handler.ts';
import { headersFromJson } from './header-json.ts';
import { parkingPlaceOf, processEvent } from './process-event.ts';
import type { ProcessDeps } from './process-event.ts';

export type RedriveDeps = ProcessDeps & {
  /** The handlers of this process, by group: a letter goes back to the group that gave it up and to no other. */
  handlers: ReadonlyMap<string, EventHandler>;
};

export type RedriveOutcome =
  | { status: 'handled' | 'closed_before' }
  | { status: 'failed'; errorClass: string; errorMessage: string };

/**
 * Hands a dead letter to its own group's handler once more. The inbox still applies, so a letter whose effect stands is
 * only signalled and closed. A failure keeps the letter, with the new error; what is not the event's fault is thrown.
 * Fails with `not_found`: no such letter, or no such handler in this build.
 */
export async function redriveLetter(
  deps: RedriveDeps,
  letterId: string,
  actor: string,
): Promise<RedriveOutcome> {
  const letter = await findLetter(deps, letterId);
  if (letter.status !== 'waiting') return { status: 'closed_before' };
  const handler = handlerOf(deps, letter.group);
  const record = toRecord(letter);
  try {
    const outcome = await processEvent(deps, handler, record, lockForRedrive(handler, record, letterId));
    if (outcome === 'parked') return { status: 'closed_before' };
  } catch (error) {
    if (failureKind(error) === 'fault') throw error;
    const { errorClass, errorMessage } = await keep(deps, letter, actor, error);
    return { status: 'failed', errorClass, errorMessage };
  }
  await close(deps, letter, actor, { status: 'redriven' });
  return { status: 'handled' };
}

/** Closes a letter without handling it; the events behind it may go on. Fails with `not_found`. */
export async function discardLetter(
  deps: RedriveDeps,
  letterId: string,
  actor: string,
  reason: string,
): Promise<RedriveOutcome> {
  const letter = await findLetter(deps, letterId);
  return {
    status: (await close(deps, letter, actor, { status: 'discarded', reason })) ? 'handled' : 'closed_before',
  };
}

/** Handles what waits behind a closed letter, in order. Fails with `not_found` like `redriveLetter`. */
export async function releaseBehind(
  deps: RedriveDeps,
  letterId: string,
  onProgress: (releasedCount: number) => void,
): Promise<DrainResult | { releasedCount: 0; status: 'nothing_parked' }> {
  const letter = await findLetter(deps, letterId);
  const handler = handlerOf(deps, letter.group);
  const place = parkingPlaceOf(handler, toRecord(letter));
  if (place === undefined) return { releasedCount: 0, status: 'nothing_parked' };
  return drainParked(deps, handler, place, onProgress);
}

/** 'parked' means: not now, somebody else has closed the letter. */
const lockForRedrive =
  (handler: EventHandler, record: DeliveredRecord, letterId: string) => async (tx: Tx) => {
    const place = parkingPlaceOf(handler, record);
    if (place !== undefined) await lockParkedKey(tx, place);
    return (await lockLetter(tx, letterId)) === 'waiting' ? 'go on' : 'parked';
  };

async function close(
  deps: RedriveDeps,
  letter: DeadLetter,
  actor: string,
  resolution: { status: 'redriven' } | { status: 'discarded'; reason: string },
): Promise<boolean> {
  const closed = await deps.db.transaction(async (tx) => {
    if (!(await resolveLetter(tx, letter.id, resolution))) return false;
    const detail = { ...describe(letter), ...resolution };
    await appendAudit(tx, {
      actor,
      action: `dead_letter.${resolution.status}`,
      target: `dead_letter:${letter.id}`,
      detail,
    });
    return true;
  });
  if (closed)
    deps.log.info(
      { deadLetterId: letter.id, ...describe(letter), actor, outcome: resolution.status },
      'dead letter closed',
    );
  return closed;
}

async function keep(deps: RedriveDeps, letter: DeadLetter, actor: string, error: unknown) {
  const failure = { errorClass: errorClassOf(error), errorMessage: errorMessageOf(error) };
  await deps.db.transaction(async (tx) => {
    await keepLetter(tx, letter.id, failure.errorClass, failure.errorMessage);
    const detail = { ...describe(letter), errorClass: failure.errorClass };
    await appendAudit(tx, {
      actor,
      action: 'dead_letter.failed_again',
      target: `dead_letter:${letter.id}`,
      detail,
    });
  });
  deps.log.error(
    { deadLetterId: letter.id, ...describe(letter), actor, ...failure },
    'dead letter failed again',
  );
  return failure;
}

const describe = ({ group, topic, eventId, eventType }: DeadLetter) => ({ group, topic, eventId, eventType });

async function findLetter({ db }: RedriveDeps, letterId: string): Promise<DeadLetter> {
  const letter = await readDeadLetter(db, letterId);
  if (letter === undefined) throw new LootError('not_found', `There is no dead letter ${letterId}.`);
  return letter;
}

function handlerOf({ handlers }: RedriveDeps, group: string): EventHandler {
  const handler = handlers.get(group);
  if (handler === undefined)
    throw new LootError('not_found', `This build has no handler for the group ${group}.`);
  return handler;
}

const toRecord = ({
  topic,
  partition,
  offset,
  timestampMs,
  key,
  value,
  headers,
}: DeadLetter): DeliveredRecord => ({
  topic,
  partition,
  offset,
  timestampMs,
  key,
  value,
  headers: headersFromJson(headers),
});
