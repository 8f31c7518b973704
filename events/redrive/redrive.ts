import { LootError } from '../../domain/errors.ts';
import { appendAudit } from '../../store/audit/append-audit.ts';
import type { Tx } from '../../store/db.ts';
import { isBefore, lockParkedKey, nextParkedEvent } from '../../store/dead-letters/parking.ts';
import { readDeadLetter } from '../../store/dead-letters/reads.ts';
import {
  firstWaitingLetter,
  keepLetter,
  lockLetter,
  resolveLetter,
} from '../../store/dead-letters/resolve-letter.ts';
import type { Resolution } from '../../store/dead-letters/resolve-letter.ts';
import type { DeadLetter } from '../../store/dead-letters/types.ts';
import { claimEvents } from '../../store/inbox/claim-events.ts';
import type { DeliveredRecord } from '../kafka/broker.ts';
import { drainParked } from './drain-parked.ts';
import type { DrainResult } from './drain-parked.ts';
import { isEventName } from '../codec/envelope.ts';
import { errorClassOf, errorMessageOf, failureKind } from '../consumer/failures.ts';
import type { EventHandler } from '../consumer/handler.ts';
import { headersFromJson } from '../codec/header-json.ts';
import { processEvent } from '../consumer/process-event.ts';
import type { ProcessDeps } from '../consumer/process-event.ts';
import { parkingPlaceOf } from '../consumer/stand-aside.ts';

export type RedriveDeps = ProcessDeps & {
  /** The handlers of this process, by group: a letter goes back to the group that gave it up and to no other. */
  handlers: ReadonlyMap<string, EventHandler>;
};

/**
 * `already_handled`: its effect stood, it was signalled again and closed. `parked_behind`: an earlier event of its key waits,
 * and goes first. `too_many_attempts`: it has failed again and again; only `force` tries it once more.
 */
export type RedriveOutcome =
  | { status: 'handled' | 'already_handled' | 'closed_before' | 'parked_behind' }
  | { status: 'too_many_attempts'; redrives: number }
  | { status: 'failed'; errorClass: string; errorMessage: string };

/** A letter that was put back this often without success is not tried again unless somebody insists. */
export const redrivesMax = 5;

/** What a redrive's list of letters says of an error; the letter itself has more. */
export const detailCharsMax = 500;

/**
 * Hands a dead letter to its own group's handler once more. The inbox still applies, so a letter whose effect stands is
 * only signalled and closed. A failure keeps the letter, with the new error; what is not the event's fault is thrown.
 * Fails with `not_found`: no such letter, or no such handler in this build.
 */
export async function redriveLetter(
  deps: RedriveDeps,
  letterId: string,
  actor: string,
  { force = false, onClosed }: { force?: boolean; onClosed?: OnClosed } = {},
): Promise<RedriveOutcome> {
  const letter = await findLetter(deps, letterId);
  if (letter.status !== 'waiting') return { status: 'closed_before' };
  if (letter.redrives >= redrivesMax && !force)
    return { status: 'too_many_attempts', redrives: letter.redrives };
  const handler = handlerOf(deps, letter.group);
  const record = recordOf(letter);
  const seen: { turn: Turn } = { turn: 'closed_before' };
  let handled: boolean;
  try {
    const outcome = await processEvent(deps, handler, record, async (tx) => {
      seen.turn = await takeTurn(tx, handler, letter);
      if (seen.turn !== 'handle') return 'parked';
      // nothing comes after the effect: one transaction ends both
      if (handler.signal === undefined) await resolve(tx, letter, actor, redriven, onClosed);
      return 'go on';
    });
    handled = outcome === 'handled';
  } catch (error) {
    if (failureKind(error) === 'fault') throw error;
    const { errorClass, errorMessage } = await keep(deps, letter, actor, error);
    return { status: 'failed', errorClass, errorMessage };
  }
  if (seen.turn !== 'handle') return { status: seen.turn };
  if (handler.signal === undefined) tellClosed(deps, letter, actor, redriven);
  else if (!(await close(deps, letter, actor, redriven, onClosed))) return { status: 'closed_before' };
  return { status: handled ? 'handled' : 'already_handled' };
}

