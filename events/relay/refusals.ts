import type { Log } from '../../platform/log.ts';
import type { Metrics } from '../../platform/metrics.ts';
import type { Db } from '../../store/db.ts';
import type { OutboxRow } from '../../store/outbox/claim-rows.ts';
import { refuseRow, retryRefusedRows } from '../../store/outbox/refuse-row.ts';

type RefusalDeps = { db: Db; metrics: Metrics; log: Log };
type Refused = Pick<OutboxRow, 'shard' | 'seq' | 'topic' | 'key'>;

const errorLengthMax = 2_000;

/** Rows of this relay's shards that cannot be sent. Their aggregates wait behind them, in order; others go on. */
export type Refusals = ReturnType<typeof createRefusals>;

export function createRefusals({ db, metrics, log }: RefusalDeps, owner: string) {
  const refused = new Map<string, Refused>();
  const say = () => metrics.outboxRefused.set(refused.size);

  return {
    of: (shards: readonly number[]): Refused[] =>
      refused.size === 0 ? [] : [...refused.values()].filter(({ shard }) => shards.includes(shard)),
    async add(row: OutboxRow, error: Error): Promise<void> {
      const { shard, seq, topic, key } = row;
      refused.set(aggregateOf(row), { shard, seq, topic, key });
      say();
      log.error(
        { eventId: row.id, topic, type: row.type, key, reason: error.message },
        'an event cannot be published; its aggregate waits in the outbox',
      );
      const reason = `${error.name}: ${error.message}`.slice(0, errorLengthMax);
      await refuseRow(db, { owner, shard, seq, error: reason });
    },
    /** These shards are no longer this relay's, or were taken anew, with all they hold to be tried again. */
    forget(shards: readonly number[]): void {
      for (const [aggregate, { shard }] of refused) if (shards.includes(shard)) refused.delete(aggregate);
      say();
    },
    /** Each goes again: the topic may be there by now, its limit raised, the row repaired. Answers how many. */
    async retry(): Promise<number> {
      const rows = [...refused];
      if (rows.length === 0) return 0;
      // the database first: once an aggregate is not held back, nothing but the row's own turn keeps the order
      await retryRefusedRows(
        db,
        rows.map(([, row]) => row),
      );
      for (const [aggregate, { seq }] of rows)
        if (refused.get(aggregate)?.seq === seq) refused.delete(aggregate);
      say();
      return rows.length;
    },
  };
}

export const aggregateOf = (row: Pick<OutboxRow, 'topic' | 'key' | 'id'>): string =>
  `${row.topic}\n${row.key ?? row.id}`;
