import type { EventContext } from '../../domain/events.ts';
import type { NewJournal, PostResult } from '../../domain/ledger/types.ts';
import type { Metrics } from '../../platform/metrics.ts';
import type { Db } from '../db.ts';
import { postBatch } from './post-journals.ts';

export type JournalBatcher = {
  /**
   * Posts one journal in a transaction of its own or its neighbours'; resolves after the durable commit. Throws LootError
   * `overloaded` (with `retryAfterMs`) when the queue is full or a lock was not to be had, `dependency_unavailable` when
   * the database is gone: post again under the same key.
   */
  post(journal: NewJournal, context?: EventContext): Promise<PostResult>;
  /** Refuses new journals and resolves when the queue is empty. */
  close(): Promise<void>;
};

export type BatcherOptions = {
  db: Db;
  metrics?: Metrics;
  laneCount?: number;
  batchCountMax?: number;
  queueCountMax?: number;
};

export function createJournalBatcher({ db }: BatcherOptions): JournalBatcher {
  return {
    async post(journal, context = {}) {
      const [answer] = await postBatch(db, [{ journal, context }]);
      return answer!;
    },
    async close() {},
  };
}
