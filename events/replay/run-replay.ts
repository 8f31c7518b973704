import { readPositions, readReplayState } from '../../store/replays/reads.ts';
import type { Replay, ReplayPosition } from '../../store/replays/reads.ts';
import type { DeliveredRecord } from '../kafka/broker.ts';
import { failureKind } from '../consumer/failures.ts';
import { backoffMs, sleep } from '../patience.ts';
import { createSlots } from '../slots.ts';
import type { Slots } from '../slots.ts';
import { filterOf } from './filter-of.ts';
import { openTarget } from './open-target.ts';
import { createPace } from '../pace.ts';
import type { Pace } from '../pace.ts';
import { step } from './step.ts';
import { ReplayBroken, ReplayStopped } from './types.ts';
import type { ReplayBatch, ReplayDeps, ReplayOutcome, ReplaySink } from './types.ts';

/** Batches of different partitions that are with the target at the same time; each may hold a database connection. */
const batchesAtOnce = 4;
/** Batches that are with the target or wait for it while more is read; beyond them Kafka waits. */
const batchesAtHandMax = 6;
/** What is collected of all partitions before it is a batch: a few tens of megabytes of common events. */
const heldCountMax = 50_000;
const batchBytesMax = 4_000_000;
/** A step without an event for the target is worth a statement after so many records. */
const skippedCountMax = 20_000;
const lookMs = 500;
const faultsInPlaceMax = 5;

type Reading = {
  deps: ReplayDeps;
  replay: Replay;
  sink: ReplaySink;
  passes: (record: DeliveredRecord) => boolean;
  pace: Pace;
  slots: Slots;
  /** Batches that are with the target or wait for it. */
  atHand: Set<Promise<void>>;
  /** Fires when the replay is to stop here; what is at hand is ended first. */
  stop: AbortController;
};
type Lane = {
  partition: number;
  endOffset: bigint;
  /** What passed the filter and is no batch yet, and from where to where that was read. */
  held: DeliveredRecord[];
  heldBytes: number;
  fromOffset: bigint;
  readOffset: bigint;
  /** The last of its batches; they are taken in order. */
  last: Promise<void>;
};

/**
 * Reads on from where the replay is, until its end, or until it is no longer to run or `signal` fires. Any number of times:
 * where it is, the table says. Throws ReplayBroken when it can never go on, and what only another attempt can help.
 */
export async function runReplay(
  deps: ReplayDeps,
  replay: Replay,
  signal: AbortSignal,
): Promise<'ended' | 'stopped'> {
  const positions = await readPositions(deps.db, replay.replayId);
  await assertStillKept(deps, replay.topic, positions);
  const sink = await openTarget(deps, replay);
  const stop = new AbortController();
  const asked = () => stop.abort(new ReplayStopped('asked to stop'));
  signal.addEventListener('abort', asked);
  if (signal.aborted) asked();
  const look = setInterval(() => void isRunning(deps, replay).then((is) => is || asked()), lookMs);
  const reading: Reading = {
    deps,
    replay,
    sink,
    passes: filterOf(replay.filter),
    pace: createPace(replay.rate, stop.signal),
    slots: createSlots(batchesAtOnce),
    atHand: new Set(),
    stop,
  };
  try {
    await readAll(reading, positions);
    return 'ended';
  } catch (error) {
    if (error instanceof ReplayStopped && (signal.aborted || !(await isRunning(deps, replay))))
      return 'stopped';
    throw error;
  } finally {
    clearInterval(look);
    signal.removeEventListener('abort', asked);
  }
}

/** A database that does not answer is no reason to stop: the next step finds out. */
async function isRunning({ db }: ReplayDeps, { replayId }: Replay): Promise<boolean> {
  const state = await readReplayState(db, replayId).catch(() => 'running');
  return state === 'running';
}

async function assertStillKept(
  { broker }: ReplayDeps,
  topic: string,
  positions: readonly ReplayPosition[],
): Promise<void> {
  const ends = await broker.admin.partitionEnds(topic);
  const oldest = new Map(ends.map(({ partition, startOffset }) => [partition, startOffset]));
  for (const { partition, nextOffset, endOffset } of positions) {
    const kept = oldest.get(partition);
    if (kept === undefined) throw new ReplayBroken(`${topic} no longer has the partition ${partition}`);
    if (nextOffset < endOffset && nextOffset < kept)
      throw new ReplayBroken(
        `partition ${partition}: offsets ${nextOffset} to ${kept} have fallen out of what ${topic} keeps`,
      );
  }
}

