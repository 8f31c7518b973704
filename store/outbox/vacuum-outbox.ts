import type { Queryable } from '../db.ts';

/** Frees the room of rows that have left, over which every claim would step. Skipped while another process is at it. */
export async function vacuumOutbox(db: Queryable): Promise<void> {
  await db.query('VACUUM (SKIP_LOCKED, TRUNCATE false) outbox');
}
