import type { JsonValue } from '../../domain/canonical-json.ts';
import type { Queryable } from '../db.ts';
import { columnsOf } from './mark-published.ts';
import type { PublishedRow } from './mark-published.ts';

/** A waiting event; `data` is null for a dead-letter copy, which travels as the bytes it was. */
export type OutboxRow = {
  shard: number;
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
  created_at_ms: number;
};

/** What is not to be claimed: topics, and aggregates as `aggregateOf` names them. */
export type Held = { topics: readonly string[]; aggregates: readonly string[] };

/** At most so many rows of each shard, and none after the one that goes beyond the bytes, as they are stored. */
export type ClaimLimits = { countMaxPerShard: number; bytesMaxPerShard?: number };

/**
 * The oldest waiting rows of each shard, aggregate by aggregate in order. Sequences are not commit-ordered, so this always
 * looks from the beginning; within an aggregate `append_outbox` makes commit order and `seq` agree. `published` leave first,
 * as by `markPublished`, in the same round trip.
 */
export async function claimRows(
  db: Queryable,
  shards: readonly number[],
  { countMaxPerShard, bytesMaxPerShard = Number.MAX_SAFE_INTEGER }: ClaimLimits,
  held: Held = { topics: [], aggregates: [] },
  published: readonly PublishedRow[] = [],
): Promise<OutboxRow[]> {
  const claim = [shards, countMaxPerShard, bytesMaxPerShard, held.topics, held.aggregates];
  const { rows } = await db.query<OutboxRow>(
    published.length === 0
      ? {
          name: 'claim_outbox_rows',
          text: 'SELECT * FROM claim_outbox($1::smallint[], $2, $3, $4::text[], $5::text[])',
          values: claim,
        }
      : {
          name: 'turn_outbox_rows',
          text: `SELECT * FROM turn_outbox($1::smallint[], $2::bigint[], $3::int[], $4::bigint[],
            $5::smallint[], $6, $7, $8::text[], $9::text[])`,
          values: [...columnsOf(published), ...claim],
        },
  );
  return rows;
}
