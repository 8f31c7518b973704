import type { Queryable } from '../db.ts';

export type Refusal = { shard: number; seq: bigint; error: string };

/**
 * Keeps rows that cannot be sent, with the reason; what their aggregates or topics said later waits behind them, others go
 * on. Only for the shards' owner: the word of one that was stopped and comes back late would hold up what its successor
 * sends.
 */
export async function refuseRows(db: Queryable, owner: string, rows: readonly Refusal[]): Promise<void> {
  await db.query('SELECT refuse_outbox($1, $2::smallint[], $3::bigint[], $4::text[])', [
    owner,
    rows.map(({ shard }) => shard),
    rows.map(({ seq }) => seq),
    rows.map(({ error }) => error),
  ]);
}

/** Gives what was refused in these shards another chance: the topic may be there by now, the build or the row mended. */
export async function retryRefusedRows(db: Queryable, shards: readonly number[]): Promise<void> {
  await db.query('UPDATE outbox SET error = NULL WHERE shard = ANY ($1::smallint[]) AND error IS NOT NULL', [
    shards,
  ]);
}
