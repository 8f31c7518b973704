import type { CrashPoints } from '../../platform/crash-points.ts';
import type { Log } from '../../platform/log.ts';
import type { GroupMember } from '../kafka/broker.ts';
import { errorMessageOf } from './failures.ts';
import type { Generation } from './generation.ts';
import { withDeadline } from '../patience.ts';

/** Offsets that grow within this time travel together. */
const gatherMs = 20;
const retryMs = 1_000;
const commitDeadlineMs = 10_000;

/** Commits, one request at a time, what the present generation has done without a gap. */
export type Committer = {
  schedule(): void;
  /** Since when finished work could not be committed, by `performance.now()`; Infinity when all is well. */
  stuckSinceMs(): number;
  /** Commits what is left, once. */
  close(): Promise<void>;
};

export function createCommitter(
  deps: { crash: CrashPoints; log: Log },
  group: string,
  present: () => { member: GroupMember; generation: Generation } | undefined,
): Committer {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let failingSinceMs: number | undefined;
  let closed = false;

  function schedule(afterMs = gatherMs): void {
    if (!closed) timer ??= setTimeout(() => void commit(), afterMs);
  }

  async function commit(): Promise<void> {
    timer = undefined;
    if (running !== undefined) return running.then(() => schedule());
    running = commitOnce().finally(() => (running = undefined));
    return running;
  }

  async function commitOnce(): Promise<void> {
    const now = present();
    if (now === undefined) return schedule(retryMs);
    const grown = now.generation.partitions.flatMap((lanes) => {
      const nextOffset = lanes.offsets.takeNextOffset();
      return nextOffset === undefined ? [] : [{ lanes, nextOffset }];
    });
    if (grown.length === 0) return;
    deps.crash('after-effect-before-offset');
    try {
      const offsets = grown.map(({ lanes, nextOffset }) => ({
        topic: lanes.topic,
        partition: lanes.partition,
        nextOffset,
      }));
      await withDeadline(now.member.commit(offsets), commitDeadlineMs, 'the group coordinator');
      failingSinceMs = undefined;
    } catch (error) {
      // what is not committed is delivered again and dropped by the inbox
      failingSinceMs ??= performance.now();
      deps.log.debug({ group, reason: errorMessageOf(error) }, 'offsets were not committed');
      for (const { lanes } of grown) lanes.offsets.restore();
      schedule(retryMs);
    }
  }

  return {
    schedule,
    stuckSinceMs: () => failingSinceMs ?? Infinity,
    async close() {
      clearTimeout(timer);
      await running;
      await commitOnce();
      closed = true;
      clearTimeout(timer);
    },
  };
}
