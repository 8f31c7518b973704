import type { Queryable } from '../db.ts';

export type Refusal = { owner: string; shard: number; seq: bigint; error: string };

/**
 * Keeps a row that Kafka will not take, with the reason; its aggregate's later rows wait behind it, others go on. Only for
 * the shard's owner: the word of one that was stopped and comes back late would hold up what its successor sends.
 */
export async function refuseRow(db: Queryable, { owner, shard, seq, error }: Refusal): Promise<void> {
  await db.query(
    `WITH own AS MATERIALIZED (SELECT shard FROM outbox_shards WHERE shard = $2 AND owner = $1 FOR SHARE)
     UPDATE outbox o SET error = $4 FROM own WHERE o.shard = own.shard AND o.seq = $3`,
    [owner, shard, seq, error],
  );
}

/** Gives refused rows another chance; a new owner of a shard may be a build or a broker that takes them. */
export async function retryRefusedShards(db: Queryable, shards: readonly number[]): Promise<void> {
  await db.query('UPDATE outbox SET error = NULL WHERE shard = ANY ($1::smallint[]) AND error IS NOT NULL', [
    shards,
  ]);
}

/** The same for these rows alone. */
export async function retryRefusedRows(
  db: Queryable,
  rows: readonly { shard: number; seq: bigint }[],
): Promise<void> {
  await db.query(
    `UPDATE outbox o SET error = NULL FROM unnest($1::smallint[], $2::bigint[]) AS r(shard, seq)
     WHERE o.shard = r.shard AND o.seq = r.seq`,
    [rows.map(({ shard }) => shard), rows.map(({ seq }) => seq)],
  );
}
