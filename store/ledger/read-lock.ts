import type { Queryable } from '../db.ts';

/** The story that has an item locked: what it is, how it stands, and the journal by which it took the lock. */
export type LockView = {
  lock: string;
  type: 'listing' | 'trade' | 'match' | 'other';
  id: string;
  /** The story's own word for where it stands; null when there is no such story: a lock without an owner. */
  state: string | null;
  since: Date | null;
  journalKey: string | null;
  actor: string | null;
  step: string | null;
  reason: string | null;
};

const states = {
  listing: 'SELECT status AS state FROM listings WHERE id = $1',
  trade: 'SELECT state FROM trades WHERE id = $1',
  match: 'SELECT status AS state FROM matches WHERE id = $1',
} as const;
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Why an item is locked, by whom, and in which step of what. `lock` is what stands in the item, such as `trade:<id>`. */
export async function readLock(db: Queryable, itemId: string, lock: string): Promise<LockView> {
  const colon = lock.indexOf(':');
  const [type, id] = [lock.slice(0, colon), lock.slice(colon + 1)];
  const known = isStory(type) && uuid.test(id) ? type : null;
  const [story, taken] = await Promise.all([
    known && db.query<{ state: string }>(states[known], [id]),
    db.query<Pick<LockView, 'actor' | 'step' | 'reason'> & { since: Date; journalKey: string }>(
      `SELECT j.created_at AS since, j.key AS "journalKey", j.actor, j.step, j.reason
       FROM item_movements m JOIN journals j ON j.id = m.journal_id
       WHERE m.item_id = $1 AND m.lock_after = $2 AND m.lock_before IS DISTINCT FROM $2 ORDER BY m.id DESC LIMIT 1`,
      [itemId, lock],
    ),
  ]);
  const nobody = { since: null, journalKey: null, actor: null, step: null, reason: null };
  return {
    lock,
    type: known ?? 'other',
    id,
    state: story?.rows[0]?.state ?? null,
    ...(taken.rows[0] ?? nobody),
  };
}

const isStory = (type: string): type is keyof typeof states => Object.hasOwn(states, type);
