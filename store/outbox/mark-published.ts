import type { Queryable } from '../db.ts';

export type PublishedRow = { shard: number; seq: bigint; partition: number; offset: bigint };

/**
 * Exactly the acknowledged rows leave the outbox and become one metadata row each in `event_log`. Rows that another
 * owner of the shard already moved are not there any more.
 */
export async function markPublished(db: Queryable, published: readonly PublishedRow[]): Promise<void> {
  await db.query({
    name: 'mark_outbox_published',
    text: 'SELECT mark_outbox_published($1::smallint[], $2::bigint[], $3::int[], $4::bigint[])',
    values: columnsOf(published),
  });
}

export const columnsOf = (published: readonly PublishedRow[]) => [
  published.map(({ shard }) => shard),
  published.map(({ seq }) => seq),
  published.map(({ partition }) => partition),
  published.map(({ offset }) => offset),
];
