import type { Db, Queryable } from '../db.ts';
import type { LetterDetail, LetterOutcome } from './types.ts';

export type LetterPlace = { redriveId: string; n: number };

/** Remembers what became of a letter before what waits behind it is handled, which may take long. */
export async function noteOutcome(
  db: Queryable,
  { redriveId, n }: LetterPlace,
  outcome: LetterOutcome,
  detail: LetterDetail,
): Promise<void> {
  await db.query(
    `UPDATE redrive_letters SET outcome = $3, detail = $4::jsonb
     WHERE redrive_id = $1 AND n = $2 AND done_at IS NULL`,
    [redriveId, n, outcome, JSON.stringify(detail)],
  );
}

/** Adds the events that were handled behind a letter since the last time. */
export async function noteReleased(
  db: Queryable,
  { redriveId, n }: LetterPlace,
  releasedCount: number,
): Promise<void> {
  if (releasedCount === 0) return;
  await db.query(
    `WITH letter AS (
       UPDATE redrive_letters SET released_count = released_count + $3 WHERE redrive_id = $1 AND n = $2)
     UPDATE redrives SET released_count = released_count + $3 WHERE id = $1`,
    [redriveId, n, releasedCount],
  );
}

/** Which outcomes count as handled, and which leave the letter waiting; the others neither. */
const handled: readonly LetterOutcome[] = ['handled', 'already_handled', 'discarded'];
const kept: readonly LetterOutcome[] = ['failed', 'dead', 'parked_behind', 'too_many_attempts', 'no_handler'];

/** Done with a letter; once, also when the activity that says so is tried again. */
export async function finishLetter(db: Queryable, { redriveId, n }: LetterPlace): Promise<void> {
  await db.query(
    `WITH letter AS (
       UPDATE redrive_letters SET done_at = clock_timestamp()
       WHERE redrive_id = $1 AND n = $2 AND done_at IS NULL RETURNING outcome)
     UPDATE redrives SET done_count = done_count + 1,
       handled_count = handled_count + (letter.outcome = ANY ($3))::int,
       kept_count = kept_count + (letter.outcome = ANY ($4))::int
     FROM letter WHERE id = $1`,
    [redriveId, n, handled, kept],
  );
}

/** The story's end: completed when every letter is done with, else cancelled when that was asked for. */
export async function endRedrive(db: Db, redriveId: string): Promise<void> {
  await db.query(
    `UPDATE redrives SET ended_at = clock_timestamp(),
       state = CASE WHEN done_count = letter_count THEN 'completed' ELSE 'cancelled' END
     WHERE id = $1 AND ended_at IS NULL AND (done_count = letter_count OR state = 'cancelling')`,
    [redriveId],
  );
}
