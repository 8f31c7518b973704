import { expect, test } from 'vitest';
import type { Broker, DeliveredRecord, GroupMember, TopicPartition } from '../../../events/kafka/broker.ts';
import type { World } from './adapters.ts';
import { join, message, sendDeadlineMs, textOf } from './traffic.ts';

/** What `join` promises. */
export function groupContract({ broker, another, topic: newTopic }: World): void {
  test('a member hands over what is there, then what comes, and goes on where the group committed', async () => {
    const topic = await newTopic();
    const group = `on-${topic}`;
    const say = (value: string) => broker.send([message(topic, 'k', value)], sendDeadlineMs);
    await say('1');
    const first = await worker(broker, topic, group);
    await expect.poll(() => first.values).toEqual(['1']);
    await say('2');
    await expect.poll(() => first.values).toEqual(['1', '2']);
    await expect
      .poll(() => broker.admin.groupOffsets(group, topic))
      .toEqual([{ topic, partition: 0, offset: 2n }]);
    await first.stop();
    await say('3');
    const second = await worker(broker, topic, group);
    await expect.poll(() => second.values).toEqual(['3']);
    await second.stop();
  });

  test('a paused partition stands still while others go on, and a seek reads again', async () => {
    const topic = await newTopic(2);
    const seen: DeliveredRecord[] = [];
    const member = await join(broker, {
      topics: [topic],
      onRecords: (records) => void seen.push(...records),
    });
    member.pause({ topic, partition: 0 });
    const keys = Array.from({ length: 20 }, (_, n) => `k${n}`);
    const places = await broker.send(
      keys.map((key) => message(topic, key, key)),
      sendDeadlineMs,
    );
    const countIn = (which: number) => places.filter(({ partition }) => partition === which).length;
    await expect.poll(() => seen.length).toBe(countIn(1));
    expect(seen.every(({ partition }) => partition === 1)).toBe(true);
    member.resume({ topic, partition: 0 });
    await expect.poll(() => seen.length).toBe(20);
    member.seek({ topic, partition: 1 }, 0n);
    await expect.poll(() => seen.length).toBe(20 + countIn(1));
    await member.stop();
  });

  test('members come and go under load: nothing is missed, and no lost partition is committed', async () => {
    const topic = await newTopic(6);
    const group = `on-${topic}`;
    const first = await worker(broker, topic, group);
    const load = startLoad(broker, topic);
    const commits = watchCommits(broker, group, topic);
    try {
      await expect.poll(() => first.values.length).toBeGreaterThan(200);
      const second = await worker(another(), topic, group);
      await expect.poll(() => second.values.length).toBeGreaterThan(100);
      await expect.poll(() => first.assigned.length).toBe(3);
      // the first member no longer has it, whatever it still remembers
      const [lost] = second.assigned;
      await expect(first.member.commit([{ ...lost!, nextOffset: 0n }])).rejects.toThrow(
        /no longer this member's/,
      );
      await first.stop();
      await expect.poll(() => second.assigned.length).toBe(6);
      const sentCount = await load.stop();
      await expect.poll(() => new Set([...first.values, ...second.values]).size).toBe(sentCount);
      const ends = await broker.admin.partitionEnds(topic);
      await expect
        .poll(() => broker.admin.groupOffsets(group, topic).then(byPartition))
        .toEqual(byPartition(ends.map(({ partition, endOffset: offset }) => ({ partition, offset }))));
      await second.stop();
    } finally {
      await load.stop();
      expect(await commits.stop()).toEqual([]);
    }
  });
}

/** Sends numbers under many keys until stopped, and answers how many. */
function startLoad(broker: Broker, topic: string) {
  let count = 0;
  let isStopped = false;
  const sending = (async () => {
    while (!isStopped) {
      const batch = Array.from({ length: 20 }, (_, n) =>
        message(topic, `k${(count + n) % 97}`, `${count + n}`),
      );
      await broker.send(batch, sendDeadlineMs);
      count += 20;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  return {
    async stop() {
      isStopped = true;
      await sending;
      return count;
    },
  };
}

type Worker = {
  member: GroupMember;
  values: string[];
  assigned: readonly TopicPartition[];
  stop(): Promise<void>;
};

/** Takes records a little later than they come, as handlers do, and commits each partition as far as it got. */
async function worker(broker: Broker, topic: string, group: string): Promise<Worker> {
  let generation = 0;
  let assigned: readonly TopicPartition[] = [];
  const values: string[] = [];
  const atHand = new Set<Promise<void>>();
  let member: GroupMember | undefined;
  const handle = async (records: readonly DeliveredRecord[], mine: number) => {
    await new Promise((resolve) => setTimeout(resolve, 10));
    const last = records.at(-1);
    if (mine !== generation || last === undefined) return;
    values.push(...records.map(textOf));
    const { partition, offset } = last;
    await member?.commit([{ topic, partition, nextOffset: offset + 1n }]).catch(() => {});
  };
  member = await join(broker, {
    group,
    topics: [topic],
    onAssigned(partitions) {
      generation += 1;
      assigned = partitions;
    },
    onRebalancing: () => (generation += 1),
    onRecords(records) {
      const work = handle(records, generation).finally(() => atHand.delete(work));
      atHand.add(work);
    },
  });
  const joined = member;
  return {
    member: joined,
    values,
    get assigned() {
      return assigned;
    },
    async stop() {
      await Promise.all(atHand);
      await joined.stop();
    },
  };
}

const byPartition = (offsets: readonly { partition: number; offset: bigint }[]): bigint[] =>
  offsets.toSorted((a, b) => a.partition - b.partition).map(({ offset }) => offset);

/** Notes every committed offset that went back. */
function watchCommits(broker: Broker, group: string, topic: string) {
  const highest = new Map<number, bigint>();
  const wentBack: string[] = [];
  let isStopped = false;
  const watching = (async () => {
    while (!isStopped) {
      for (const { partition, offset } of await broker.admin.groupOffsets(group, topic)) {
        const before = highest.get(partition) ?? -1n;
        if (offset < before) wentBack.push(`${partition}: ${before} to ${offset}`);
        highest.set(partition, offset);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  })();
  return {
    async stop() {
      isStopped = true;
      await watching;
      return wentBack;
    },
  };
}
