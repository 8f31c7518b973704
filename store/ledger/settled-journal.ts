import { setTimeout as delay } from 'node:timers/promises';
import { must } from '../../domain/must.ts';
import type { Db } from '../db.ts';

const pollMs = 5;

/**
 * A journal id up to which nothing can change any more: ids are drawn before they commit, so a larger one may be visible
 * earlier. Whoever drew an id up to `last` had its transaction number by then; when all transactions that had one have
 * ended, every journal up to `last` is there or never will be. Null when they take longer than `waitMsMax`.
 */
export async function settledJournalId(db: Db, waitMsMax = 2_000): Promise<bigint | null> {
  const last = await one<bigint>(
    db,
    'SELECT CASE WHEN is_called THEN last_value ELSE 0 END AS value FROM journals_id_seq',
  );
  // A statement of its own, after the sequence: it draws a transaction number, above all that are in use, and ends at once.
  // A snapshot's xmax would not do: it is above the ended ones only.
  const next = await one<string>(db, 'SELECT pg_current_xact_id()::text AS value');
  const deadlineMs = performance.now() + waitMsMax;
  while (
    !(await one<boolean>(db, 'SELECT pg_snapshot_xmin(pg_current_snapshot()) >= $1::xid8 AS value', [next]))
  ) {
    if (performance.now() > deadlineMs) return null;
    await delay(pollMs);
  }
  return last;
}

async function one<T>(db: Db, sql: string, values: unknown[] = []): Promise<T> {
  const { rows } = await db.query<{ value: T }>(sql, values);
  return must(rows[0], 'row').value;
}
