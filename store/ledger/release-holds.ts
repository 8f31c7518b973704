import { expiryOf } from './expiry.ts';
import { postBatch } from './post-journals.ts';
import type { Db } from '../db.ts';

/** In the order in which holds expire, exactly: a `Date` would cut the microseconds. */
type Place = { expiresAt: string; id: bigint };
const first: Place = { expiresAt: '-infinity', id: 0n };
const last: Place = { expiresAt: 'infinity', id: 0n };

/** Up to which hold this process has looked. */
const lookedUpTo = new WeakMap<Db, Place>();

/**
 * Voids holds whose trade or match has been over for `graceMs`, before they expire, and answers how many. A call looks at one
 * page of those that have not expired, the next call at the next, and after the last begins anew. A hold of an open story is
 * left alone; guarded by the hold itself, which is resolved once.
 */
export async function releaseHolds(
  db: Db,
  {
    graceMs,
    limit = 200,
    pageCount = 5_000,
    actor = 'system:sweep',
  }: { graceMs: number; limit?: number; pageCount?: number; actor?: string },
): Promise<number> {
  const from = lookedUpTo.get(db) ?? first;
  const { rows: ends } = await db.query<Place>(
    `SELECT expires_at::text AS "expiresAt", id FROM transfers
     WHERE state = 'pending' AND (expires_at, id) > (greatest($1::timestamptz, statement_timestamp()), $2)
     ORDER BY expires_at, id OFFSET $3 LIMIT 1`,
    [from.expiresAt, from.id, pageCount - 1],
  );
  const { rows } = await db.query<Place & { key: string; index: number }>(
    `WITH page AS MATERIALIZED (
       SELECT id, journal_id, index, expires_at FROM transfers
       WHERE state = 'pending' AND (expires_at, id) > (greatest($1::timestamptz, statement_timestamp()), $2)
         AND (expires_at, id) <= ($3::timestamptz, $4)
     )
     SELECT p.expires_at::text AS "expiresAt", p.id, j.key, p.index FROM page p JOIN journals j ON j.id = p.journal_id
     WHERE NOT EXISTS (SELECT 1 FROM transfers r WHERE r.pending_id = p.id)
       AND now() - $5 * interval '1 millisecond' > CASE j.kind
         WHEN 'trade_hold' THEN (SELECT t.ended_at FROM trades t
           WHERE t.id = split_part(j.key, ':', 2)::uuid AND t.state IN ('completed', 'failed'))
         WHEN 'seal_hold' THEN (SELECT m.ended_at FROM matches m
           WHERE m.id = split_part(j.key, ':', 2)::uuid AND m.status IN ('finished', 'cancelled', 'voided')) END
     ORDER BY p.expires_at, p.id LIMIT $6`,
    [from.expiresAt, from.id, ...placeOf(ends[0] ?? last), graceMs, limit],
  );
  const isFull = rows.length === limit;
  lookedUpTo.set(db, (isFull ? rows.at(-1) : ends[0]) ?? first);
  const answers = await postBatch(
    db,
    rows.map(({ id, key, index }) => ({
      journal: { ...expiryOf(id, { key, index }, actor), reason: 'its story is over' },
      context: {},
    })),
  );
  return answers.filter(({ result }) => result === 'ok').length;
}

const placeOf = ({ expiresAt, id }: Place) => [expiresAt, id];
