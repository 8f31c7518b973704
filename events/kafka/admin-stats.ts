import type { Broker } from './broker.ts';

/** What Kafka itself says: how much a topic has ever been told, and how fast now. */
export type TopicFlow = { topic: string; total: bigint; perSecond: number };
/** How far a group is behind. `seconds` is filled in by the consumers, or found by `lagSecondsAtMost`. */
export type GroupLag = { group: string; topic: string; lag: bigint };

const rateWindowMs = 60_000;
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** Of those that exist. Totals are end offsets, so they outlive retention, and whoever produced counts. */
export async function readTopicFlows(
  { admin }: Broker,
  topics: readonly string[],
  nowMs: number,
): Promise<TopicFlow[]> {
  const existing = new Set(await admin.listTopics());
  return Promise.all(
    topics
      .filter((topic) => existing.has(topic))
      .map(async (topic) => {
        const [ends, before] = await Promise.all([
          admin.partitionEnds(topic),
          admin.offsetsAt(topic, nowMs - rateWindowMs),
        ]);
        const total = sum(ends.map(({ endOffset }) => endOffset));
        const told = total - sum(before.map(({ offset }) => offset));
        return { topic, total, perSecond: Math.max(0, Number(told)) / (rateWindowMs / 1_000) };
      }),
  );
}

/** A group without offsets has everything before it. */
export async function readGroupLag(broker: Broker, group: string, topic: string): Promise<GroupLag> {
  const [ends, offsets] = await Promise.all([
    broker.admin.partitionEnds(topic),
    broker.admin.groupOffsets(group, topic),
  ]);
  const next = new Map(offsets.map(({ partition, offset }) => [partition, offset]));
  const behind = ends.map(({ partition, startOffset, endOffset }) => {
    const at = next.get(partition) ?? -1n;
    const from = at < startOffset ? startOffset : at;
    return endOffset > from ? endOffset - from : 0n;
  });
  return { group, topic, lag: sum(behind) };
}

const ladderSeconds = [1, 2, 5, 10, 20, 30];
const ladderMinutes = [1, 2, 5, 10, 20, 30];
const ladderHours = [1, 2, 4, 8, 24, 48, 96, 168, 336, 720];
const ladderMs = [
  ladderSeconds.map((seconds) => seconds * 1_000),
  ladderMinutes.map((minutes) => minutes * minuteMs),
  ladderHours.map((hours) => hours * hourMs),
].flat();

/**
 * How old the oldest event not yet read is at most, from Kafka alone: for groups of which no process reports. Undefined
 * when it is older than the ladder is long.
 */
export async function lagSecondsAtMost(
  { admin }: Broker,
  group: string,
  topic: string,
  nowMs: number,
): Promise<number | undefined> {
  const next = new Map(
    (await admin.groupOffsets(group, topic)).map(({ partition, offset }) => [
      partition,
      offset < 0n ? 0n : offset,
    ]),
  );
  const isYounger = async (ageMs: number): Promise<boolean> =>
    (await admin.offsetsAt(topic, nowMs - ageMs)).every(
      ({ partition, offset }) => offset <= (next.get(partition) ?? 0n),
    );
  let [low, high] = [0, ladderMs.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (await isYounger(ladderMs[middle] ?? 0)) high = middle;
    else low = middle + 1;
  }
  const ageMs = ladderMs[low];
  return ageMs === undefined ? undefined : ageMs / 1_000;
}

const sum = (values: readonly bigint[]): bigint => values.reduce((total, value) => total + value, 0n);