async function readAll(reading: Reading, positions: readonly ReplayPosition[]): Promise<void> {
  const { deps, replay, stop, atHand } = reading;
  const lanes = new Map(positions.map((position) => [position.partition, openLane(position)]));
  const { batchCountMax } = reading.sink;
  const countMax = Math.min(
    batchCountMax,
    reading.pace.countMax,
    Math.ceil(heldCountMax / (lanes.size || 1)),
  );
  try {
    await deps.broker.readFrom({
      partitions: positions.map(({ partition, nextOffset, endOffset }) => ({
        topic: replay.topic,
        partition,
        offset: nextOffset,
        endOffset,
      })),
      signal: stop.signal,
      async onRecords(records) {
        const lane = lanes.get(records[0]?.partition ?? -1);
        if (lane !== undefined) collect(reading, lane, records, countMax);
        while (atHand.size > batchesAtHandMax) await Promise.race(atHand);
      },
    });
    // the last offsets may hold no event: the ends of transactions, what compaction took away
    for (const lane of lanes.values()) startBatch(reading, lane, lane.endOffset);
    await Promise.all([...lanes.values()].map(({ last }) => last));
  } catch (error) {
    stop.abort(error);
    await Promise.allSettled(atHand);
    throw error;
  }
}

const openLane = ({ partition, nextOffset, endOffset }: ReplayPosition): Lane => ({
  partition,
  endOffset,
  held: [],
  heldBytes: 0,
  fromOffset: nextOffset,
  readOffset: nextOffset,
  last: Promise.resolve(),
});

/** What passes the filter goes to the target in batches, which may span fetches: reading goes on meanwhile. */
function collect(reading: Reading, lane: Lane, records: readonly DeliveredRecord[], countMax: number): void {
  const { passes, sink } = reading;
  for (const record of records) {
    lane.readOffset = record.offset + 1n;
    if (!sink.wants(record) || !passes(record)) continue;
    lane.held.push(record);
    lane.heldBytes += record.value?.length ?? 0;
    if (lane.held.length >= countMax || lane.heldBytes >= batchBytesMax)
      startBatch(reading, lane, lane.readOffset);
  }
  if (lane.readOffset >= lane.endOffset || lane.readOffset - lane.fromOffset > skippedCountMax)
    startBatch(reading, lane, lane.readOffset);
}

function startBatch(reading: Reading, lane: Lane, nextOffset: bigint): void {
  const { partition, held: records, fromOffset: expectedOffset, last } = lane;
  if (nextOffset <= expectedOffset) return;
  const batch = { partition, expectedOffset, nextOffset, records };
  const { atHand, stop } = reading;
  lane.held = [];
  lane.heldBytes = 0;
  lane.fromOffset = nextOffset;
  const work = last.then(() => takeBatch(reading, batch)).finally(() => atHand.delete(work));
  work.catch((error: unknown) => stop.abort(error));
  atHand.add(work);
  lane.last = work;
}

async function takeBatch(reading: Reading, batch: ReplayBatch): Promise<void> {
  const { deps, pace, slots, stop } = reading;
  await pace.due(batch.records.length);
  await slots.run(async () => {
    stop.signal.throwIfAborted();
    count(reading, await inPlace(reading, batch));
    deps.crash('after-replay-batch-before-next');
  });
}

/** What is nobody's fault is tried again some times here, which is cheaper than to begin again. */
async function inPlace({ deps, replay, sink, stop }: Reading, batch: ReplayBatch): Promise<ReplayOutcome> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      if (batch.records.length > 0) return await sink.take(batch, stop.signal);
      const nothing = { handledCount: 0, duplicateCount: 0, failures: [] };
      await step(deps.db, replay.replayId, batch, nothing);
      return nothing;
    } catch (error) {
      if (failureKind(error) !== 'fault' || attempt >= faultsInPlaceMax || stop.signal.aborted) throw error;
      await sleep(backoffMs(attempt, 100, 2_000), stop.signal);
    }
  }
}

function count({ deps, replay }: Reading, { handledCount, duplicateCount, failures }: ReplayOutcome): void {
  const target = replay.target.kind === 'handler' ? replay.target.mode : replay.target.kind;
  const counts = { handled: handledCount, duplicate: duplicateCount, failed: failures.length };
  for (const [outcome, value] of Object.entries(counts))
    if (value > 0) deps.metrics.replayEvents.inc({ target, outcome }, value);
}
