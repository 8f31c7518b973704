import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { createMetrics } from '../../../platform/metrics.ts';
import { claimRows } from '../../../store/outbox/claim-rows.ts';
import { startRelay } from '../../../events/relay/relay.ts';
import { countRows, eventTools, eventually, readTopic, tell } from '../support.ts';

const tools = await eventTools(['game.player', 'game.result'], 2);
const { db, broker } = tools;

const good = () => {
  const playerId = randomUUID();
  return { type: 'game.player.registered.v1', key: playerId, data: { playerId } } as const;
};

/** As a writer of another build, or before a topic was made: an aggregate of its own for each. */
const strange = (topic: string, type: string, count: number) =>
  db.query(
    `INSERT INTO outbox (shard, topic, type, key, subject, data)
     SELECT outbox_shard(k), $1, $2, k, k, '{}' FROM (SELECT gen_random_uuid()::text AS k FROM generate_series(1, $3)) AS k`,
    [topic, type, count],
  );

test('a topic Kafka does not have is asked for once by each lane, whatever waits for it, and others go on', async () => {
  const count = 6_000;
  await db.query(
    `INSERT INTO outbox (shard, topic, type, key, raw_key, subject, value)
     SELECT outbox_shard(k), 'nobody.made', 'x', k, k::bytea, k, 'x'
     FROM (SELECT gen_random_uuid()::text AS k FROM generate_series(1, $1)) AS k`,
    [count],
  );
  await tell(db, good(), good());
  const metrics = createMetrics();
  const relay = startRelay({ ...tools, metrics });
  await eventually('the others are out', async () => (await countRows(db, 'outbox')) === count);
  await tell(db, good());
  await eventually('what came later too', async () => (await countRows(db, 'outbox')) === count);
  expect(await countRows(db, 'outbox', 'error IS NOT NULL')).toBeLessThanOrEqual(4);
  await relay.stop();
  expect(await readTopic(broker, 'game.player')).toHaveLength(3);
  await db.query(`DELETE FROM outbox WHERE topic = 'nobody.made'`);
});

test('thousands of aggregates of a type this build does not know are put aside together, and taken up by one that does', async () => {
  const count = 5_000;
  await strange('game.player', 'game.player.promoted.v1', count);
  await tell(db, good());
  const relay = startRelay(tools, { retryRefusedMs: 3_600_000 });
  await eventually(
    'the strange ones alone wait',
    async () =>
      (await countRows(db, 'outbox', 'error IS NOT NULL')) === count &&
      (await countRows(db, 'outbox')) === count,
  );
  await relay.stop();
  await db.query(
    `UPDATE outbox SET type = 'game.player.registered.v1', data = jsonb_build_object('playerId', key)`,
  );
  const next = startRelay(tools);
  await eventually('the next relay sends them', async () => (await countRows(db, 'outbox')) === 0);
  await next.stop();
});

test('a claim passes over forty thousand aggregates that wait, well within a transaction', async () => {
  await strange('game.player', 'game.player.registered.v1', 4_000);
  const { rows } = await db.query<{ key: string }>('SELECT key FROM outbox ORDER BY seq LIMIT 10');
  const aggregates = rows.map(({ key }) => `game.player\n${key}`);
  while (aggregates.length < 40_000) aggregates.push(`game.player\n${randomUUID()}`);
  const shards = Array.from({ length: 16 }, (_, n) => n);
  const claimed = await claimRows(db, shards, { countMaxPerShard: 4_000 }, { topics: [], aggregates });
  expect(claimed).toHaveLength(3_990);
  const held = { topics: ['game.player'], aggregates: [] };
  expect(await claimRows(db, shards, { countMaxPerShard: 250 }, held)).toEqual([]);
  await db.query('DELETE FROM outbox');
});

test('a claim ends where its bytes do, with one row at least of each shard', async () => {
  await db.query(
    `INSERT INTO outbox (shard, topic, type, key, raw_key, subject, value)
     SELECT n % 2, 'game.player', 'x', 'k' || n, 'k', 's', decode(repeat(md5(n::text), 4096), 'hex')
     FROM generate_series(1, 100) AS n`,
  );
  const limits = { countMaxPerShard: 250, bytesMaxPerShard: 200_000 };
  const bytesOf = (claimed: Awaited<ReturnType<typeof claimRows>>) =>
    claimed.map(({ shard, value }) => [shard, value?.length]);
  expect(bytesOf(await claimRows(db, [0, 1], limits))).toEqual(
    [0, 0, 0, 0, 1, 1, 1, 1].map((shard) => [shard, 65_536]),
  );
  expect(await claimRows(db, [0, 1], { ...limits, bytesMaxPerShard: 1 })).toHaveLength(2);
  await db.query('DELETE FROM outbox');
});

test('large events leave at the pace of their bytes, and none is too many', async () => {
  const count = 200;
  await db.query(
    `INSERT INTO outbox (shard, topic, type, key, raw_key, subject, value)
     SELECT outbox_shard('k' || n), 'game.player', 'x', 'k' || n, convert_to('k' || n, 'UTF8'), 's',
       decode(repeat(md5(n::text), 30000), 'hex')
     FROM generate_series(1, $1) AS n`,
    [count],
  );
  const relay = startRelay(tools);
  await eventually('all are out', async () => (await countRows(db, 'outbox')) === 0);
  await relay.stop();
  const { rows } = await db.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM event_log WHERE type = 'x'`,
  );
  expect(rows[0]?.count).toBe(count);
});

test('the copy of a dead letter with a hundred thousand headers is counted as what it is, and fits', async () => {
  await db.query(
    `INSERT INTO outbox (shard, topic, type, key, raw_key, subject, value, headers)
     SELECT 0, 'game.result.dlq', 'x', 'k', 'k', 's', decode(repeat(md5('v'), 16000), 'hex'),
       (SELECT jsonb_object_agg(to_hex(n), '') FROM generate_series(1, 100000) AS n)`,
  );
  const relay = startRelay(tools);
  await eventually('it is out', async () => (await countRows(db, 'outbox')) === 0);
  await relay.stop();
  const [copy] = await readTopic(broker, 'game.result.dlq');
  expect(Object.keys(copy?.headers ?? {})).toHaveLength(100_000);
});

test('what was read with a refused row, and would go in the next request, stays behind it', async () => {
  await broker.admin.alterTopic('game.result', { 'max.message.bytes': '10000' });
  const row = (shard: number, topic: string, key: string, byteCount: number) =>
    db.query(
      `INSERT INTO outbox (shard, topic, type, key, raw_key, subject, value)
       VALUES ($1, $2, 'x', $3, convert_to($3, 'UTF8'), 's', $4)`,
      [shard, topic, key, Buffer.alloc(byteCount)],
    );
  // with the first of `late` the request is almost full, so that its second is the next one's
  for (let shard = 0; shard < 12; shard += 1) await row(shard, 'game.player', `other${shard}`, 64_000);
  await row(12, 'game.result', 'late', 13_000);
  await row(12, 'game.result', 'late', 5_000);
  const relay = startRelay(tools);
  await eventually('the others are out', async () => (await countRows(db, 'outbox', `key <> 'late'`)) === 0);
  await tell(db, good());
  await eventually('a turn has passed', async () => (await countRows(db, 'outbox', `key <> 'late'`)) === 0);
  await relay.stop();
  expect(await countRows(db, 'outbox', 'error IS NOT NULL')).toBe(1);
  expect(await countRows(db, 'outbox')).toBe(2);
});
