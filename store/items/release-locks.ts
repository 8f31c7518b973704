import { journalKeys } from '../../domain/ledger/keys.ts';
import type { Holder } from '../../domain/ledger/types.ts';
import { lockIsOwned } from '../auditor/story-rules.ts';
import type { Db } from '../db.ts';
import { postBatch } from '../ledger/post-journals.ts';

/** Items of one look, by id; locked ones are few among them. */
const pageCount = 5_000;
const firstId = '00000000-0000-0000-0000-000000000000';

/** Up to which item this process has looked. */
const lookedUpTo = new WeakMap<Db, string>();

type Locked = { id: string; owner: Holder; lock: string; movementId: bigint };

/**
 * Unlocks items whose story is over or was never there, one page of all items per call, and answers how many. Guarded: the
 * lock must be the one its last movement left, and older than `graceMs`; the journal expects it. An open story keeps its
 * lock, however long it takes, and a story that is over never opens again.
 */
export async function releaseLocks(
  db: Db,
  { graceMs, limit = 200, actor = 'system:sweep' }: { graceMs: number; limit?: number; actor?: string },
): Promise<number> {
  const from = lookedUpTo.get(db) ?? firstId;
  const { rows: ends } = await db.query<{ count: number; last: string | null }>(
    `SELECT count(*)::int AS count, (array_agg(id::text ORDER BY id DESC))[1] AS last FROM (SELECT id FROM items WHERE id > $1 ORDER BY id LIMIT ${pageCount}) page`,
    [from],
  );
  const last = ends[0]?.last ?? null;
  const isLastPage = last === null || (ends[0]?.count ?? 0) < pageCount;
  lookedUpTo.set(db, isLastPage ? firstId : last);
  if (last === null) return 0;
  const { rows } = await db.query<Locked>(
    `SELECT i.id, i.owner, i.lock, m.id AS "movementId" FROM items i
     CROSS JOIN LATERAL (
       SELECT x.id, x.journal_id, x.lock_after FROM item_movements x WHERE x.item_id = i.id ORDER BY x.id DESC LIMIT 1
     ) m
     JOIN journals j ON j.id = m.journal_id
     WHERE i.id > $1 AND i.id <= $2 AND i.lock IS NOT NULL AND m.lock_after = i.lock
       AND j.created_at < now() - $3 * interval '1 millisecond' AND NOT (${lockIsOwned})
     ORDER BY i.id LIMIT $4`,
    [from, last, graceMs, limit],
  );
  const answers = await postBatch(
    db,
    rows.map(({ id, owner, lock, movementId }) => ({
      journal: {
        key: journalKeys.release(id, movementId),
        kind: 'release' as const,
        actor,
        reason: `nobody owns the lock ${lock}`,
        transfers: [],
        movements: [{ code: 'unlock' as const, itemId: id, from: owner, expectLock: lock }],
        events: [],
      },
      context: {},
    })),
  );
  return answers.filter(({ result }) => result === 'ok').length;
}
