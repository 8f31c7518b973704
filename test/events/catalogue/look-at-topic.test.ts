import { randomUUID } from 'node:crypto';
import { afterAll, expect, test } from 'vitest';
import { lookAtTopic } from '../../../events/catalogue/own-topics.ts';
import { eventTools } from '../support.ts';

const { broker } = await eventTools(['game.match', 'game.player']);
const { admin } = broker;
const passing = Array.from({ length: 201 }, () => `read-${randomUUID()}`);
const groups = ['leaderboard', ...passing, 'rewards'];
afterAll(() => Promise.all(groups.map((group) => admin.deleteGroup(group).catch(() => {}))));

test('the groups of a topic are found behind any number of readers in passing', async () => {
  const reads = (group: string, topic: string) =>
    admin.setGroupOffsets(group, [{ topic, partition: 0, offset: 0n }]);
  await Promise.all(passing.map((group) => reads(group, 'game.player')));
  await Promise.all(['leaderboard', 'rewards'].map((group) => reads(group, 'game.match')));
  const found = await lookAtTopic(broker, 'game.match');
  expect(found?.groups.map(({ group }) => group)).toEqual(['leaderboard', 'rewards']);
});
