import { randomUUID } from 'node:crypto';
import { expect, inject, test } from 'vitest';
import { typeOf, toEnvelope } from '../../../events/codec/envelope.ts';
import { vacuumOutbox } from '../../../store/outbox/vacuum-outbox.ts';
import { createBroker } from '../../../events/kafkajs/broker.ts';
import { countRows, eventTools, eventually, readTopic, relayFor, tell } from '../support.ts';

const tools = await eventTools(['game.player', 'notifications.player', 'leaderboard.score'], 2);
const { db, broker, codec } = tools;

const registered = (playerId: string) =>
  ({ type: 'game.player.registered.v1', key: playerId, data: { playerId } }) as const;
const left = (playerId: string, matchId: string) =>
  ({ type: 'game.player.left.v1', key: playerId, data: { playerId, matchId } }) as const;

test('committed events arrive in order per key, decodable, with gap-free sequences; uncommitted ones never', async () => {
  const players = Array.from({ length: 5 }, () => randomUUID());
  await tell(db, ...players.map((id) => registered(id)));
  const relay = relayFor(tools);
  await expect(
    db.transaction(async (tx) => {
      const { appendEvents } = await import('../../../store/outbox/append-events.ts');
      await appendEvents(tx, [left(players[0]!, 'never')]);
      throw new Error('rolled back');
    }),
  ).rejects.toThrow('rolled back');
  for (let round = 0; round < 4; round += 1)
    await Promise.all(players.map((id) => tell(db, left(id, `m${round}`))));
  await eventually('the outbox is empty', async () => (await countRows(db, 'outbox')) === 0);
  await relay.stop();

  const records = await readTopic(broker, 'game.player');
  expect(records).toHaveLength(25);
  for (const player of players) {
    const own = records.filter(({ key }) => key?.toString() === player);
    expect(own.map(({ headers }) => toEnvelope({ headers, timestampMs: 0, key: null }).sequence)).toEqual([
      1n,
      2n,
      3n,
      4n,
      5n,
    ]);
    const last = own.at(-1)!;
    expect(typeOf(last.headers)).toBe('game.player.left.v1');
    expect(await codec.decode('game.player.left.v1', last.value, 'application/avro')).toEqual({
      playerId: player,
      matchId: 'm3',
    });
  }
  const { rows } = await db.query<{ partition: number; offset: bigint; key: string }>(
    'SELECT "partition", "offset", key FROM event_log',
  );
  const placed = new Set(
    records.map(({ partition, offset, key }) => `${partition}/${offset}/${key?.toString()}`),
  );
  expect(new Set(rows.map((row) => `${row.partition}/${row.offset}/${row.key}`))).toEqual(placed);
});

test('a row Kafka cannot take holds back its aggregate alone, and goes out after the cause is gone', async () => {
  const [big, small] = [randomUUID(), randomUUID()];
  const note = (playerId: string, text: string) =>
    ({
      type: 'notifications.player.notified.v1',
      key: playerId,
      data: { notificationId: randomUUID(), playerId, type: 'x', data: { text } },
    }) as const;
  await tell(
    db,
    note(big, 'a'),
    note(big, 'b'.repeat(1_100_000)),
    note(big, 'c'),
    note(small, 'd'),
    note(small, 'e'),
  );
  const relay = relayFor(tools);
  await eventually(
    'only the big aggregate waits',
    async () =>
      (await countRows(db, 'outbox')) === 2 && (await countRows(db, 'outbox', 'error IS NOT NULL')) === 1,
  );
  await tell(db, note(small, 'f'));
  await eventually('others go on', async () => (await countRows(db, 'outbox')) === 2);
  await relay.stop();
  await db.query(
    `UPDATE outbox SET data = jsonb_set(data, '{data}', '{"text": "shorter"}') WHERE error IS NOT NULL`,
  );
  const next = relayFor(tools);
  await eventually('the next owner tries again', async () => (await countRows(db, 'outbox')) === 0);
  await next.stop();
  const records = await readTopic(broker, 'notifications.player');
  const texts = await Promise.all(
    records
      .filter(({ key }) => key?.toString() === big)
      .map(async ({ value }) => (await codec.decode('notifications.player.notified.v1', value, '')).data),
  );
  expect(texts).toEqual([{ text: 'a' }, { text: 'shorter' }, { text: 'c' }]);
});

test('two relays share the shards and send nothing twice', async () => {
  const relays = [relayFor(tools), relayFor(tools)];
  await eventually('both own shards', async () => {
    const { rows } = await db.query<{ count: number }>(
      'SELECT count(DISTINCT owner)::int AS count FROM outbox_shards',
    );
    return rows[0]?.count === 2;
  });
  const before = await countRows(db, 'event_log');
  await Promise.all(Array.from({ length: 60 }, () => tell(db, registered(randomUUID()))));
  await eventually('the outbox is empty', async () => (await countRows(db, 'outbox')) === 0);
  expect(await countRows(db, 'event_log')).toBe(before + 60);
  await Promise.all(relays.map((relay) => relay.stop()));
});

test('a topic that is missing holds back its own aggregates alone, also when it was there before', async () => {
  const scored = () => {
    const playerId = randomUUID();
    return {
      type: 'leaderboard.score.changed.v1',
      key: playerId,
      data: { leaderboard: 'arena', playerId, score: '1' },
    } as const;
  };
  const brokers = inject('servers').kafkaBrokers;
  const own = createBroker({ brokers, clientId: 'test', prefix: tools.prefix, log: tools.log });
  const relay = relayFor({ ...tools, broker: own });
  await tell(db, scored());
  await eventually('the topic is written to', async () => (await countRows(db, 'outbox')) === 0);
  await broker.admin.deleteTopics(['leaderboard.score']);
  const before = await countRows(db, 'event_log');
  // all shards at once, each after some event that cannot go
  for (let round = 0; round < 5; round += 1)
    await Promise.all(
      Array.from({ length: 10 }, async () => {
        await tell(db, scored());
        await tell(db, registered(randomUUID()));
      }),
    );
  await eventually(
    'only what has no topic waits',
    async () =>
      (await countRows(db, 'outbox', 'error IS NOT NULL')) > 0 && (await countRows(db, 'outbox')) === 50,
  );
  expect(await countRows(db, 'outbox', "topic <> 'leaderboard.score'")).toBe(0);
  expect(await countRows(db, 'event_log')).toBe(before + 50);
  await relay.stop();
  await own.close();
});

test("what has left the outbox is freed by the services' own role", async () => {
  await eventually('it was vacuumed', async () => {
    // one without the right to is told so, and nothing else
    await vacuumOutbox(db);
    const { rows } = await db.query<{ count: bigint }>(
      `SELECT vacuum_count AS count FROM pg_stat_user_tables WHERE relname = 'outbox'`,
    );
    return (rows[0]?.count ?? 0n) > 0n;
  });
});
