import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { headerText } from '../events/codec/envelope.ts';
import { toMessage } from '../events/relay/outgoing.ts';
import { readWindow } from '../events/streams/read-window.ts';
import { startRelay } from '../events/relay/relay.ts';
import type { Db } from '../store/db.ts';
import { readOutboxLevel } from '../store/outbox/reads.ts';
import { claimRows } from '../store/outbox/claim-rows.ts';
import type { EventWorld } from './event-world.ts';
import type { Lanes, RawTask } from './relay-raw.ts';

export const relayTopic = 'leaderboard.score';
/** As many partitions as the other, so that the other holds the relay's records alone. */
const rawTopic = 'game.player';
const shardCount = 16;
const laneCount = 4;
const requestCount = 1_000;

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

/** How long the relay takes to carry everything that waits to Kafka, from its start, and how old the oldest got. */
export async function drainOutbox(world: EventWorld): Promise<{ tookMs: number; lagSecondsMax: number }> {
  const startedAtMs = performance.now();
  const relay = startRelay(world);
  let lagSecondsMax = 0;
  for (let n = 0; !(await isEmpty(world.db)); n++) {
    if (n % 20 === 0) {
      const { oldestAgeMs } = await readOutboxLevel(world.db);
      lagSecondsMax = Math.max(lagSecondsMax, oldestAgeMs / 1_000);
    }
    await new Promise((resume) => setTimeout(resume, 20));
  }
  const tookMs = performance.now() - startedAtMs;
  await relay.stop();
  return { tookMs, lagSecondsMax };
}

const isEmpty = async (db: Db): Promise<boolean> =>
  (await db.query('SELECT FROM outbox LIMIT 1')).rowCount === 0;

/** The relay's own requests, made before the clock runs: its lanes and sizes, its keys, values and headers. */
export async function readLanes({ db, codec, origin }: EventWorld): Promise<Lanes> {
  const lanes: Lanes = [];
  for (let lane = 0; lane < laneCount; lane++) {
    const shards = Array.from({ length: shardCount / laneCount }, (_, n) => n * laneCount + lane);
    const rows = await claimRows(db, shards, 1_000_000);
    const messages = rows.map((row) => {
      const { key, value, headers } = toMessage(row, codec, origin);
      return { key, value, headers };
    });
    lanes.push(
      Array.from({ length: Math.ceil(messages.length / requestCount) }, (_, n) =>
        messages.slice(n * requestCount, (n + 1) * requestCount),
      ),
    );
  }
  return lanes;
}

/** See `relay-raw.ts`. Answers the time that sending took. */
export function openRawProducer({ kafkaBrokers, prefix }: EventWorld) {
  const script = fileURLToPath(new URL('relay-raw.ts', import.meta.url));
  const child = fork(script, { serialization: 'advanced' });
  return {
    async send(lanes: Lanes): Promise<number> {
      const task: RawTask = { brokers: kafkaBrokers, topic: prefix + rawTopic, lanes };
      child.send(task);
      const [tookMs] = (await once(child, 'message')) as [number];
      return tookMs;
    },
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
