import { randomUUID } from 'node:crypto';
import type { DeliveredRecord } from '../events/kafka/broker.ts';
import { consume } from '../events/consumer/consume.ts';
import { toEnvelope } from '../events/codec/envelope.ts';
import type { EventHandler } from '../events/consumer/handler.ts';
import { defineBatchHandler } from '../events/handlers/define.ts';
import type { Tx } from '../store/db.ts';
import { plainArray, textArray } from '../store/pg-array.ts';
import type { EventWorld } from './event-world.ts';

export const topic = 'leaderboard.score';
const type = 'leaderboard.score.changed.v1';

/** What one run through the topic came to, from the first event to the last. */
export type Run = { group: string; count: number; ms: number };
export type Reader = {
  name: string;
  /** Reads the topic from its beginning as a new group, to the end or until the time is over. */
  run(world: EventWorld, msMax: number): Promise<Run>;
};

type Scored = { id: string; data: { playerId: string; score: string } };

/** An inbox row and an effect row each, both durable before the offset. */
export const effectHandler = (onEvents: (count: number) => void = () => {}): EventHandler =>
  defineBatchHandler({
    group: `bench-${randomUUID()}`,
    types: [type],
    onDeadLetter: 'park',
    async handleMany(tx, events) {
      onEvents(0);
      await insertEffects(tx, events);
    },
  });

const insertEffects = (tx: Tx, events: readonly Scored[]) =>
  tx.query({
    name: 'bench_effects',
    text: 'INSERT INTO effects SELECT * FROM unnest($1::text[], $2::uuid[], $3::bigint[])',
    values: [
      textArray(events.map(({ id }) => id)),
      textArray(events.map(({ data }) => data.playerId)),
      plainArray(events.map(({ data }) => data.score)),
    ],
  });

/** Our runtime with a handler that takes many. */
export const ours: Reader = {
  name: 'ours',
  async run(world, msMax) {
    const progress = createProgress(await eventCount(world), msMax);
    const handler = effectHandler(progress.seen);
    const consumer = consume(world, handler);
    let doneCount = 0;
    // the runtime counts what is committed
    const look = setInterval(() => {
      void consumedCount(world, handler.group).then((count) => {
        progress.seen(count - doneCount);
        doneCount = count;
      });
    }, 10);
    const run = await progress.run;
    clearInterval(look);
    await consumer.stop();
    return { group: handler.group, ...run };
  },
};

/** Reads everything and does nothing with it: as fast as records come. */
export const noOp: Reader = {
  name: 'no-op consumer',
  async run(world, msMax) {
    const group = `bench-${randomUUID()}`;
    const progress = createProgress(await eventCount(world), msMax);
    const member = await read(world, group, (records) => progress.seen(records.length));
    const run = await progress.run;
    await member.stop();
    return { group, ...run };
  },
};

/** How it is usually done: one transaction per event, so many at once, the events of a key in order. */
export const perEvent = (concurrency: number): Reader => ({
  name: 'one transaction per event, at its best concurrency',
  async run(world, msMax) {
    const group = `bench-${randomUUID()}`;
    const progress = createProgress(await eventCount(world), msMax);
    const queues = Array.from({ length: concurrency }, (): DeliveredRecord[] => []);
    const working = new Map<number, Promise<void>>();
    async function work(queue: DeliveredRecord[]): Promise<void> {
      for (let next = queue.shift(); next !== undefined && !progress.isOver(); next = queue.shift()) {
        progress.seen(0);
        await handleAlone(world, group, next);
        progress.seen(1);
      }
    }
    const member = await read(world, group, (records) => {
      for (const record of records) queues[hashOf(record.key) % concurrency]?.push(record);
      for (const [n, queue] of queues.entries())
        if (!working.has(n))
          working.set(
            n,
            work(queue).finally(() => working.delete(n)),
          );
    });
    const run = await progress.run;
    await Promise.all(working.values());
    await member.stop();
    return { group, ...run };
  },
});

async function handleAlone({ db, codec }: EventWorld, group: string, record: DeliveredRecord): Promise<void> {
  const { id, source, contentType } = toEnvelope(record);
  const { playerId, score } = await codec.decode(type, record.value, contentType);
  await db.transaction(async (tx) => {
    const { rowCount } = await tx.query({
      name: 'bench_claim_one',
      text: 'INSERT INTO inbox (consumer_group, source, id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
      values: [group, source, id],
    });
    if (rowCount === 0) return;
    await tx.query({
      name: 'bench_effect_one',
      text: 'INSERT INTO effects VALUES ($1, $2, $3)',
      values: [id, playerId, score],
    });
  });
}

const read = (
  { broker }: EventWorld,
  group: string,
  onRecords: (records: readonly DeliveredRecord[]) => void,
) =>
  broker.join({
    group,
    topics: [topic],
    from: 'earliest',
    onRecords,
    onAssigned: () => {},
    onRebalancing: () => {},
    onEnded: (error) => {
      throw error;
    },
  });

const hashOf = (key: Buffer | null): number => key?.reduce((sum, byte) => (sum * 31 + byte) >>> 0, 7) ?? 0;

export const eventCount = async ({ broker }: EventWorld): Promise<number> =>
  (await broker.admin.partitionEnds(topic)).reduce((sum, { endOffset }) => sum + Number(endOffset), 0);

export async function consumedCount({ metrics }: EventWorld, group: string): Promise<number> {
  const { values } = await metrics.eventsConsumed.get();
  return values.filter(isOf(group)).reduce((sum, { value }) => sum + value, 0);
}

export const isOf =
  (group: string) =>
  ({ labels }: { labels: object }): boolean =>
    'group' in labels && labels.group === group;

function createProgress(count: number, msMax: number) {
  const { promise: run, resolve } = Promise.withResolvers<Omit<Run, 'group'>>();
  let startedAtMs: number | undefined;
  let seenCount = 0;
  let over = false;
  return {
    run,
    isOver: () => over,
    /** So many more are done; the first call, also with none, is the beginning. */
    seen(more: number): void {
      if (more === 0 && startedAtMs !== undefined) return;
      startedAtMs ??= performance.now();
      seenCount += more;
      const ms = performance.now() - startedAtMs;
      if (over || (seenCount < count && ms < msMax)) return;
      over = true;
      resolve({ count: seenCount, ms });
    },
  };
}