/** Closes a letter without handling it; the events behind it may go on. Fails with `not_found`. */
export async function discardLetter(
  deps: RedriveDeps,
  letterId: string,
  actor: string,
  reason: string,
  onClosed?: OnClosed,
): Promise<{ status: 'discarded' | 'closed_before' }> {
  const letter = await findLetter(deps, letterId);
  const closed = await close(deps, letter, actor, { status: 'discarded', reason }, onClosed);
  return { status: closed ? 'discarded' : 'closed_before' };
}

/** Handles what waits behind a closed letter, in order. Fails with `not_found` like `redriveLetter`. */
export async function releaseBehind(
  deps: RedriveDeps,
  letterId: string,
  mayGoOn: (releasedCount: number) => Promise<boolean> = () => Promise.resolve(true),
): Promise<DrainResult | { releasedCount: 0; status: 'nothing_parked' }> {
  const letter = await findLetter(deps, letterId);
  const handler = handlerOf(deps, letter.group);
  const place = parkingPlaceOf(handler, letter);
  if (place === undefined) return { releasedCount: 0, status: 'nothing_parked' };
  return drainParked(deps, handler, place, mayGoOn);
}

const redriven = { status: 'redriven' } as const;

/** Runs in the transaction that closes a letter. */
type OnClosed = (tx: Tx) => Promise<void>;

type Turn = 'handle' | 'closed_before' | 'parked_behind';

/** Under the key's lock: what was before the letter goes before it, be it a letter too or parked. */
async function takeTurn(tx: Tx, handler: EventHandler, letter: DeadLetter): Promise<Turn> {
  const place = parkingPlaceOf(handler, letter);
  if (place !== undefined) await lockParkedKey(tx, place);
  if ((await lockLetter(tx, letter.id)) !== 'waiting') return 'closed_before';
  if (place === undefined) return 'handle';
  const earlier = [await firstWaitingLetter(tx, place), await nextParkedEvent(tx, place)];
  return earlier.some((event) => event !== undefined && isBefore(event, letter)) ? 'parked_behind' : 'handle';
}

async function close(
  deps: RedriveDeps,
  letter: DeadLetter,
  actor: string,
  resolution: Resolution,
  onClosed?: OnClosed,
): Promise<boolean> {
  const closed = await deps.db.transaction((tx) => resolve(tx, letter, actor, resolution, onClosed));
  if (closed) tellClosed(deps, letter, actor, resolution);
  return closed;
}

async function resolve(
  tx: Tx,
  letter: DeadLetter,
  actor: string,
  resolution: Resolution,
  onClosed?: OnClosed,
): Promise<boolean> {
  if (!(await resolveLetter(tx, letter.id, resolution))) return false;
  const { group, eventId, eventSource } = letter;
  // a member that lost the partition and is still at the event must not handle what was thrown away
  if (resolution.status === 'discarded' && isInboxName(eventId) && isInboxName(eventSource))
    await claimEvents(tx, group, [{ id: eventId, source: eventSource }]);
  const detail = { ...describe(letter), ...resolution };
  await appendAudit(tx, {
    actor,
    action: `dead_letter.${resolution.status}`,
    target: `dead_letter:${letter.id}`,
    detail,
  });
  await onClosed?.(tx);
  return true;
}

const tellClosed = ({ log }: RedriveDeps, letter: DeadLetter, actor: string, { status }: Resolution): void =>
  log.info({ deadLetterId: letter.id, ...describe(letter), actor, outcome: status }, 'dead letter closed');

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

/** Under any other name no handler is handed an event, and the inbox could not hold it. */
const isInboxName = (name: string | null): name is string => name !== null && isEventName(name);

const describe = ({ group, topic, eventId, eventType }: DeadLetter) => ({ group, topic, eventId, eventType });

async function findLetter({ db }: RedriveDeps, letterId: string): Promise<DeadLetter> {
  const letter = await readDeadLetter(db, letterId);
  if (letter === undefined) throw new LootError('not_found', `There is no dead letter ${letterId}.`);
  return letter;
}

export function handlerOf({ handlers }: RedriveDeps, group: string): EventHandler {
  const handler = handlers.get(group);
  if (handler === undefined)
    throw new LootError('not_found', `This build has no handler for the group ${group}.`);
  return handler;
}

/** The event as it came. */
export const recordOf = ({
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
