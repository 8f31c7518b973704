import type { Db } from '../db.ts';
import { retryRefusedShards } from './refuse-row.ts';

/**
 * Renews what `owner` holds, takes free shards up to its fair share among `ownerCount` relays and gives back what is
 * above it. Answers the shards it holds now, for `leaseMs` from when it asked, and which of them it has just taken: what was
 * refused there may go again.
 */
export async function leaseShards(
  db: Db,
  owner: string,
  ownerCount: number,
  leaseMs: number,
): Promise<{ shards: number[]; taken: number[] }> {
  return db.transaction(async (tx) => {
    const { rows } = await tx.query<{ shard: number; owner: string | null; free: boolean }>(
      `SELECT shard, owner, owner IS NULL OR lease_until < now() AS free FROM outbox_shards ORDER BY shard FOR UPDATE`,
    );
    const share = Math.ceil(rows.length / Math.max(1, ownerCount));
    const held = rows.filter((row) => row.owner === owner).map(({ shard }) => shard);
    const kept = held.slice(0, share);
    const free = rows.filter((row) => row.free && row.owner !== owner).map(({ shard }) => shard);
    const taken = free.slice(0, share - kept.length);
    const mine = [...kept, ...taken];
    await tx.query(
      `UPDATE outbox_shards SET
         owner = CASE WHEN shard = ANY ($2::smallint[]) THEN $1 END,
         lease_until = CASE WHEN shard = ANY ($2::smallint[]) THEN now() + $4 * interval '1 ms' ELSE now() END
       WHERE shard = ANY ($2::smallint[]) OR shard = ANY ($3::smallint[])`,
      [owner, mine, held, leaseMs],
    );
    if (taken.length > 0) await retryRefusedShards(tx, taken);
    return { shards: mine, taken };
  });
}

export async function releaseShards(db: Db, owner: string): Promise<void> {
  await db.query('UPDATE outbox_shards SET owner = NULL, lease_until = now() WHERE owner = $1', [owner]);
}
