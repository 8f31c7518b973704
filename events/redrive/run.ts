import { isLootError } from '../../domain/errors.ts';
import { storableText } from '../../domain/storable-text.ts';
import { readDeadLetter } from '../../store/dead-letters/reads.ts';
import { endRedrive, finishLetter, noteOutcome, noteReleased } from '../../store/redrives/advance-redrive.ts';
import type { LetterPlace } from '../../store/redrives/advance-redrive.ts';
import { decideRedrive } from '../../store/redrives/decide-redrive.ts';
import { nextRedriveLetter, readRedrive } from '../../store/redrives/reads.ts';
import type { LetterDetail, LetterOutcome, Redrive, RedriveLetter } from '../../store/redrives/types.ts';
import type { Tx } from '../../store/db.ts';
import { must } from '../../domain/must.ts';
import { createPace } from '../pace.ts';
import type { Pace } from '../pace.ts';
import { previewLetter } from './preview.ts';
import { detailCharsMax, discardLetter, redriveLetter, releaseBehind } from './redrive.ts';
import type { RedriveDeps } from './redrive.ts';

/** How long one stretch may be, and what hears that it is alive. */
export type Stretch = {
  letterCountMax: number;
  msMax: number;
  signal: AbortSignal;
  alive(releasedCount: number): void;
};

export type FinishedLetter = {
  deadLetterId: string;
  outcome: LetterOutcome;
  detail: LetterDetail;
  releasedCount: number;
};

export type RedriveProgress = { redrive: Redrive; letters: FinishedLetter[] };

/**
 * Works a redrive's letters off, one after another, each followed by what waited behind it, until the stretch is over, the
 * redrive is paused or cancelled, or nothing is left. Everything it knows is in the rows: called again, also after a crash,
 * it goes on where it was. A fault that is no letter's is thrown.
 */
export async function runRedrive(
  deps: RedriveDeps,
  redriveId: string,
  stretch: Stretch,
): Promise<RedriveProgress> {
  const letters: FinishedLetter[] = [];
  const endsAtMs = performance.now() + stretch.msMax;
  let redrive = await read(deps, redriveId);
  const pace = createPace(redrive.ratePerSecond, stretch.signal);
  const goesOn = async () => {
    redrive = await read(deps, redriveId);
    return redrive.state === 'running' && performance.now() < endsAtMs && !stretch.signal.aborted;
  };
  while (letters.length < stretch.letterCountMax && (await goesOn())) {
    const letter = await nextRedriveLetter(deps.db, redriveId);
    if (letter === undefined) break;
    const finished = await workOff(deps, redrive, letter, { ...stretch, pace, goesOn });
    if (finished !== undefined) letters.push(finished);
  }
  await endRedrive(deps.db, redriveId);
  return { redrive: await read(deps, redriveId), letters };
}

/** Ends a redrive from outside its story's course; what is not done with stays as it is. */
export async function dropRedrive(deps: RedriveDeps, redriveId: string): Promise<RedriveProgress> {
  const { state } = await read(deps, redriveId);
  if (state === 'running' || state === 'paused')
    await decideRedrive(deps.db, { redriveId, actor: 'workflow', decision: 'cancel' });
  await endRedrive(deps.db, redriveId);
  return { redrive: await read(deps, redriveId), letters: [] };
}

const read = async ({ db }: RedriveDeps, redriveId: string): Promise<Redrive> =>
  must(await readRedrive(db, redriveId), 'redrive');

type Way = Stretch & { pace: Pace; goesOn(): Promise<boolean> };

/** Undefined when it had to stop before everything behind the letter was handled. */
async function workOff(
  deps: RedriveDeps,
  redrive: Redrive,
  letter: RedriveLetter,
  way: Way,
): Promise<FinishedLetter | undefined> {
  const { deadLetterId, n } = letter;
  const place = { redriveId: redrive.redriveId, n };
  const become =
    letter.outcome === null
      ? await handOver(deps, redrive, letter, way)
      : { outcome: letter.outcome, detail: letter.detail ?? {} };
  if (become === undefined) return undefined;
  await noteOutcome(deps.db, place, become.outcome, become.detail);
  way.alive(0);
  let releasedCount = 0;
  if (!redrive.preview && opensTheWay.includes(become.outcome)) {
    const released = await release(deps, deadLetterId, way);
    releasedCount = released.releasedCount;
    await noteReleased(deps.db, place, releasedCount);
    if (released.status === 'stopped') return undefined;
  }
  await finishLetter(deps.db, place);
  return { deadLetterId, ...become, releasedCount: letter.releasedCount + releasedCount };
}

const opensTheWay: readonly LetterOutcome[] = ['handled', 'already_handled', 'discarded', 'closed_before'];

type Become = { outcome: LetterOutcome; detail: LetterDetail };

async function handOver(
  deps: RedriveDeps,
  redrive: Redrive,
  { n, deadLetterId: id }: RedriveLetter,
  way: Way,
): Promise<Become | undefined> {
  const place = { redriveId: redrive.redriveId, n };
  // with the closing, or a crash before the next row would have it closed by nobody
  const onClosed = (outcome: LetterOutcome) => (tx: Tx) => noteOutcome(tx, place, outcome, {});
  const letter = await readDeadLetter(deps.db, id);
  if (letter === undefined) return { outcome: 'gone', detail: {} };
  if (redrive.preview) return previewLetter(deps, letter, redrive);
  if (redrive.discardReason !== null) {
    const { status } = await discardLetter(
      deps,
      id,
      redrive.requestedBy,
      redrive.discardReason,
      onClosed('discarded'),
    );
    return { outcome: status, detail: {} };
  }
  if (!deps.handlers.has(letter.group)) return { outcome: 'no_handler', detail: {} };
  await way.pace.due(1);
  const options = { force: redrive.force, onClosed: onClosed('handled') };
  let reply = await redriveLetter(deps, id, redrive.requestedBy, options);
  if (reply.status === 'parked_behind') {
    const { releasedCount, status } = await clearTheWay(deps, place, id, way);
    // what is before it has its turn when the redrive goes on
    if (status === 'stopped') return undefined;
    if (releasedCount > 0) reply = await redriveLetter(deps, id, redrive.requestedBy, options);
  }
  if (reply.status !== 'failed') return { outcome: reply.status, detail: {} };
  return {
    outcome: 'failed',
    detail: { errorClass: reply.errorClass, errorMessage: storableText(reply.errorMessage, detailCharsMax) },
  };
}

/** What is parked before a letter (its member had lost the partition meanwhile) goes first. */
async function clearTheWay(deps: RedriveDeps, place: LetterPlace, id: string, way: Way) {
  const released = await release(deps, id, way);
  await noteReleased(deps.db, place, released.releasedCount);
  return released;
}

async function release(deps: RedriveDeps, id: string, { pace, goesOn, alive }: Way) {
  try {
    return await releaseBehind(deps, id, async (releasedCount) => {
      alive(releasedCount);
      await pace.due(1);
      return goesOn();
    });
  } catch (error) {
    // discarded for a group that this build does not have: nobody handles what waits behind it either
    if (isLootError(error) && error.code === 'not_found')
      return { releasedCount: 0, status: 'blocked' as const };
    throw error;
  }
}
