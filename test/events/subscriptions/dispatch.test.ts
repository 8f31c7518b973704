import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { startDispatcher } from '../../../events/subscriptions/dispatcher.ts';
import { createOwnTopic } from '../../../store/own-topics/create-own-topic.ts';
import { readStream } from '../../../store/subscriptions/read-stream.ts';
import { setSubscriptionState } from '../../../store/subscriptions/change-subscription.ts';
import { queueDelivery } from '../../../store/subscriptions/queue-delivery.ts';
import { pruneSubscriptions } from '../../../store/subscriptions/prune-subscriptions.ts';
import { cancelled } from '../recording.ts';
import { countRows, eventually, readTopic, relayFor, tell } from '../support.ts';
import { startReceiver } from './receiver.ts';
import { subscriptionWorld } from './world.ts';

const world = await subscriptionWorld(['game.match', 'game.player'], { partitionCount: 4 });
const { db, broker } = world;
relayFor(world);

const ownTopic = async (name: string): Promise<void> => {
  await broker.admin.createTopics([{ topic: name, partitionCount: 2, replicationCount: 1, settings: {} }]);
  await eventually('it is served', () =>
    broker.admin.partitionEnds(name).then(
      () => true,
      () => false,
    ),
  );
  await db.transaction((tx) =>
    createOwnTopic(tx, {
      name,
      description: '',
      partitionCount: 2,
      retentionMs: 86_400_000,
      category: 'analytics',
      ownerClientId: 'studio',
      classification: 'internal',
      deadLetters: false,
      recordBytesMax: 1_048_576,
    }),
  );
};

const reasonsOf = async (subscriptionId: string): Promise<string[]> =>
  (await readStream(db, subscriptionId, 0n, { countMax: 10_000, bytesMax: 1e9 })).map(
    ({ event }) => (JSON.parse(event) as { data: { reason: string } }).data.reason,
  );

test('method kafka copies the bytes and headers as they were, and says for whom', async () => {
  const target = `copies.c${randomUUID().slice(0, 8)}`;
  await ownTopic(target);
  const match = randomUUID();
  const { subscriptionId } = await world.subscribe({
    method: 'kafka',
    targetTopic: target,
    filter: { key: match },
    batchEventsMax: 100,
  });
  await tell(db, ...['1', '2', '3'].map((reason) => cancelled(match, reason)));
  const copies = await eventually('three copies', async () => {
    const records = await readTopic(broker, target);
    return records.length === 3 ? records : undefined;
  });
  const originals = (await readTopic(broker, 'game.match')).filter(({ key }) => key?.toString() === match);
  const shape = ({ key, value, headers }: (typeof copies)[number]) => ({ key, value, headers });
  expect(copies.map(shape)).toEqual(
    originals.map(shape).map((record) => ({
      ...record,
      headers: { ...record.headers, ce_subscriptionid: Buffer.from(subscriptionId) },
    })),
  );
  // a replay tells it again, as JSON where only that is known
  await db.transaction((tx) =>
    queueDelivery(
      tx,
      subscriptionId,
      {
        specversion: '1.0',
        id: randomUUID(),
        source: '/replayed',
        type: 'game.match.cancelled.v1',
        subject: match,
        time: '2026-11-21T00:00:00.000Z',
        datacontenttype: 'application/json',
        partitionkey: match,
        data: { reason: 'again' },
      },
      { replayId: 'r1' },
    ),
  );
  const again = await eventually('the replayed one', async () => (await readTopic(broker, target))[3]);
  expect(again.headers['ce_source']?.toString()).toBe('/replayed');
  expect(JSON.parse(again.value!.toString())).toEqual({ reason: 'again' });
});

test('an event that cannot be read is in the subscriber’s rows with the reason, and the next ones come', async () => {
  const match = randomUUID();
  const { subscriptionId } = await world.subscribe({ method: 'sse', filter: { key: match } });
  const headers = {
    ce_specversion: Buffer.from('1.0'),
    ce_id: Buffer.from('un\0readable'),
    ce_type: Buffer.from('game.match.cancelled.v1'),
    ce_source: Buffer.from('x'.repeat(5_000)),
  };
  await broker.send(
    [
      { topic: 'game.match', key: Buffer.from(match), value: Buffer.from('nonsense'), headers },
      {
        topic: 'game.match',
        key: Buffer.from(match),
        value: null,
        headers: { ...headers, ce_id: Buffer.from('2') },
      },
      { topic: 'game.match', key: Buffer.from(match), value: null, headers: {} },
    ],
    10_000,
  );
  await tell(db, cancelled(match, 'after'));
  await eventually('the next one', async () => (await reasonsOf(subscriptionId)).includes('after'));
  const { rows } = await db.query<{ error: string }>(
    `SELECT error FROM subscription_events WHERE subscription_id = $1 AND state = 'dropped' ORDER BY seq`,
    [subscriptionId],
  );
  expect(rows.map(({ error }) => error.split(':')[0])).toEqual(['undecodable', 'undecodable', 'undecodable']);
});

test('an event that Kafka holds twice is queued once', async () => {
  const match = randomUUID();
  const { subscriptionId } = await world.subscribe({ method: 'sse', filter: { key: match } });
  await tell(db, cancelled(match, '1'));
  await eventually('it is queued', async () => (await reasonsOf(subscriptionId)).length === 1);
  const [original] = (await readTopic(broker, 'game.match')).filter(({ key }) => key?.toString() === match);
  await broker.send([original!, original!], 10_000);
  await tell(db, cancelled(match, '2'));
  await eventually('the next one', async () => (await reasonsOf(subscriptionId)).length === 2);
  expect(await reasonsOf(subscriptionId)).toEqual(['1', '2']);
});

