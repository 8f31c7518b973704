import { randomUUID } from 'node:crypto';
import { afterAll, expect, inject, test } from 'vitest';
import { createInKafka } from '../../../events/catalogue/own-topics.ts';
import { deleteOwnTopic } from '../../../events/catalogue/delete-own-topic.ts';
import { createAssignments } from '../../../events/subscriptions/assignments.ts';
import { startDispatcher } from '../../../events/subscriptions/dispatcher.ts';
import { readRoster } from '../../../events/subscriptions/roster.ts';
import { openTemporal } from '../../../platform/temporal.ts';
import { createOwnTopic } from '../../../store/own-topics/create-own-topic.ts';
import { LaneLost, moveLane, openLanePosition } from '../../../store/subscriptions/dispatch.ts';
import { eventTools, eventually } from '../support.ts';
import { client, subscribe } from './world.ts';

const tools = await eventTools([], 1);
const { db, broker } = tools;
const { temporalAddress, temporalUiUrl } = inject('servers');
const temporal = openTemporal({
  address: temporalAddress,
  namespace: 'default',
  taskQueuePrefix: `again-${randomUUID()}-`,
  uiUrl: temporalUiUrl,
});
const topic = 'again.topic';
afterAll(async () => {
  await temporal.close();
  await broker.admin.deleteTopics([topic]);
});

async function make(): Promise<void> {
  const row = {
    name: topic,
    description: '',
    partitionCount: 1,
    retentionMs: 86_400_000,
    category: 'other',
    ownerClientId: 'studio',
    classification: 'internal' as const,
    deadLetters: false,
    recordBytesMax: 1_048_576,
  };
  await createInKafka(broker, await db.transaction((tx) => createOwnTopic(tx, row)), 1);
}

const headersOf = (id: string) => ({
  ce_id: Buffer.from(id),
  ce_source: Buffer.from('/test'),
  ce_type: Buffer.from('again.topic.told.v1'),
});
const send = (...ids: string[]) =>
  eventually('Kafka takes them', () =>
    broker
      .send(
        ids.map((id) => ({ topic, key: null, value: Buffer.from('x'), headers: headersOf(id) })),
        10_000,
      )
      .catch(() => undefined),
  );

const place = { topic, partition: 0 };
const remove = () =>
  deleteOwnTopic(
    { db, broker },
    { name: topic, clientId: 'studio', deletionId: randomUUID(), audit: () => Promise.resolve() },
  );

test('a topic deleted and made again behind a dispatcher’s back is read from its beginning', async () => {
  await client(tools, 'studio', ['*']);
  await make();
  const { subscriptionId } = await subscribe(tools, { method: 'sse', topicPattern: topic });
  // it looks for other topics so rarely that it hardly ever learns of the deletion from there
  const dispatcher = startDispatcher({ ...tools, temporal, reloadMs: 5_000 });
  const heard = async (): Promise<string[]> => {
    const { rows } = await db.query<{ id: string }>(
      'SELECT event_id AS id FROM subscription_events WHERE subscription_id = $1 ORDER BY seq',
      [subscriptionId],
    );
    return rows.map(({ id }) => id);
  };
  await send('a', 'b', 'c');
  await eventually('all of the first', async () => (await heard()).length === 3);
  const audit = () => Promise.resolve();
  await deleteOwnTopic({ db, broker }, { name: topic, clientId: 'studio', deletionId: randomUUID(), audit });
  await make();
  await send('d', 'e');
  await eventually('all of the second', async () => (await heard()).length === 5);
  await send('f');
  await eventually('and what comes after', async () => (await heard()).length === 6);
  expect(await heard()).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  await dispatcher.stop();
});

test('a partition that ends before its position is given up', async () => {
  const [opened, lost] = [Promise.withResolvers<bigint>(), Promise.withResolvers<unknown>()];
  const roster = await readRoster(db);
  const assignments = createAssignments(
    tools,
    () => {},
    lost.resolve,
    () => roster,
  );
  assignments.joined({
    fetchedAtMs: 0,
    seek: (_, offset) => opened.resolve(offset),
    pause: () => {},
    resume: () => {},
    commit: () => Promise.resolve(),
    stop: () => Promise.resolve(),
  });
  assignments.take([place]);
  expect(await opened.promise).toBe(3n);
  const record = { ...place, offset: 0n, timestampMs: 0, key: null, value: null, headers: {} };
  assignments.add([record], 2n);
  expect(String(await lost.promise)).toContain('made again');
  assignments.drop();
});

test('who reads a topic that is deleted cannot move its place any more, and the next begins at the beginning', async () => {
  const before = await db.transaction((tx) => openLanePosition(tx, place, 3n));
  expect(before.partitions).toHaveLength(1);
  await moveLane(db, place, before.epoch, 3n);
  await remove();
  await expect(moveLane(db, place, before.epoch, 4n)).rejects.toThrow(LaneLost);
  const after = await db.transaction((tx) => openLanePosition(tx, place, 0n));
  expect(after).toMatchObject({ nextOffset: 0n, partitions: [] });
  await make();
});
