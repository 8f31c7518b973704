/** @module-tag once */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, inject, test } from 'vitest';
import { headerText } from '../../../events/codec/envelope.ts';
import { startRelay } from '../../../events/relay/relay.ts';
import type { CrashingOptions } from '../crashing-process.ts';
import type { EventTools } from '../support.ts';
import { countRows, eventTools, eventually, relayFor, tell } from '../support.ts';

const tools = await eventTools(['game.player', 'leaderboard.score', 'notifications.player'], 3);
const { db, broker, metrics } = tools;

/** How many records of a topic are there, how many came again, and how many sequences were skipped. */
async function readOrder({ broker: from }: Pick<EventTools, 'broker'>, topic: string) {
  const seen = { count: 0, repeated: 0, gaps: 0 };
  const last = new Map<string, bigint>();
  await from.readFrom({
    partitions: (await from.admin.partitionEnds(topic)).map((end) => ({ ...end, offset: end.startOffset })),
    signal: new AbortController().signal,
    onRecords(records) {
      for (const { key, headers } of records) {
        const id = key?.toString() ?? '';
        const before = last.get(id) ?? 0n;
        const sequence = BigInt(headerText(headers, 'ce_sequence') ?? 0);
        seen.count += 1;
        if (sequence > before + 1n) seen.gaps += 1;
        if (sequence <= before) seen.repeated += 1;
        else last.set(id, sequence);
      }
    },
  });
  return seen;
}

const empty = (name: string) => eventually(name, async () => (await countRows(db, 'outbox')) === 0, 90_000);

test('a backlog of 50,000 rows, which no plan was made for, drains completely and in order', async () => {
  await db.query(
    `SELECT append_outbox(
       array_agg('leaderboard.score'::text), array_agg('leaderboard.score.changed.v1'::text), array_agg(key),
       array_agg(key), array_agg(jsonb_build_object('leaderboard', 'arena', 'playerId', key, 'score', n::text)::text),
       array_agg('{}'::text), array_agg(true))
     FROM (SELECT n, 'player-' || n % 700 AS key FROM generate_series(0, 49999) AS n ORDER BY n) AS events`,
  );
  const relay = relayFor(tools);
  await empty('the backlog is drained');
  await relay.stop();
  expect(await readOrder(tools, 'leaderboard.score')).toEqual({ count: 50_000, repeated: 0, gaps: 0 });
  expect(await countRows(db, 'event_log')).toBe(50_000);
});

test('the shards of a relay that stands still are taken over, and what it says later changes no order', async () => {
  const options: CrashingOptions = {
    role: 'relay',
    group: '',
    crashPoint: 'never',
    url: tools.url,
    prefix: tools.prefix,
    brokers: inject('servers').kafkaBrokers,
  };
  const script = fileURLToPath(new URL('../crashing-process.ts', import.meta.url));
  const other = spawn(process.execPath, [script, JSON.stringify(options)], { stdio: 'inherit' });
  const players = Array.from({ length: 40 }, () => randomUUID());
  const say = () =>
    tell(
      db,
      ...players.map(
        (playerId) => ({ type: 'game.player.registered.v1', key: playerId, data: { playerId } }) as const,
      ),
    );
  await say();
  await empty('the other carries');
  other.kill('SIGSTOP');
  const relay = relayFor(tools);
  for (let round = 0; round < 5; round += 1) await say();
  await empty('its shards are taken over');
  other.kill('SIGCONT');
  for (let round = 0; round < 5; round += 1) await say();
  await empty('both carry');
  other.kill('SIGKILL');
  await once(other, 'exit');
  await say();
  await empty('what the dead one held is carried');
  await relay.stop();
  const { count, gaps, repeated } = await readOrder(tools, 'game.player');
  expect(gaps).toBe(0);
  expect(count - repeated).toBe(12 * players.length);
});

test('a refused row is counted, and goes out by itself once its cause is gone', async () => {
  const playerId = randomUUID();
  const note = (text: string) =>
    ({
      type: 'notifications.player.notified.v1',
      key: playerId,
      data: { notificationId: randomUUID(), playerId, type: 'x', data: { text } },
    }) as const;
  const refusedCount = async () => (await metrics.outboxRefused.get()).values[0]?.value;
  await tell(db, note('a'), note('b'.repeat(1_100_000)), note('c'));
  const relay = startRelay(tools, { retryRefusedMs: 250 });
  await eventually('it is refused', async () => (await refusedCount()) === 1);
  await eventually('what stands before it is gone', async () => (await countRows(db, 'outbox')) === 2);
  await db.query(
    `UPDATE outbox SET data = jsonb_set(data, '{data}', '{"text": "shorter"}')
     WHERE topic = 'notifications.player' AND length(data::text) > 1000000`,
  );
  await empty('all is told');
  await relay.stop();
  expect(await refusedCount()).toBe(0);
  expect(await readOrder({ broker }, 'notifications.player')).toEqual({ count: 3, repeated: 0, gaps: 0 });
});
