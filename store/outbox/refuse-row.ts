import type { Queryable } from '../db.ts';

/** Keeps a row that Kafka will not take, with the reason; its aggregate's later rows wait behind it, others go on. */
export async function refuseRow(db: Queryable, shard: number, seq: bigint, error: string): Promise<void> {
  await db.query('UPDATE outbox SET error = $3 WHERE shard = $1 AND seq = $2', [shard, seq, error]);
}

/** Gives refused rows another chance; a new owner of a shard may be a build or a broker that takes them. */
export async function retryRefusedRows(db: Queryable, shards: readonly number[]): Promise<void> {
  await db.query('UPDATE outbox SET error = NULL WHERE shard = ANY ($1::smallint[]) AND error IS NOT NULL', [
    shards,
  ]);
}