test('a topic that is made later belongs to the pattern that matches it, from its first record', async () => {
  const area = `area${randomUUID().slice(0, 8)}`;
  await ownTopic(`${area}.first`);
  const { subscriptionId } = await world.subscribe({ method: 'sse', topicPattern: `${area}.*` });
  const record = (topic: string, id: string) => ({
    topic,
    key: Buffer.from('k'),
    value: Buffer.from(JSON.stringify({ reason: id })),
    headers: Object.fromEntries(
      Object.entries({
        ce_id: id,
        ce_type: `${area}.happened.v1`,
        ce_source: '/clients/studio',
        'content-type': 'application/json',
      }).map(([name, value]) => [name, Buffer.from(value)]),
    ),
  });
  await broker.send([record(`${area}.first`, '1')], 10_000);
  await eventually('the first', async () => (await reasonsOf(subscriptionId)).length === 1);
  await ownTopic(`${area}.second`);
  await broker.send([record(`${area}.second`, '2')], 10_000);
  await eventually('the second', async () => (await reasonsOf(subscriptionId)).length === 2);
  expect(await reasonsOf(subscriptionId)).toEqual(['1', '2']);
});

test('dispatchers that come and go, and subscribers that pause, lose nothing, tell nothing twice, keep order', async () => {
  const matches = Array.from({ length: 8 }, () => randomUUID());
  const subscriptions = await Promise.all(
    matches.map((key) => world.subscribe({ method: 'sse', filter: { key } })),
  );
  const change = { subscriptionId: subscriptions[0]!.subscriptionId, clientId: null, actor: 'test' };
  const roundCount = 50;
  const others: { stop(): Promise<void> }[] = [];
  for (let round = 0; round < roundCount; round += 1) {
    await tell(db, ...matches.map((match) => cancelled(match, `${round}`)));
    if (round % 20 === 5) others.push(startDispatcher({ ...world, reloadMs: 100 }));
    if (round % 20 === 15) await others.pop()?.stop();
    if (round === 10) await db.transaction((tx) => setSubscriptionState(tx, change, 'paused'));
    if (round === 40) await db.transaction((tx) => setSubscriptionState(tx, change, 'active'));
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  for (const { subscriptionId } of subscriptions)
    await eventually('all are queued', async () => (await reasonsOf(subscriptionId)).length >= roundCount);
  await Promise.all(others.map((other) => other.stop()));
  const expected = Array.from({ length: roundCount }, (_, round) => `${round}`);
  for (const { subscriptionId } of subscriptions) expect(await reasonsOf(subscriptionId)).toEqual(expected);
});

test('what nobody wants writes nothing', async () => {
  const { subscriptionId } = await world.subscribe({ method: 'sse', filter: { key: 'nobody' } });
  const before = await countRows(db, 'subscription_events');
  const inbox = await countRows(db, 'inbox');
  const witness = randomUUID();
  const { subscriptionId: heard } = await world.subscribe({ method: 'sse', filter: { key: witness } });
  await tell(
    db,
    ...Array.from({ length: 200 }, () => cancelled(randomUUID(), 'unheard')),
    cancelled(witness, '1'),
  );
  await eventually('the witness hears', async () => (await reasonsOf(heard)).length === 1);
  expect(await countRows(db, 'subscription_events')).toBe(before + 1);
  expect(await countRows(db, 'subscription_events', `subscription_id = '${subscriptionId}'`)).toBe(0);
  expect(await countRows(db, 'inbox')).toBe(inbox);
});

test('what is over is forgotten, what waits is kept, and of what was deleted nothing is left', async () => {
  const receiver = await startReceiver();
  world.hosts.push(receiver.host);
  const match = randomUUID();
  const kept = await world.subscribe({ url: receiver.url, filter: { key: match } });
  const deleted = await world.subscribe({ method: 'sse', filter: { key: match } });
  await tell(db, cancelled(match, '1'));
  await eventually(
    'delivered',
    async () => (await world.deliveries(kept.subscriptionId))[0]?.state === 'delivered',
  );
  await eventually('queued', async () => (await reasonsOf(deleted.subscriptionId)).length === 1);
  await db.query('UPDATE subscriptions SET deleted_at = now() WHERE id = $1', [deleted.subscriptionId]);
  await db.query(
    `INSERT INTO subscription_events (subscription_id, seq, source, event_id, type, event, created_at)
     VALUES ($1, 1000, 's', 'waits', 't', '{}', now() - interval '30 days')`,
    [kept.subscriptionId],
  );
  await pruneSubscriptions(db, 7 * 86_400_000);
  const left = (id: string) => countRows(db, 'subscription_events', `subscription_id = '${id}'`);
  expect([await left(kept.subscriptionId), await left(deleted.subscriptionId)]).toEqual([2, 0]);
  await eventually(
    'what waited is delivered',
    async () => (await world.deliveries(kept.subscriptionId)).length === 2 || undefined,
    30_000,
  );
  await eventually('it ended', async () =>
    (await world.deliveries(kept.subscriptionId)).every(({ state }) => state === 'delivered'),
  );
  await pruneSubscriptions(db, -1_000);
  expect(await left(kept.subscriptionId)).toBe(0);
  expect(await world.deliveries(kept.subscriptionId)).toEqual([]);
});
