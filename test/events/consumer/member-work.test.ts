import { expect, test } from 'vitest';
import type { GroupMember } from '../../../events/kafka/broker.ts';
import { createBrake, startGeneration } from '../../../events/consumer/generation.ts';
import { createMemberWork } from '../../../events/consumer/member-work.ts';
import { createPartitionLanes } from '../../../events/consumer/partition-lanes.ts';
import type { Entry } from '../../../events/consumer/partition-lanes.ts';
import { cancelledRecord, recording } from '../recording.ts';
import { eventTools, eventually } from '../support.ts';

const tools = await eventTools([]);
const place = { topic: 'game.match', partition: 0 };
/** What a member is asked for, without Kafka. */
function silentMember(more: Partial<GroupMember> = {}) {
  const committed: bigint[] = [];
  const member: GroupMember = {
    pause: () => {},
    resume: () => {},
    commit: (offsets) => Promise.resolve(void committed.push(...offsets.map(({ nextOffset }) => nextOffset))),
    seek: () => {},
    fetchedAtMs: 0,
    stop: () => Promise.resolve(),
    ...more,
  };
  return { member, committed };
}
const tooOld = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ ...cancelledRecord(`m-${n}`, 'old', n), timestampMs: 1 }));

test('any number of events older than their topic keeps is passed over', async () => {
  const broken: unknown[] = [];
  const { member, committed } = silentMember();
  const work = createMemberWork(tools, recording(), {}, (error) => broken.push(error));
  work.attach(member);
  work.onAssigned([place]);
  void work.onRecords(tooOld(5_000), 5_000n);
  await eventually('all are done', () => committed.at(-1) === 5_000n || broken.length > 0);
  expect(broken).toEqual([]);
  await work.finish();
});

test('a batch that breaks is told, and what it had at hand is not done', async () => {
  const broken: unknown[] = [];
  const generation = startGeneration({
    assigned: [place],
    ready: Promise.resolve(),
    isOurs: () => true,
    mayBegin: () => true,
    batchCountMax: 10,
    settle: () => Promise.reject(new Error('no')),
    onBroken: (error) => broken.push(error),
  });
  generation.add(tooOld(3), 3n);
  await eventually('it is told', () => broken.length > 0);
  expect(broken).toEqual([new Error('no')]);
  await generation.drained();
  expect(generation.partitions[0]?.offsets.nextOffset).toBeUndefined();
});

test('large events are braked by their bytes, and read on when half of them are done', () => {
  const asked: string[] = [];
  const { member } = silentMember({
    pause: () => void asked.push('pause'),
    resume: () => void asked.push('resume'),
  });
  const taken: Entry[] = [];
  const generation = startGeneration({
    assigned: [place],
    ready: Promise.resolve(),
    isOurs: () => true,
    mayBegin: () => false,
    batchCountMax: 10,
    settle: () => Promise.resolve(),
    onBroken: () => {},
  });
  const brake = createBrake();
  const value = Buffer.alloc(1_048_576);
  generation.add(
    Array.from({ length: 9 }, (_, n) => ({ ...cancelledRecord(`m-${n}`, 'x', n), value })),
    9n,
  );
  brake.apply(member, generation);
  expect(asked).toEqual(['pause']);
  generation.partitions[0]?.takeInto({ entries: taken, roomCount: 9, roomBytes: Infinity });
  for (const entry of taken.slice(0, 4)) entry.done();
  brake.apply(member, generation);
  expect(asked).toEqual(['pause']);
  for (const entry of taken.slice(4)) entry.done();
  brake.apply(member, generation);
  expect(asked).toEqual(['pause', 'resume']);
});

test('an event that is said to be done twice frees its lane once', () => {
  const lanes = createPartitionLanes('game.match', 0);
  const take = () => {
    const batch = { entries: [], roomCount: 1, roomBytes: 1_000 };
    lanes.takeInto(batch);
    return batch.entries as Entry[];
  };
  lanes.add(
    [1, 2, 3].map((offset) => cancelledRecord('one', 'x', offset)),
    () => true,
  );
  const [first] = take();
  first?.done();
  const [second] = take();
  first?.done();
  expect(second?.record.offset).toBe(2n);
  expect(take()).toEqual([]);
});

test('reading waits while there is plenty that could be begun, and only then', () => {
  const work = createMemberWork(tools, recording(), { concurrency: 0 }, () => {});
  work.onAssigned([place]);
  const read = (offset: number, count: number, key = 'one') =>
    work.onRecords(
      Array.from({ length: count }, (_, n) => cancelledRecord(key, 'x', offset + n)),
      BigInt(offset + count),
    );
  expect(read(0, 2_999)).toBeUndefined();
  expect(read(2_999, 1)).toBeInstanceOf(Promise);
  const [lanes] = work.generation()?.partitions ?? [];
  const batch = { entries: [] as Entry[], roomCount: 2, roomBytes: Infinity };
  lanes?.takeInto(batch);
  // behind what is at hand, the others of its lane cannot be begun
  expect(read(3_000, 1)).toBeUndefined();
  for (const entry of batch.entries) entry.done();
  expect(read(3_001, 1)).toBeInstanceOf(Promise);
  work.onRebalancing();
});
