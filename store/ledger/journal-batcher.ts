import { must } from '../../domain/must.ts';
import { LootError } from '../../domain/errors.ts';
import type { EventContext } from '../../domain/events.ts';
import type { NewJournal, PostResult } from '../../domain/ledger/types.ts';
import type { Metrics } from '../../platform/metrics.ts';
import type { Db } from '../db.ts';
import { isConcurrentPost, postBatch } from './post-journals.ts';

/** For callers without a transaction of their own: many journals share one, which is where the ledger's speed comes from. */
export type JournalBatcher = {
  /**
   * Posts one journal and resolves after its durable commit. Throws LootError `overloaded` with `retryAfterMs` when the
   * queue is full, `dependency_unavailable` when the batcher is closed, and what the database throws when it fails: the
   * outcome is then learnt by posting again under the same key.
   */
  post(journal: NewJournal, context?: EventContext): Promise<PostResult>;
  /** Refuses new journals and resolves when those accepted are done. */
  close(): Promise<void>;
};

export type BatcherOptions = {
  db: Db;
  metrics?: Pick<Metrics, 'ledgerJournals' | 'ledgerPostDuration' | 'ledgerBatchSize' | 'ledgerQueueDepth'>;
  /** Batches in flight at once. Two keep PostgreSQL busy while the other's answer travels; more fight for wallets. */
  laneCount?: number;
  batchCountMax?: number;
  queueCountMax?: number;
};

type Entry = {
  journal: NewJournal;
  context: EventContext;
  resolve(result: PostResult): void;
  reject(error: unknown): void;
};

const attemptCountMax = 5;
const retryAfterMs = 250;

export function createJournalBatcher(options: BatcherOptions): JournalBatcher {
  const { db, metrics, laneCount = 2, batchCountMax = 128, queueCountMax = 4_096 } = options;
  let queue: Entry[] = [];
  const keysInFlight = new Set<string>();
  let lanesBusy = 0;
  let scheduled = false;
  let onIdle: (() => void) | undefined;
  let closed: Promise<void> | undefined;

  /** After the current round of I/O callbacks, so that requests that arrive together travel together. No timer. */
  function schedule(): void {
    if (scheduled || lanesBusy === laneCount) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      flush();
    });
  }

  function flush(): void {
    while (lanesBusy < laneCount && queue.length > 0) {
      const batch = take();
      if (batch.length === 0) break;
      lanesBusy += 1;
      void runBatch(db, batch, metrics).then(() => {
        lanesBusy -= 1;
        for (const { journal } of batch) keysInFlight.delete(journal.key);
        if (queue.length > 0) flush();
        else if (lanesBusy === 0) onIdle?.();
      });
    }
    metrics?.ledgerQueueDepth.set(queue.length);
  }

  /** The oldest entries whose key is not in another lane: two lanes with one key would wait for each other's commit. */
  function take(): Entry[] {
    const batch: Entry[] = [];
    const rest: Entry[] = [];
    for (const entry of queue) {
      if (batch.length < batchCountMax && !keysInFlight.has(entry.journal.key)) batch.push(entry);
      else rest.push(entry);
    }
    for (const { journal } of batch) keysInFlight.add(journal.key);
    queue = rest;
    return batch;
  }

  return {
    post(journal, context = {}) {
      if (closed)
        return Promise.reject(new LootError('dependency_unavailable', 'This process is shutting down.'));
      if (queue.length >= queueCountMax) {
        return Promise.reject(
          new LootError('overloaded', 'Too many journals wait to be posted.', { retryAfterMs }),
        );
      }
      return new Promise((resolve, reject) => {
        queue.push({ journal, context, resolve, reject });
        schedule();
      });
    },
    close() {
      closed ??= new Promise<void>((resolve) => {
        if (lanesBusy === 0 && queue.length === 0) resolve();
        else onIdle = resolve;
      });
      return closed;
    },
  };
}

/** Settles every entry; never throws. */
async function runBatch(db: Db, batch: readonly Entry[], metrics: BatcherOptions['metrics']): Promise<void> {
  const startedAtMs = performance.now();
  try {
    const results = await postWithRetry(db, batch);
    batch.forEach((entry, i) => {
      const result = must(results[i], 'answer');
      metrics?.ledgerJournals.inc({ kind: entry.journal.kind, result: result.result });
      entry.resolve(result);
    });
    metrics?.ledgerBatchSize.observe(batch.length);
    metrics?.ledgerPostDuration.observe((performance.now() - startedAtMs) / 1_000);
  } catch (error) {
    if (batch.length === 1 || !isBatchAtFault(error)) {
      for (const entry of batch) entry.reject(error);
      return;
    }
    // one of them poisons the rest: halve until it is alone
    const middle = batch.length >> 1;
    await runBatch(db, batch.slice(0, middle), metrics);
    await runBatch(db, batch.slice(middle), metrics);
  }
}

async function postWithRetry(db: Db, batch: readonly Entry[]): Promise<PostResult[]> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await postBatch(db, batch);
    } catch (error) {
      if (!isConcurrentPost(error) || attempt === attemptCountMax) throw error;
    }
  }
}

/**
 * A value that cannot be encoded or stored, a lock that one of the wallets did not give: a smaller batch may do. A lost
 * connection or a server that shuts down is nobody's fault here.
 */
function isBatchAtFault(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? error.code : undefined;
  if (typeof code !== 'string') return error instanceof TypeError || error instanceof LootError;
  return /^(0A|22|23|42|P0|XX)...$|^(40001|40P01|55P03)$/.test(code);
}
