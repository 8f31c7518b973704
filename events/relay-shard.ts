import type { CrashPoints } from '../platform/crash-points.ts';
import type { Log } from '../platform/log.ts';
import type { Metrics } from '../platform/metrics.ts';
import type { Db } from '../store/db.ts';
import { claimRows } from '../store/outbox/claim-rows.ts';
import type { OutboxRow } from '../store/outbox/claim-rows.ts';
import { markPublished } from '../store/outbox/mark-published.ts';
import { refuseRow } from '../store/outbox/refuse-row.ts';
import { BrokerRefusal } from './broker.ts';
import type { Broker, OutgoingMessage, Placement } from './broker.ts';
import type { Codec } from './codec.ts';
import { DeadEvent, errorMessageOf } from './failures.ts';
import { recordBytes, toMessage } from './outgoing.ts';
import type { EventOrigin } from './outgoing.ts';
import { backoffMs, sleep } from './patience.ts';

export type ShardDeps = {
  db: Db;
  broker: Broker;
  codec: Codec;
  origin: EventOrigin;
  metrics: Metrics;
  log: Log;
  crash: CrashPoints;
  signal: AbortSignal;
  isLeased(): boolean;
};

type Outgoing = { row: OutboxRow; message: OutgoingMessage };

const batchRowsMax = 500;
/** The records of one partition travel as one batch, which the topic's limit counts whole. */
const batchBytesMax = 768 * 1_024;
const sendDeadlineMs = 15_000;
const backoffBaseMs = 100;
const backoffMsMax = 2_000;

/** Sends what waits in one shard, one request at a time, until nothing is left or the shard is another's. */
export async function drainShard(deps: ShardDeps, shard: number): Promise<void> {
  while (deps.isLeased() && !deps.signal.aborted) {
    const rows = await claimRows(deps.db, shard, batchRowsMax);
    if (rows.length === 0) return;
    const batch = await encodeRows(deps, shard, rows);
    if (batch.length > 0) await sendAndMark(deps, shard, batch);
  }
}

/** Cuts the batch at its byte limit, and where a row cannot be sent: what follows it may be of its aggregate. */
async function encodeRows(deps: ShardDeps, shard: number, rows: readonly OutboxRow[]): Promise<Outgoing[]> {
  const batch: Outgoing[] = [];
  let bytes = 0;
  for (const row of rows) {
    let message: OutgoingMessage;
    try {
      message = toMessage(row, deps.codec, deps.origin);
    } catch (error) {
      if (!(error instanceof DeadEvent)) throw error;
      if (batch.length === 0) await refuse(deps, shard, row, error);
      return batch;
    }
    bytes += recordBytes(message);
    if (bytes > batchBytesMax && batch.length > 0) return batch;
    batch.push({ row, message });
  }
  return batch;
}

async function sendAndMark(deps: ShardDeps, shard: number, batch: readonly Outgoing[]): Promise<void> {
  deps.crash('after-commit-before-publish');
  let placements: readonly Placement[] | undefined;
  try {
    placements = await sendUntilTaken(deps, shard, batch);
  } catch (error) {
    if (!(error instanceof BrokerRefusal)) throw error;
    return refuseOneByOne(deps, shard, batch, error);
  }
  if (placements === undefined) return;
  deps.crash('after-publish-before-mark');
  await mark(deps, shard, batch, placements);
}

/** After any error the same rows go again, in the same order, before any other row. Undefined when the shard is lost. */
async function sendUntilTaken(
  deps: ShardDeps,
  shard: number,
  batch: readonly Outgoing[],
): Promise<Placement[] | undefined> {
  const messages = batch.map(({ message }) => message);
  for (let attempt = 1; deps.isLeased() && !deps.signal.aborted; attempt += 1) {
    try {
      return await deps.broker.send(messages, sendDeadlineMs);
    } catch (error) {
      if (error instanceof BrokerRefusal) throw error;
      const level = attempt === 1 ? 'warn' : 'debug';
      deps.log[level](
        { shard, attempt, rowCount: batch.length, reason: errorMessageOf(error) },
        'Kafka did not take events; they wait in the outbox',
      );
      await sleep(backoffMs(attempt, backoffBaseMs, backoffMsMax), deps.signal);
    }
  }
  return undefined;
}

/** Kafka says no to the request as a whole; sent singly, it says no to the row that is meant. */
async function refuseOneByOne(
  deps: ShardDeps,
  shard: number,
  batch: readonly Outgoing[],
  refusal: BrokerRefusal,
): Promise<void> {
  const refused = new Set<string>();
  const only = batch.length === 1 ? refusal : undefined;
  for (const entry of batch) {
    if (refused.has(aggregateOf(entry.row))) continue;
    try {
      if (only !== undefined) throw only;
      const placements = await sendUntilTaken(deps, shard, [entry]);
      if (placements === undefined) return;
      await mark(deps, shard, [entry], placements);
    } catch (error) {
      if (!(error instanceof BrokerRefusal)) throw error;
      refused.add(aggregateOf(entry.row));
      await refuse(deps, shard, entry.row, error);
    }
  }
}

const aggregateOf = (row: OutboxRow): string => `${row.topic}\n${row.key ?? row.id}`;

async function refuse(deps: ShardDeps, shard: number, row: OutboxRow, error: Error): Promise<void> {
  deps.log.error(
    { eventId: row.id, topic: row.topic, type: row.type, key: row.key, reason: error.message },
    'an event cannot be published; its aggregate waits in the outbox',
  );
  await refuseRow(deps.db, shard, row.seq, `${error.name}: ${error.message}`.slice(0, 2_000));
}

/** When marking fails, the rows are sent again: duplicates, which inboxes drop. */
async function mark(
  deps: ShardDeps,
  shard: number,
  batch: readonly Outgoing[],
  placements: readonly Placement[],
): Promise<void> {
  const published = batch.map(({ row }, index) => {
    const placement = placements[index];
    if (placement === undefined) throw new Error('Kafka answered fewer places than records');
    return { seq: row.seq, ...placement };
  });
  await markPublished(deps.db, shard, published);
  const nowMs = Date.now();
  for (const { row } of batch) {
    deps.metrics.eventsPublished.inc({ topic: row.topic, type: row.type });
    deps.metrics.eventPublishDuration.observe(
      { topic: row.topic },
      Math.max(0, nowMs - row.created_at.getTime()) / 1_000,
    );
  }
}
