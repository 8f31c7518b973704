import type { JsonValue } from '../../domain/canonical-json.ts';
import type { Queryable } from '../db.ts';

/** A waiting event; `data` is null for a dead-letter copy, which travels as the bytes it was. */
export type OutboxRow = {
  seq: bigint;
  id: string;
  topic: string;
  type: string;
  key: string | null;
  raw_key: Buffer | null;
  subject: string | null;
  sequence: bigint | null;
  data: JsonValue | null;
  value: Buffer | null;
  headers: Record<string, JsonValue>;
  created_at: Date;
};

/**
 * The oldest waiting rows of a shard, aggregate by aggregate in order. Sequences are not commit-ordered, so this always
 * looks from the beginning; within an aggregate `append_outbox` makes commit order and `seq` agree. What stands behind a
 * refused row of its aggregate waits with it.
 */
export async function claimRows(db: Queryable, shard: number, countMax: number): Promise<OutboxRow[]> {
  const { rows } = await db.query<OutboxRow>({
    name: 'claim_outbox_rows',
    text: `
      SELECT seq, id, topic, type, key, raw_key, subject, sequence, data, value, headers, created_at
      FROM outbox o
      WHERE shard = $1 AND error IS NULL AND NOT EXISTS (
        SELECT 1 FROM outbox r WHERE r.shard = $1 AND r.error IS NOT NULL AND r.topic = o.topic AND r.key = o.key AND r.seq < o.seq)
      ORDER BY seq LIMIT $2`,
    values: [shard, countMax],
  });
  return rows;
}

/** Which of the shards have anything to send. */
export async function shardsWithRows(db: Queryable, shards: readonly number[]): Promise<number[]> {
  const { rows } = await db.query<{ shard: number }>({
    name: 'outbox_shards_with_rows',
    text: `
      SELECT s.shard FROM unnest($1::smallint[]) AS s(shard)
      WHERE EXISTS (SELECT 1 FROM outbox o WHERE o.shard = s.shard AND o.error IS NULL)`,
    values: [shards],
  });
  return rows.map(({ shard }) => shard);
}
