import type { Db } from '../db.ts';
import { retryRefusedRows } from './refuse-rows.ts';

/**
 * Renews what `owner` holds, takes free shards up to its fair share among `ownerCount` relays and, when it `mayGiveBack`,
 * gives back what is above it. Shards that nobody took for a whole lease are taken beyond the share: a relay that stands
 * still is counted and carries nothing. Answers the shards it holds now, for `leaseMs` from when it asked, of how many, and
 * which of them it has just taken: what was refused there may go again.
 */
export async function leaseShards(
  db: Db,
  owner: string,
  ownerCount: number,
  leaseMs: number,
  mayGiveBack = true,
): Promise<{ shards: number[]; taken: number[]; shardCount: number }> {
  return db.transaction(async (tx) => {
    const { rows } = await tx.query<{
      shard: number;
      owner: string | null;
      free: boolean;
      abandoned: boolean;
    }>(
      `SELECT shard, owner, owner IS NULL OR lease_until < now() AS free,
         lease_until < now() - $1 * interval '1 ms' AS abandoned
       FROM outbox_shards ORDER BY shard FOR UPDATE`,
      [leaseMs],
    );
    const share = Math.ceil(rows.length / Math.max(1, ownerCount));
    const held = rows.filter((row) => row.owner === owner).map(({ shard }) => shard);
    const kept = mayGiveBack ? held.slice(0, share) : held;
    const free = rows.filter((row) => row.free && row.owner !== owner);
    const room = Math.max(0, share - kept.length);
    const taken = free.filter(({ abandoned }, n) => n < room || abandoned).map(({ shard }) => shard);
    const mine = [...kept, ...taken];
    await tx.query(
      `UPDATE outbox_shards SET
         owner = CASE WHEN shard = ANY ($2::smallint[]) THEN $1 END,
         lease_until = CASE WHEN shard = ANY ($2::smallint[]) THEN now() + $4 * interval '1 ms' ELSE now() END
       WHERE shard = ANY ($2::smallint[]) OR shard = ANY ($3::smallint[])`,
      [owner, mine, held, leaseMs],
    );
    if (taken.length > 0) await retryRefusedRows(tx, taken);
    return { shards: mine, taken, shardCount: rows.length };
  });
}

export async function releaseShards(db: Db, owner: string): Promise<void> {
  await db.query('UPDATE outbox_shards SET owner = NULL, lease_until = now() WHERE owner = $1', [owner]);
}
