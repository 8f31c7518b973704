import type { Db } from '../db.ts';
import { commitWithoutDisk } from '../commit-without-disk.ts';
import { createMicroBatch } from '../micro-batch.ts';

/** Where an event that did not come through the outbox stands in Kafka. */
export type PublishedEvent = {
  id: string;
  topic: string;
  type: string;
  key: string | null;
  partition: number;
  offset: bigint;
  receivedAt: Date;
};

const batches = new WeakMap<Pick<Db, 'query'>, (events: readonly PublishedEvent[]) => Promise<null>>();

/**
 * One metadata row each; publishers at the same moment share a statement. Of an event told twice the first place stays. The
 * rows are durable with the request's reply, whose commit comes after theirs.
 */
export async function appendPublished(
  db: Pick<Db, 'query'>,
  events: readonly PublishedEvent[],
): Promise<void> {
  let append = batches.get(db);
  if (!append) {
    append = createMicroBatch({
      run: async (calls: readonly (readonly PublishedEvent[])[]) => {
        await insert(db, calls.flat());
        return calls.map(() => null);
      },
    });
    batches.set(db, append);
  }
  await append(events);
}

async function insert(db: Pick<Db, 'query'>, events: readonly PublishedEvent[]): Promise<void> {
  await db.query({
    name: 'append_event_log',
    text: `
      INSERT INTO event_log (id, topic, type, key, "partition", "offset", created_at)
      SELECT a.* FROM (SELECT ${commitWithoutDisk}) AS unhurried,
        unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::int[], $6::bigint[], $7::timestamptz[]) AS a
      ON CONFLICT DO NOTHING`,
    values: [
      events.map(({ id }) => id),
      events.map(({ topic }) => topic),
      events.map(({ type }) => type),
      events.map(({ key }) => key),
      events.map(({ partition }) => partition),
      events.map(({ offset }) => offset),
      events.map(({ receivedAt }) => receivedAt),
    ],
  });
}
