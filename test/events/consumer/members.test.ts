import { randomUUID } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import type { Broker } from '../../../events/kafka/broker.ts';
import { consume } from '../../../events/consumer/consume.ts';
import type { ConsumeOptions, ConsumerDeps } from '../../../events/consumer/consume.ts';
import type { EventHandler, Running } from '../../../events/consumer/handler.ts';
import { createMetrics } from '../../../platform/metrics.ts';
import { listDeadLetters } from '../../../store/dead-letters/reads.ts';
import { cancelled, createEffects, readEffects, recordingMany } from '../recording.ts';
import type { RecordedType } from '../recording.ts';
import { countRows, eventTools, eventually, relayFor, tell } from '../support.ts';

const tools = await eventTools(['game.match'], 4);
const { db, url, broker } = tools;
await createEffects(url);
relayFor(tools);
const running: Running[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((part) => part.stop()));
});
const start = (
  handler: EventHandler<RecordedType>,
  more: Partial<ConsumerDeps> = {},
  options?: ConsumeOptions,
) => {
  const part = consume({ ...tools, ...more }, handler, options);
  running.push(part);
  return part;
};
const published = async () => (await countRows(db, 'outbox')) === 0;

test('members that come and go under load lose nothing, repeat no effect and keep every order', async () => {
  const metrics = createMetrics();
  const handler = recordingMany(() => new Promise((resolve) => setTimeout(resolve, 10)));
  const matches = Array.from({ length: 40 }, () => randomUUID());
  const roundCount = 12;
  const join = () => consume({ ...tools, metrics }, handler, { batchCountMax: 7 });
  const members = [join()];
  for (let round = 0; round < roundCount; round += 1) {
    await tell(db, ...matches.map((match) => cancelled(match, `${round}`)));
    if (round % 2 === 0) members.push(join());
    else await members.shift()?.stop();
  }
  await eventually('everything is published', published);
  // the same records once more, as after a relay's crash
  const copies = await copyOf(matches);
  await broker.send(copies, 10_000);
  const done = async () => (await readEffects(db, handler.group)).length;
  await eventually('all effects', async () => (await done()) >= matches.length * roundCount, 120_000);
  await eventually('everything is read', () => isAllCommitted(handler.group), 120_000);
  await Promise.all(members.map((member) => member.stop()));
  const expected = Array.from({ length: roundCount }, (_, round) => `${round}`);
  for (const match of matches) expect(await readEffects(db, handler.group, match)).toEqual(expected);
  const { values } = await metrics.inboxDuplicates.get();
  const duplicateCount = values.reduce((sum, { value }) => sum + value, 0);
  expect(duplicateCount).toBeGreaterThanOrEqual(copies.length);
  expect(await listDeadLetters(db, { group: handler.group, limit: 1 })).toEqual([]);
});

async function copyOf(matches: readonly string[]) {
  const ends = await broker.admin.partitionEnds('game.match');
  const copies: { topic: string; key: Buffer | null; value: Buffer | null; headers: {} }[] = [];
  await broker.readFrom({
    partitions: ends.map(({ startOffset, ...end }) => ({ ...end, offset: startOffset })),
    onRecords: (records) =>
      void copies.push(
        ...records
          .filter(({ key }) => matches.includes(key?.toString() ?? ''))
          .map(({ topic, key, value, headers }) => ({ topic, key, value, headers })),
      ),
    signal: AbortSignal.timeout(60_000),
  });
  return copies;
}

async function isAllCommitted(group: string): Promise<boolean> {
  const [ends, offsets] = await Promise.all([
    broker.admin.partitionEnds('game.match'),
    broker.admin.groupOffsets(group, 'game.match'),
  ]);
  return ends.every(
    ({ partition, endOffset }) =>
      endOffset === 0n ||
      offsets.some((entry) => entry.partition === partition && entry.offset === endOffset),
  );
}

