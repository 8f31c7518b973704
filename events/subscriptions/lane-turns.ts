import type { Log } from '../../platform/log.ts';
import type { Db, Tx } from '../../store/db.ts';
import { LaneLost, moveLane, openLanePosition } from '../../store/subscriptions/dispatch.ts';
import type { OpenedLane } from '../../store/subscriptions/dispatch.ts';
import type { QueuedEvent } from '../../store/subscriptions/queue-events.ts';
import type { Codec } from '../codec/codec.ts';
import { errorMessageOf } from '../consumer/failures.ts';
import type { Broker, TopicPartition } from '../kafka/broker.ts';
import { backoffMs, sleep } from '../patience.ts';
import { toQueued } from './to-queued.ts';
import type { Match } from './to-queued.ts';

export type LaneDeps = {
  db: Db;
  broker: Broker;
  codec: Codec;
  log: Log;
  signal: AbortSignal;
  /** For these something waits now. */
  onQueued(subscriptionIds: Iterable<string>): void;
  /** The lane cannot go on: another process has it, or something is wrong with us. */
  onLost(error: unknown): void;
};

/**
 * What is done for one partition: one thing after another, each as often as it takes, and in transactions that hold only while
 * the partition's position is this process's.
 */
export class LaneTurns {
  readonly place: TopicPartition;
  readonly deps: LaneDeps;
  /** The next offset to look at; undefined until it is open. */
  position: bigint | undefined;
  private chain = Promise.resolve();
  private saved = 0n;
  private epoch = 0;

  constructor(deps: LaneDeps, place: TopicPartition) {
    this.deps = deps;
    this.place = place;
  }

  take(task: () => Promise<void>): Promise<void> {
    const { signal, onLost } = this.deps;
    const run = this.chain.then(() => (signal.aborted ? undefined : task()));
    this.chain = run.catch((error: unknown) => {
      if (!signal.aborted) onLost(error);
    });
    return run;
  }

  drained(): Promise<void> {
    return this.chain;
  }

  /** What is not the events' fault is waited for without end. */
  async patiently<T>(what: string, work: () => Promise<T>): Promise<T> {
    const { signal, log } = this.deps;
    for (let attempt = 1; ; attempt++) {
      try {
        return await work();
      } catch (error) {
        if (error instanceof LaneLost || signal.aborted) throw error;
        const level = attempt % 6 === 3 ? 'warn' : 'debug';
        const reason = errorMessageOf(error);
        log[level]({ ...this.place, what, attempt, reason }, 'dispatching waits');
        await sleep(backoffMs(attempt, 200, 10_000), signal);
        signal.throwIfAborted();
      }
    }
  }

  /** Everything before `nextOffset` has been looked at when `work` is done. */
  async transact(what: string, nextOffset: bigint, work: (tx: Tx) => Promise<void>): Promise<void> {
    await this.patiently(what, () =>
      this.deps.db.transaction(async (tx) => {
        await moveLane(tx, this.place, this.epoch, nextOffset);
        await work(tx);
      }),
    );
    if (nextOffset > this.saved) this.saved = nextOffset;
  }

  /** Takes the partition over; answers who is read for, and who reads by itself, from which offsets on. */
  async open(): Promise<OpenedLane['partitions']> {
    const { place, deps } = this;
    const { nextOffset, epoch, partitions } = await this.patiently('open', async () => {
      const ends = await deps.broker.admin.partitionEnds(place.topic);
      const end = ends.find(({ partition }) => partition === place.partition)?.endOffset ?? 0n;
      return deps.db.transaction((tx) => openLanePosition(tx, place, end));
    });
    this.position = this.saved = nextOffset;
    this.epoch = epoch;
    return partitions;
  }

  /** Writes down how far it has come; answers that. */
  async save(): Promise<bigint | undefined> {
    await this.take(async () => {
      const { position } = this;
      if (position === undefined || position === this.saved) return;
      await this.patiently('save', () => moveLane(this.deps.db, this.place, this.epoch, position));
      this.saved = position;
    });
    return this.position === undefined ? undefined : this.saved;
  }

  async decode(matches: readonly Match[]): Promise<QueuedEvent[]> {
    const events: QueuedEvent[] = [];
    for (const match of matches)
      events.push(...(await this.patiently('decode', () => toQueued(this.deps.codec, match))));
    return events;
  }
}
