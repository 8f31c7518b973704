import { countParkedBehind } from '../../store/dead-letters/reads.ts';
import type { DeadLetter } from '../../store/dead-letters/types.ts';
import { firstWaitingLetter } from '../../store/dead-letters/resolve-letter.ts';
import type { LetterDetail, LetterOutcome, Redrive } from '../../store/redrives/types.ts';
import { DeadEvent, errorClassOf, errorMessageOf, failureKind } from '../consumer/failures.ts';
import type { EventHandler } from '../consumer/handler.ts';
import { processEvent } from '../consumer/process-event.ts';
import { detailCharsMax, recordOf, redrivesMax } from './redrive.ts';
import type { RedriveDeps } from './redrive.ts';
import { parkingPlaceOf } from '../consumer/stand-aside.ts';
import { isBefore } from '../../store/dead-letters/parking.ts';

/**
 * What a redrive would do with a letter now. The handler is really run, in a transaction that is rolled back, so that a
 * cause that is not mended shows; nothing is signalled. Throws what is not the event's fault.
 */
export async function previewLetter(
  deps: RedriveDeps,
  letter: DeadLetter,
  { force, discardReason }: Pick<Redrive, 'force' | 'discardReason'>,
): Promise<{ outcome: LetterOutcome; detail: LetterDetail }> {
  const parkedBehindCount = (await countParkedBehind(deps.db, letter)) ?? 0;
  const say = (outcome: LetterOutcome, detail: LetterDetail = {}) => ({
    outcome,
    detail: { parkedBehindCount, ...detail },
  });
  if (letter.status !== 'waiting') return say('closed_before');
  if (discardReason !== null) return say('discarded');
  const handler = deps.handlers.get(letter.group);
  if (handler === undefined) return say('no_handler');
  if (letter.redrives >= redrivesMax && !force) return say('too_many_attempts');
  if (await isBehindAnother(deps, handler, letter)) return say('parked_behind');
  return say(...(await rehearse(deps, handler, letter)));
}

async function isBehindAnother(
  { db }: RedriveDeps,
  handler: EventHandler,
  letter: DeadLetter,
): Promise<boolean> {
  const place = parkingPlaceOf(handler, letter);
  if (place === undefined) return false;
  const first = await firstWaitingLetter(db, place);
  return first !== undefined && isBefore(first, letter);
}

/** Ends the transaction of a handler that has succeeded. */
class Rehearsed extends Error {
  override readonly name = 'Rehearsed';
}

async function rehearse(
  deps: RedriveDeps,
  handler: EventHandler,
  letter: DeadLetter,
): Promise<[LetterOutcome, LetterDetail?]> {
  try {
    const { group, types, onDeadLetter } = handler;
    // without signal, and without the form for many
    const rehearsing: EventHandler = {
      group,
      types,
      onDeadLetter,
      async handle(...input) {
        await handler.handle(...input);
        throw new Rehearsed();
      },
    };
    await processEvent(deps, rehearsing, recordOf(letter), () => Promise.resolve('go on'));
    return ['already_handled'];
  } catch (error) {
    if (error instanceof Rehearsed) return ['handled'];
    if (failureKind(error) === 'fault') throw error;
    const detail = {
      errorClass: errorClassOf(error),
      errorMessage: errorMessageOf(error, detailCharsMax),
    };
    return [error instanceof DeadEvent ? 'dead' : 'failed', detail];
  }
}
