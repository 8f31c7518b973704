import type { Db } from '../db.ts';
import { expiryOf } from './expiry.ts';
import { postBatch } from './post-journals.ts';

/** Resolved holds stay in the index for ever: a call looks at so much of the past and no more. */
const spanMs = 2 * 3_600_000;

/** Up to where the older holds have been looked through. */
const olderFromMs = new WeakMap<Db, number>();

/**
 * Voids holds whose expiry has passed by the database's clock, up to `limit` of the last hours and as many older ones, and
 * answers how many. Each call looks at the last hours and at one span of the time before, so that a hold of which nobody
 * took care in time is found too. The hold of a trade that is still open is left to the trade, whatever the clock says.
 */
export async function expireHolds(
  db: Db,
  { limit = 500, actor = 'system:sweep' }: { limit?: number; actor?: string } = {},
): Promise<number> {
  const nowMs = Date.now();
  const recent = await findOverdue(db, { fromMs: nowMs - spanMs, toMs: nowMs + spanMs, limit });
  const older = await findOlder(db, nowMs - spanMs, limit);
  const answers = await postBatch(
    db,
    [...recent, ...older].map(({ id, key, index }) => ({
      journal: expiryOf(id, { key, index }, actor),
      context: {},
    })),
  );
  return answers.filter(({ result }) => result === 'ok').length;
}

type Overdue = { id: bigint; key: string; index: number };

/** The next span, again as long as it is full; from the beginning after the last. */
async function findOlder(db: Db, untilMs: number, limit: number): Promise<Overdue[]> {
  const fromMs = olderFromMs.get(db) ?? (await firstExpiryMs(db));
  const toMs = Math.min(fromMs + spanMs, untilMs);
  if (fromMs >= toMs) {
    olderFromMs.delete(db);
    return [];
  }
  const found = await findOverdue(db, { fromMs, toMs, limit });
  olderFromMs.set(db, found.length < limit ? toMs : fromMs);
  return found;
}

async function firstExpiryMs(db: Db): Promise<number> {
  const { rows } = await db.query<{ first: Date | null }>(
    `SELECT min(expires_at) AS first FROM transfers WHERE state = 'pending'`,
  );
  return rows[0]?.first?.getTime() ?? Infinity;
}

/** A stable clock, unlike `clock_timestamp`, is a bound of the index scan. */
async function findOverdue(
  db: Db,
  { fromMs, toMs, limit }: { fromMs: number; toMs: number; limit: number },
): Promise<Overdue[]> {
  const { rows } = await db.query<Overdue>(
    `SELECT t.id, j.key, t.index FROM transfers t JOIN journals j ON j.id = t.journal_id
     WHERE t.state = 'pending' AND t.expires_at <= statement_timestamp() AND t.expires_at >= $1 AND t.expires_at < $2
       AND NOT EXISTS (SELECT 1 FROM transfers r WHERE r.pending_id = t.id)
       AND NOT EXISTS (SELECT 1 FROM trades x
         WHERE x.id = CASE WHEN j.kind = 'trade_hold' THEN split_part(j.key, ':', 2)::uuid END AND x.ended_at IS NULL)
     ORDER BY t.expires_at, t.id LIMIT $3`,
    [new Date(fromMs), new Date(toMs), limit],
  );
  return rows;
}
