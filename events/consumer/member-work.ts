import type { Broker, DeliveredRecord, GroupMember, TopicPartition } from '../kafka/broker.ts';
import { createCommitter } from './commit-offsets.ts';
import { concernOf } from './concerns.ts';
import { errorMessageOf } from './failures.ts';
import { createBrake, placeKey, startGeneration } from './generation.ts';
import type { Generation } from './generation.ts';
import type { EventHandler } from './handler.ts';
import type { Entry } from './partition-lanes.ts';
import { sleep } from '../patience.ts';
import type { ProcessDeps } from './process-event.ts';
import { settleBatch } from './settle-batch.ts';
import { createSlots } from '../slots.ts';
import { tellSettled } from './tell-settled.ts';

export type ConsumerDeps = ProcessDeps & { broker: Broker };

export type WorkOptions = {
  /** Transactions of one group at the same time in this process; each holds a database connection. */
  concurrency?: number;
  /** Events in one of them, where the handler takes many. */
  batchCountMax?: number;
};

const defaultConcurrency = 4;
const defaultBatchCountMax = 500;
const drainMsMax = 15_000;
/** As long as a fetch may be silent. */
const restMsMax = 500;

/** What a member does with what it reads, from one assignment to the next. */
export type MemberWork = {
  /** The member that reads, as soon as it has joined. */
  attach(member: GroupMember): void;
  onAssigned(partitions: readonly TopicPartition[]): void;
  onRebalancing(): void;
  /** Answers when to read on, if not at once. */
  onRecords(records: readonly DeliveredRecord[], endOffset: bigint): Promise<void> | undefined;
  generation(): Generation | undefined;
  /** Since when finished work could not be committed, by `performance.now()`; Infinity when all is well. */
  stuckSinceMs(): number;
  /** Starts nothing more, finishes what is at hand and commits it. */
  finish(): Promise<void>;
};

export function createMemberWork(
  deps: ConsumerDeps,
  handler: EventHandler,
  options: WorkOptions,
  onBroken: (error: unknown) => void,
): MemberWork {
  const { group } = handler;
  const { concurrency = defaultConcurrency, batchCountMax = defaultBatchCountMax } = options;
  let member: GroupMember | undefined;
  let generation: Generation | undefined;
  const brake = createBrake();
  const rest = createRest();
  const slots = createSlots(concurrency, () => generation?.begin());
  const isOurs = concernOf(handler);
  const committer = createCommitter(deps, group, () =>
    member && generation ? { member, generation } : undefined,
  );

  async function settle(entries: readonly Entry[], signal: AbortSignal): Promise<void> {
    const startedAtMs = performance.now();
    await settleBatch({ ...deps, slots, signal }, handler, entries, (part) => {
      for (const { entry } of part) entry.done();
      tellSettled(deps, group, part, performance.now() - startedAtMs);
      onProgress();
    });
  }

  function onProgress(): void {
    committer.schedule();
    generation?.begin();
    if (member !== undefined && generation !== undefined) brake.apply(member, generation);
    if (generation?.hasPlenty !== true) rest.end();
  }

  function end(): void {
    generation?.end();
    rest.end();
  }

  return {
    attach: (joined) => void (member = joined),
    onAssigned(assigned) {
      end();
      const ready = generation?.drained() ?? Promise.resolve();
      brake.release(member);
      generation = startGeneration({
        assigned,
        ready,
        isOurs,
        mayBegin: () => slots.isFree,
        batchCountMax: handler.handleMany === undefined ? 1 : batchCountMax,
        settle,
        onBroken(error) {
          deps.log.error({ group, reason: errorMessageOf(error) }, 'a batch broke; its member is replaced');
          onBroken(error);
        },
      });
      deps.log.info({ group, partitions: assigned.map(placeKey) }, 'partitions assigned');
    },
    onRebalancing: end,
    onRecords(records, endOffset) {
      generation?.add(records, endOffset);
      onProgress();
      return generation?.hasPlenty === true ? rest.take() : undefined;
    },
    generation: () => generation,
    stuckSinceMs: committer.stuckSinceMs,
    async finish() {
      end();
      await Promise.race([generation?.drained(), sleep(drainMsMax)]);
      await committer.close();
    },
  };
}

/**
 * Where all partitions were paused, kafkajs sleeps for a whole fetch's wait, whatever is resumed meanwhile, and throws away
 * what it has fetched of them. So a member with plenty to do waits itself, until it has less.
 */
function createRest() {
  let resting: AbortController | undefined;
  return {
    take(): Promise<void> {
      resting ??= new AbortController();
      return sleep(restMsMax, resting.signal);
    },
    end(): void {
      resting?.abort();
      resting = undefined;
    },
  };
}
