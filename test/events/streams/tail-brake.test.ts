import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Broker } from '../../../events/kafka/broker.ts';
import { tailTopics } from '../../../events/streams/tail.ts';
import { eventTools, eventually } from '../support.ts';

const tools = await eventTools(['game.match'], 2);
const { broker } = tools;
const backlogBytesMax = 262_144;
/** Of each of two keys. */
const eventCount = 40;

test('a tail that is read faster than it can be told waits in Kafka, not in memory, and then goes on in order', async () => {
  const counts = { bytes: 0, paused: 0, resumed: 0 };
  const watched: Broker = {
    ...broker,
    async join(options) {
      const onRecords: typeof options.onRecords = (records, endOffset) => {
        for (const { value } of records) counts.bytes += value?.length ?? 0;
        return options.onRecords(records, endOffset);
      };
      const member = await broker.join({ ...options, onRecords });
      return Object.create(member, {
        pause: {
          value: (place: Parameters<typeof member.pause>[0]) => (counts.paused++, member.pause(place)),
        },
        resume: {
          value: (place: Parameters<typeof member.resume>[0]) => (counts.resumed++, member.resume(place)),
        },
      }) as typeof member;
    },
  };
  const open = Promise.withResolvers<void>();
  const heard = new Map<string, number[]>([
    ['a', []],
    ['b', []],
  ]);
  let hasBegun = false;
  const deps = { ...tools, broker: watched, backlogBytesMax };
  const tail = tailTopics(deps, ['game.match'], async ({ key, value }) => {
    const told = heard.get(String(key));
    if (told === undefined) return void (hasBegun = true);
    await open.promise;
    told.push(value!.readUInt8());
  });
  const say = (...messages: { key: string; value: Buffer }[]) =>
    broker.send(
      messages.map(({ key, value }) => ({
        topic: 'game.match',
        key: Buffer.from(key),
        value,
        headers: {},
      })),
      10_000,
    );
  await eventually('it reads', async () => {
    await say({ key: 'begin', value: Buffer.alloc(1) });
    return hasBegun;
  });
  for (let n = 0; n < eventCount; n += 1) {
    const value = Buffer.concat([Buffer.from([n]), randomBytes(50_000)]);
    await say({ key: 'a', value }, { key: 'b', value });
  }
  await eventually('both partitions wait', () => counts.paused >= 2);
  expect(counts.bytes).toBeLessThan(eventCount * 50_000);
  open.resolve();
  await eventually('all is heard', () => [...heard.values()].every(({ length }) => length >= eventCount));
  const inOrder = Array.from({ length: eventCount }, (_, n) => n);
  expect([...heard.values()]).toEqual([inOrder, inOrder]);
  expect(counts.resumed).toBeGreaterThanOrEqual(2);
  await tail.stop();
});
