import { setTimeout as sleep } from 'node:timers/promises';
import { LootError } from '../../domain/errors.ts';
import { must } from '../../domain/must.ts';
import type { Db } from '../db.ts';
import { settledJournalId } from '../ledger/settled-journal.ts';

/** An instant by PostgreSQL's clock, and the last journal that belongs to it. */
export type StatementPoint = { asOf: string; journalId: bigint };

/** Longer than any transaction of ours may take. */
const settleMsMax = 12_000;
/** By far longer: what was stamped earlier has ended. */
const recentMs = 60_000;

/**
 * Where a statement stands: at the last journal before the first that was stamped later than `asOf` (default: now). The
 * same instant always answers the same journal, because everything that could still come between is waited for.
 *
 * Throws `validation_failed` for an instant that has not come, `dependency_unavailable` when a long transaction is in the
 * way.
 */
export async function findPoint(db: Db, asOf?: string): Promise<StatementPoint> {
  const now = await databaseNow(db);
  if (asOf !== undefined && Date.parse(asOf) > now.getTime())
    throw new LootError('validation_failed', 'The instant has not come yet.', {
      errors: [{ pointer: '/query/asOf', detail: `must not be later than ${now.toISOString()}` }],
    });
  const instant = inMicroseconds(asOf ?? now.toISOString());
  // nothing of ours is older, and years before the first are no timestamps there
  if (Date.parse(instant) < 0) return { asOf: instant, journalId: 0n };
  if (now.getTime() - Date.parse(instant) < recentMs) {
    // `now` was rounded up; then everything stamped until it ends, and has drawn its id
    await sleep(1);
    await settled(db);
  }
  const last = await settled(db);
  const { rows } = await db.query<{ id: bigint | null }>('SELECT last_journal_at($1) AS id', [instant]);
  const id = must(rows[0], 'row').id;
  return { asOf: instant, journalId: id === null || id > last ? last : id };
}

/** What PostgreSQL keeps of a time; it would not read one with many more digits. */
const inMicroseconds = (time: string): string => time.replace(/(\.\d{6})\d+Z$/, '$1Z');

async function settled(db: Db): Promise<bigint> {
  const id = await settledJournalId(db, settleMsMax);
  if (id === null)
    throw new LootError('dependency_unavailable', 'A long transaction is in the way; try again.', {
      retryAfterMs: 1_000,
    });
  return id;
}

/** In whole milliseconds, rounded up, so that what was posted before the question belongs to the answer. */
async function databaseNow(db: Db): Promise<Date> {
  const { rows } = await db.query<{ now: Date }>(
    `SELECT date_trunc('milliseconds', clock_timestamp() + interval '999 microseconds') AS now`,
  );
  return must(rows[0], 'row').now;
}
