import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { createOwnTopic } from '../../../store/own-topics/create-own-topic.ts';
import { cancelled } from '../recording.ts';
import { openNew, replayDeps, runToEnd } from '../replay/support.ts';
import { countRows, eventually, readTopic, relayFor, tell } from '../support.ts';
import { subscriptionWorld } from './world.ts';

const world = await subscriptionWorld(['game.match'], { partitionCount: 3 });
const { db, broker } = world;
relayFor(world);

const target = `copies.c${randomUUID().slice(0, 8)}`;
await broker.admin.createTopics([{ topic: target, partitionCount: 2, replicationCount: 1, settings: {} }]);
await eventually('it is served', () => broker.admin.partitionEnds(target).catch(() => undefined));
await db.transaction((tx) =>
  createOwnTopic(tx, {
    name: target,
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

test('a past is copied to a subscriber’s own topic: the bytes as they were, in order of each key, once per replay', async () => {
  const matches = Array.from({ length: 4 }, () => randomUUID());
  const reasons = ['1', '2', '3'];
  for (const reason of reasons) await tell(db, ...matches.map((match) => cancelled(match, reason)));
  await eventually('it is past', async () => (await countRows(db, 'outbox', "topic = 'game.match'")) === 0);
  const { subscriptionId } = await world.subscribe({ method: 'kafka', targetTopic: target });
  const copied = (count: number) =>
    eventually(`${count} copies`, async () => {
      const records = await readTopic(broker, target);
      return records.length >= count ? records : undefined;
    });

  const replayIds: string[] = [];
  for (const filter of [{}, { key: matches[0]! }]) {
    const replayId = await openNew(world, { kind: 'subscription', subscriptionId }, { filter });
    expect(await runToEnd(replayDeps(world), replayId)).toMatchObject({ state: 'completed' });
    replayIds.push(replayId);
  }
  const copies = await copied(15);
  const of = (replayId: string | undefined, match: string) =>
    copies.filter(
      ({ key, headers }) => key?.toString() === match && String(headers['ce_replayid']) === replayId,
    );
  const originals = await readTopic(broker, 'game.match');
  for (const [n, match] of matches.entries()) {
    const was = originals.filter(({ key }) => key?.toString() === match);
    expect(of(replayIds[0], match).map(({ value, headers }) => ({ value, headers }))).toEqual(
      was.map(({ value, headers }) => ({
        value,
        headers: {
          ...headers,
          ce_replayid: Buffer.from(replayIds[0]!),
          ce_subscriptionid: Buffer.from(subscriptionId),
        },
      })),
    );
    expect(of(replayIds[1], match)).toHaveLength(n === 0 ? reasons.length : 0);
  }
  // what is new comes as ever, and nothing of the past came by itself
  await tell(db, cancelled(matches[1]!, 'new'));
  const all = await copied(16);
  expect(all).toHaveLength(16);
  expect(all.filter(({ headers }) => headers['ce_replayid'] === undefined)).toHaveLength(1);
});
