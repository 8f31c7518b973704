import type { Log } from '../../platform/log.ts';
import type { Metrics } from '../../platform/metrics.ts';
import type { Db } from '../../store/db.ts';
import type { Held, OutboxRow } from '../../store/outbox/claim-rows.ts';
import { refuseRows, retryRefusedRows } from '../../store/outbox/refuse-rows.ts';
import { BrokerRefusal } from '../kafka/broker.ts';

type RefusalDeps = { db: Db; metrics: Metrics; log: Log };
type Refused = Pick<OutboxRow, 'shard' | 'seq' | 'topic'> & { topicWide: boolean };

/** Why a row cannot be sent. */
export type RefusedRow = { row: OutboxRow; error: Error };

const errorLengthMax = 2_000;

/**
 * Rows of this relay's shards that cannot be sent. Their aggregates wait behind them, in order; where Kafka refuses the
 * topic, all of it waits: a thousand aggregates would be refused one by one, again and again. Others go on.
 */
export type Refusals = ReturnType<typeof createRefusals>;

export function createRefusals({ db, metrics, log }: RefusalDeps, owner: string) {
  const refused = new Map<string, Refused>();
  const say = () => metrics.outboxRefused.set(refused.size);

  return {
    /** What of these shards is not to be claimed. */
    held(shards: readonly number[]): Held {
      const topics = new Set<string>();
      const aggregates: string[] = [];
      for (const [aggregate, { shard, topic, topicWide }] of refused) {
        if (topicWide) topics.add(topic);
        else if (shards.includes(shard)) aggregates.push(aggregate);
      }
      return { topics: [...topics], aggregates };
    },
    /** The database first: what is held back in memory alone would be lost with us, and the row sent out of its turn. */
    async add(rows: readonly RefusedRow[]): Promise<void> {
      const [first] = rows;
      if (first === undefined) return;
      log.error(
        {
          eventId: first.row.id,
          topic: first.row.topic,
          type: first.row.type,
          key: first.row.key,
          reason: first.error.message,
          rowCount: rows.length,
        },
        'events cannot be published; their aggregates, or their topic, wait in the outbox',
      );
      const refusals = rows.map(({ row: { shard, seq }, error }) => {
        return { shard, seq, error: `${error.name}: ${error.message}`.slice(0, errorLengthMax) };
      });
      await refuseRows(db, owner, refusals);
      for (const { row, error } of rows) {
        const { shard, seq, topic } = row;
        refused.set(aggregateOf(row), { shard, seq, topic, topicWide: isTopicWide(error) });
      }
      say();
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
      await retryRefusedRows(db, [...new Set(rows.map(([, { shard }]) => shard))]);
      for (const [aggregate, { seq }] of rows)
        if (refused.get(aggregate)?.seq === seq) refused.delete(aggregate);
      say();
      return rows.length;
    },
  };
}

export const isTopicWide = (error: Error): boolean => error instanceof BrokerRefusal && error.isOfTopic;

export const aggregateOf = (row: Pick<OutboxRow, 'topic' | 'key' | 'id'>): string =>
  `${row.topic}\n${row.key ?? row.id}`;
