import type { Queryable, Tx } from '../db.ts';
import type { DeadLetterStatus, ParkingPlace } from './types.ts';

/** Locks a letter until the transaction ends and answers its status; undefined when there is none. */
export async function lockLetter(tx: Tx, id: string): Promise<DeadLetterStatus | undefined> {
  const { rows } = await tx.query<{ status: DeadLetterStatus }>(
    'SELECT status FROM dead_letters WHERE id = $1 FOR UPDATE',
    [id],
  );
  return rows[0]?.status;
}

export type Resolution = { status: 'redriven' } | { status: 'discarded'; reason: string };

/** Closes a waiting letter; false when it is closed already. */
export async function resolveLetter(tx: Tx, id: string, resolution: Resolution): Promise<boolean> {
  const { rowCount } = await tx.query(
    `UPDATE dead_letters SET status = $2, reason = $3, resolved_at = now(), redrives = redrives + $4
     WHERE id = $1 AND status = 'waiting'`,
    [
      id,
      resolution.status,
      'reason' in resolution ? resolution.reason : null,
      resolution.status === 'redriven' ? 1 : 0,
    ],
  );
  return rowCount === 1;
}

/** A redrive that failed: the letter waits on, with the newest error. */
export async function keepLetter(
  tx: Tx,
  id: string,
  errorClass: string,
  errorMessage: string,
): Promise<void> {
  await tx.query(
    `UPDATE dead_letters SET attempts = attempts + 1, redrives = redrives + 1, error_class = $2, error_message = $3,
       last_failed_at = clock_timestamp()
     WHERE id = $1 AND status = 'waiting'`,
    [id, errorClass, errorMessage],
  );
}

export type WaitingLetter = { id: string; partition: number; offset: bigint };

/** The earliest letter of the key that still waits: nothing that came after it may be handled. */
export async function firstWaitingLetter(
  on: Queryable,
  { group, topic, key }: ParkingPlace,
): Promise<WaitingLetter | undefined> {
  const { rows } = await on.query<WaitingLetter>(
    `SELECT id, "partition", "offset" FROM dead_letters
     WHERE status = 'waiting' AND consumer_group = $1 AND topic = $2 AND key = $3
     ORDER BY "partition", "offset" LIMIT 1`,
    [group, topic, key],
  );
  return rows[0];
}
