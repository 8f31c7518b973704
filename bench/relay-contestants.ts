import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { headerText } from '../events/codec/envelope.ts';
import { readWindow } from '../events/streams/read-window.ts';
import { startRelay } from '../events/relay/relay.ts';
import type { Db } from '../store/db.ts';
import { readOutboxLevel } from '../store/outbox/reads.ts';
import type { EventWorld } from './event-world.ts';
import type { RawTask } from './relay-raw.ts';

export const relayTopic = 'leaderboard.score';
/** As many partitions as the other, so that the other holds the relay's records alone. */
const rawTopic = 'game.player';

/** Events of one run: each of `keyCount` players' in turn, written as `append_outbox` does, ready for the relay. */
export async function fillOutbox(db: Db, count: number, keyCount: number): Promise<void> {
  await db.query(
    `SELECT append_outbox(
       array_agg('leaderboard.score'::text), array_agg('leaderboard.score.changed.v1'::text), array_agg(key), array_agg(key),
       array_agg(jsonb_build_object('leaderboard', 'arena', 'playerId', key, 'score', n::text)::text),
       array_agg('{"correlationId":"bench"}'::text), array_agg(true))
     FROM (SELECT n, 'player-' || n % $2 AS key FROM generate_series(0, $1::int - 1) AS n ORDER BY n) AS events`,
    [count, keyCount],
  );
}

/** How long the relay takes to carry `count` waiting events to Kafka, from its start, and how old the oldest got. */
export async function drainOutbox(
  world: EventWorld,
  count: number,
): Promise<{ tookMs: number; lagSecondsMax: number }> {
  const sentBefore = await publishedCount(world);
  const { oldestAgeMs } = await readOutboxLevel(world.db);
  const startedAtMs = performance.now();
  const relay = startRelay(world);
  // asking the table would cost the server more than the relay does: what was sent is dead there, row by row
  while ((await publishedCount(world)) - sentBefore < count) await sleep(5);
  while (!(await isEmpty(world.db))) await sleep(5);
  const tookMs = performance.now() - startedAtMs;
  await relay.stop();
  return { tookMs, lagSecondsMax: (oldestAgeMs + tookMs) / 1_000 };
}

const sleep = (ms: number) => new Promise((resume) => setTimeout(resume, ms));

async function publishedCount({ metrics }: EventWorld): Promise<number> {
  const { values } = await metrics.eventsPublished.get();
  return values.reduce((sum, { value }) => sum + value, 0);
}

const isEmpty = async (db: Db): Promise<boolean> =>
  (await db.query('SELECT FROM outbox LIMIT 1')).rowCount === 0;

/** See `relay-raw.ts`. */
export function openRawProducer({ url, origin, kafkaBrokers, prefix }: EventWorld) {
  const script = fileURLToPath(new URL('relay-raw.ts', import.meta.url));
  // which kafkajs causes after every answer, when it is left as it is
  const child = fork(script, { execArgv: ['--disable-warning=TimeoutNegativeWarning'] });
  const ask = async (task: RawTask): Promise<number> => {
    child.send(task);
    const [answer] = (await once(child, 'message')) as [number];
    return answer;
  };
  return {
    /** What waits now is what it will send. Answers how many. */
    read: () => ask({ task: 'read', url, origin }),
    /** Answers the time that sending took. */
    send: () => ask({ task: 'send', brokers: kafkaBrokers, topic: prefix + rawTopic }),
    async close() {
      child.kill();
      await once(child, 'exit');
    },
  };
}

/** Everything told is in Kafka once, in order per aggregate and where `event_log` says; the outbox is empty. */
export async function checkPublished({ db, broker }: EventWorld, toldCount: number): Promise<boolean> {
  const lastOf = new Map<string, bigint>();
  let inOrderCount = 0;
  for (const end of await broker.admin.partitionEnds(relayTopic)) {
    const records = await readWindow(broker, [end], readLimits);
    for (const { key, headers } of records) {
      const player = key?.toString() ?? '';
      const sequence = BigInt(headerText(headers, 'ce_sequence') ?? -1);
      if (sequence === (lastOf.get(player) ?? 0n) + 1n) inOrderCount += 1;
      lastOf.set(player, sequence);
    }
  }
  const { rows } = await db.query<{ logged: number; places: number; waiting: number }>(
    `SELECT (SELECT count(*)::int FROM event_log) AS logged,
       (SELECT count(DISTINCT ("partition", "offset"))::int FROM event_log) AS places,
       (SELECT count(*)::int FROM outbox) AS waiting`,
  );
  const [seen] = rows;
  const isWhole = seen?.logged === toldCount && seen.places === toldCount && seen.waiting === 0;
  return inOrderCount === toldCount && isWhole;
}

const readLimits = { deadlineMs: 60_000, recordCountMax: 1_000_000 };
