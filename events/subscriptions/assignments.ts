import type { Log } from '../../platform/log.ts';
import type { Metrics } from '../../platform/metrics.ts';
import type { Db } from '../../store/db.ts';
import { dispatcherGroup } from '../catalogue/subscribable.ts';
import type { Codec } from '../codec/codec.ts';
import { errorMessageOf } from '../consumer/failures.ts';
import type { Broker, GroupMember, TopicPartition } from '../kafka/broker.ts';
import { backoffMs, sleep } from '../patience.ts';
import { Lane } from './lane.ts';
import { readRoster } from './roster.ts';
import type { Roster } from './roster.ts';

type AssignmentDeps = { db: Db; broker: Broker; codec: Codec; metrics: Metrics; log: Log };

/** What a partition may have fetched and not yet handled: few records may be as heavy as many. */
const pausePendingCount = 5_000;
const pausePendingBytes = 16_777_216;
const retryBaseMs = 500;
const retryMsMax = 10_000;

/** The lanes of what is assigned at present. */
export function createAssignments(
  deps: AssignmentDeps,
  onQueued: (subscriptionIds: Iterable<string>) => void,
  onLost: (error: unknown) => void,
  readCurrent: () => Roster,
) {
  let lanes = new Map<string, Lane>();
  const ends = new Map<string, bigint>();
  const paused = new Map<string, TopicPartition>();
  let abort = new AbortController();
  let member: GroupMember | undefined;
  const keyOf = ({ topic, partition }: TopicPartition) => `${topic}/${partition}`;

  function drop(): void {
    abort.abort();
    lanes = new Map();
  }

  function brake(lane: Lane): void {
    const key = keyOf(lane.place);
    const load = Math.max(lane.pendingCount / pausePendingCount, lane.pendingBytes / pausePendingBytes);
    if (load >= 1 && !paused.has(key)) {
      paused.set(key, lane.place);
      member?.pause(lane.place);
    } else if (load < 0.5 && paused.delete(key)) member?.resume(lane.place);
  }

  return {
    drop,
    joined(present: GroupMember): void {
      member = present;
      for (const { place, position } of lanes.values())
        if (position !== undefined) present.seek(place, position);
    },
    take(places: readonly TopicPartition[]): void {
      drop();
      abort = new AbortController();
      const { signal } = abort;
      // kafkajs keeps pauses across assignments
      for (const place of paused.values()) member?.resume(place);
      paused.clear();
      const laneDeps = { ...deps, signal, onQueued, onLost };
      const fresh = freshRoster(deps, signal);
      for (const place of places) {
        const lane = new Lane(laneDeps, place, (offset) => member?.seek(place, offset), fresh);
        lanes.set(keyOf(place), lane);
      }
    },
    add(records: Parameters<Lane['add']>[0], endOffset: bigint): void {
      const first = records[0];
      if (first === undefined) return;
      ends.set(keyOf(first), endOffset);
      const lane = lanes.get(keyOf(first));
      if (lane === undefined) return;
      if (lane.position !== undefined && endOffset < lane.position)
        return onLost(new Error(`${keyOf(first)} ends before its position: it was made again`));
      lane.add(records);
      brake(lane);
    },
    sync(): void {
      const roster = readCurrent();
      for (const lane of lanes.values()) {
        lane.sync(roster);
        brake(lane);
      }
      tellLag(deps.metrics, lanes, ends);
    },
    save: () => saveLanes(lanes, member),
    async finish(): Promise<void> {
      await Promise.all([...lanes.values()].map((lane) => lane.drained()));
      await saveLanes(lanes, member);
    },
  };
}

/** Positions are ours, in PostgreSQL; Kafka is told for those who look at its groups. */
async function saveLanes(lanes: ReadonlyMap<string, Lane>, member: GroupMember | undefined): Promise<void> {
  const saved = await Promise.all(
    [...lanes.values()].map(async (lane) => ({ place: lane.place, nextOffset: await lane.save() })),
  );
  const offsets = saved.flatMap(({ place, nextOffset }) =>
    nextOffset === undefined ? [] : [{ ...place, nextOffset }],
  );
  if (offsets.length > 0) await member?.commit(offsets).catch(() => {});
}

function tellLag(
  metrics: Metrics,
  lanes: ReadonlyMap<string, Lane>,
  ends: ReadonlyMap<string, bigint>,
): void {
  const behind = new Map<string, number>();
  for (const [key, { place, position }] of lanes) {
    const end = ends.get(key);
    const count = end === undefined || position === undefined || end < position ? 0 : Number(end - position);
    behind.set(place.topic, (behind.get(place.topic) ?? 0) + count);
  }
  for (const [topic, count] of behind) metrics.consumerLag.set({ topic, group: dispatcherGroup }, count);
}

async function freshRoster({ db, log }: AssignmentDeps, signal: AbortSignal): Promise<Roster> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await readRoster(db);
    } catch (error) {
      signal.throwIfAborted();
      log.debug({ attempt, reason: errorMessageOf(error) }, 'the dispatcher waits for the database');
      await sleep(backoffMs(attempt, retryBaseMs, retryMsMax), signal);
    }
  }
}
