import { setTimeout as delay } from 'node:timers/promises';
import type { Db } from '../db.ts';

const pollMs = 5;

/**
 * A journal id up to which nothing can change any more: ids are drawn before they commit, so a larger one may be visible
 * earlier. Whoever drew an id up to `last` had its transaction number by then; when all transactions that had one have
 * ended, every journal up to `last` is there or never will be. Null when they take longer than `waitMsMax`.
 */
export async function settledJournalId(db: Db, waitMsMax = 2_000): Promise<bigint | null> {
  // two statements: the sequence must be read before the snapshot is taken
  const sequence = await db.query<{ last: bigint }>(
    'SELECT CASE WHEN is_called THEN last_value ELSE 0 END AS last FROM journals_id_seq',
  );
  const started = await db.query<{ xmax: string }>(
    'SELECT pg_snapshot_xmax(pg_current_snapshot())::text AS xmax',
  );
  const deadlineMs = performance.now() + waitMsMax;
  for (;;) {
    const { rows } = await db.query<{ settled: boolean }>(
      'SELECT pg_snapshot_xmin(pg_current_snapshot()) >= $1::xid8 AS settled',
      [started.rows[0]!.xmax],
    );
    if (rows[0]!.settled) return sequence.rows[0]!.last;
    if (performance.now() > deadlineMs) return null;
    await delay(pollMs);
  }
}