test('a member that stops finishes and commits what it has at hand, so its successor is told nothing twice', async () => {
  const begun = Promise.withResolvers<void>();
  const going = Promise.withResolvers<void>();
  const match = randomUUID();
  const handler = recordingMany(async (reasons) => {
    if (!reasons.includes('slow')) return;
    begun.resolve();
    await going.promise;
  });
  await tell(db, cancelled(match, 'slow'));
  const first = start(handler);
  await begun.promise;
  const stopped = first.stop();
  // a member that did not wait would be gone by now
  await new Promise((resolve) => setTimeout(resolve, 500));
  going.resolve();
  await stopped;
  expect(await readEffects(db, handler.group, match)).toEqual(['slow']);
  const after = randomUUID();
  await tell(db, cancelled(after, 'next'));
  start(handler);
  await eventually('the next', async () => (await readEffects(db, handler.group, after)).length === 1);
  // what is delivered again is signalled again
  expect(handler.signals.filter((reason) => reason === 'slow')).toHaveLength(1);
});

test('a member that hears nothing any more is replaced', async () => {
  const joins: string[] = [];
  const deaf: Broker = {
    ...broker,
    async join(options) {
      joins.push(options.group);
      if (joins.length > 1) return broker.join(options);
      const member = await broker.join({ ...options, onRecords: () => {} });
      const joinedAtMs = performance.now();
      // its connection stands, but no fetch is answered
      return Object.create(member, { fetchedAtMs: { get: () => joinedAtMs } }) as typeof member;
    },
  };
  const handler = recordingMany();
  const match = randomUUID();
  await tell(db, cancelled(match, 'heard'));
  start(handler, { broker: deaf }, { silenceMsMax: 1_500 });
  await eventually('the effect', async () => (await readEffects(db, handler.group, match)).length === 1);
  expect(joins.length).toBe(2);
});

test('a member whose commits get nowhere is replaced', async () => {
  const handler = recordingMany();
  const match = randomUUID();
  let joinCount = 0;
  const stuck: Broker = {
    ...broker,
    async join(options) {
      joinCount += 1;
      const member = await broker.join(options);
      if (joinCount > 1) return member;
      // it is served all it asks for, but no offset is taken
      const commit = () => Promise.reject(new Error('not now'));
      return Object.create(member, { commit: { value: commit } }) as typeof member;
    },
  };
  await tell(db, cancelled(match, 'committed'));
  start(handler, { broker: stuck }, { silenceMsMax: 1_500 });
  await eventually('the effect', async () => (await readEffects(db, handler.group, match)).length === 1);
  await eventually(
    'everything is committed',
    async () => (await published()) && isAllCommitted(handler.group),
  );
  expect(joinCount).toBe(2);
  expect(await readEffects(db, handler.group, match)).toEqual(['committed']);
});

test('the lag says since when the oldest event waits, also while nothing gets through', async () => {
  const metrics = createMetrics();
  let isBroken = true;
  const match = randomUUID();
  const handler = recordingMany((reasons) => {
    if (isBroken && reasons.includes('behind'))
      throw Object.assign(new Error('the database system is shutting down'), { code: '57P01' });
  });
  const gauge = async (name: 'consumerLag' | 'consumerLagSeconds') =>
    (await metrics[name].get()).values.find(
      ({ labels }) => 'group' in labels && labels.group === handler.group,
    )?.value ?? -1;
  await tell(db, cancelled(match, 'behind'), cancelled(match, 'too'));
  const part = start(handler, { metrics });
  await eventually('it is two seconds behind', async () => (await gauge('consumerLagSeconds')) > 2);
  expect(await gauge('consumerLag')).toBeGreaterThanOrEqual(2);
  isBroken = false;
  await eventually('it has caught up', async () => (await gauge('consumerLag')) === 0);
  expect(await gauge('consumerLagSeconds')).toBe(0);
  await part.stop();
  // whoever holds nothing says nothing: another member's figure is the truth
  expect(await gauge('consumerLag')).toBe(-1);
});
