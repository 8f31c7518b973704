import type { ReplayFailure } from '../../domain/replays/types.ts';
import type { Replay } from '../../store/replays/reads.ts';
import type { Broker, DeliveredRecord } from '../kafka/broker.ts';
import type { EventHandler } from '../consumer/handler.ts';
import type { ProcessDeps } from '../consumer/process-event.ts';

export type ReplayDeps = ProcessDeps & {
  broker: Broker;
  /** The handlers of this process, by group. */
  handlers: ReadonlyMap<string, EventHandler>;
  /** Replicas of a replay topic that is made on demand. */
  replicationCount: number;
};

/** Some of one partition's records, in order, and the step they are. */
export type ReplayBatch = {
  partition: number;
  expectedOffset: bigint;
  nextOffset: bigint;
  records: readonly DeliveredRecord[];
};

export type ReplayOutcome = {
  handledCount: number;
  duplicateCount: number;
  failures: readonly ReplayFailure[];
};

/** Where replayed events go. */
export type ReplaySink = {
  /** How many events it takes at once. */
  batchCountMax: number;
  /** Whether it has anything to do with a record, from its headers alone. */
  wants(record: DeliveredRecord): boolean;
  /**
   * Takes a batch and moves the replay on; taken again, as after a crash, it has one effect where the target can tell.
   * Throws ReplayStopped when the replay is no longer this worker's to move, and what is nobody's fault. It may wait for
   * room at the target until `signal` fires.
   */
  take(batch: ReplayBatch, signal: AbortSignal): Promise<ReplayOutcome>;
};

/** Asked to stop, over, or moved on by another worker; what was at hand then is rolled back. */
export class ReplayStopped extends Error {
  override readonly name = 'ReplayStopped';
}

/** It can never go on; the message says why. */
export class ReplayBroken extends Error {
  override readonly name = 'ReplayBroken';
}

export type OpenReplay = Pick<Replay, 'replayId' | 'topic' | 'target'>;
