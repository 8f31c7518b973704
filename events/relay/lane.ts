import type { CrashPoints } from '../../platform/crash-points.ts';
import type { Log } from '../../platform/log.ts';
import type { Metrics } from '../../platform/metrics.ts';
import type { Db } from '../../store/db.ts';
import { claimRows } from '../../store/outbox/claim-rows.ts';
import type { OutboxRow } from '../../store/outbox/claim-rows.ts';
import { markPublished } from '../../store/outbox/mark-published.ts';
import type { PublishedRow } from '../../store/outbox/mark-published.ts';
import { BrokerRefusal } from '../kafka/broker.ts';
import type { Broker, Placement } from '../kafka/broker.ts';
import type { Codec } from '../codec/codec.ts';
import { DeadEvent, errorMessageOf } from '../consumer/failures.ts';
import { recordBytes, toMessage } from './outgoing.ts';
import type { EventOrigin, Outgoing } from './outgoing.ts';
import { backoffMs, sleep } from '../patience.ts';
import { aggregateOf } from './refusals.ts';
import type { Refusals } from './refusals.ts';

export type LaneDeps = {
  db: Db;
  broker: Broker;
  codec: Codec;
  origin: EventOrigin;
  metrics: Metrics;
  log: Log;
  crash: CrashPoints;
  signal: AbortSignal;
  refusals: Refusals;
  /** Which of the lane's shards are this relay's now. */
  shards(): readonly number[];
  /** Hands shards to another lane when these were many, or few; done when nothing of this lane is under way. */
  handOver(foundCount: number): (() => void) | undefined;
};

/** Of each shard and in all: what a request holds costs memory, what it does not hold costs a round trip. */
const claimCountMax = 250;
/** The records of one partition travel as one batch, which the topic's limit counts whole. */
const batchBytesMax = 768 * 1_024;
const sendDeadlineMs = 15_000;
const backoffBaseMs = 100;
const backoffMsMax = 2_000;

/**
 * Sends what waits in the lane's shards, one request at a time, until nothing is left. A lane's shards share their requests:
 * a request costs the same for one event as for hundreds, and what was sent leaves the outbox with the next look into it.
 */
export async function drainLane(deps: LaneDeps): Promise<void> {
  let published: readonly PublishedRow[] = [];
  for (;;) {
    const shards = deps.signal.aborted ? [] : deps.shards();
    if (shards.length === 0) {
      if (published.length > 0) await markPublished(deps.db, published);
      return;
    }
    const rows = await claimRows(deps.db, shards, claimCountMax, deps.refusals.of(shards), published);
    const batch = await encodeRows(deps, rows);
    published = batch.length > 0 ? await sendBatch(deps, batch) : [];
    const handOver = deps.handOver(rows.length);
    if (handOver !== undefined) {
      if (published.length > 0) await markPublished(deps.db, published);
      published = [];
      handOver();
    }
    if (rows.length === 0) return;
  }
}

/** Cuts the batch at its byte limit. A row that cannot be sent holds back what follows it of its aggregate. */
async function encodeRows(deps: LaneDeps, rows: readonly OutboxRow[]): Promise<Outgoing[]> {
  const batch: Outgoing[] = [];
  const refused = new Set<string>();
  let bytes = 0;
  for (const row of rows) {
    if (refused.size > 0 && refused.has(aggregateOf(row))) continue;
    try {
      const message = toMessage(row, deps.codec, deps.origin);
      bytes += recordBytes(message);
      if (bytes > batchBytesMax && batch.length > 0) break;
      batch.push({ row, message });
    } catch (error) {
      if (!(error instanceof DeadEvent)) throw error;
      refused.add(aggregateOf(row));
      await deps.refusals.add(row, error);
    }
  }
  return batch;
}

/** Answers what of it is still to be marked. */
async function sendBatch(deps: LaneDeps, batch: readonly Outgoing[]): Promise<readonly PublishedRow[]> {
  deps.crash('after-commit-before-publish');
  try {
    const sent = await sendUntilTaken(deps, batch);
    if (sent === undefined) return [];
    deps.crash('after-publish-before-mark');
    return tell(deps, sent);
  } catch (error) {
    if (!(error instanceof BrokerRefusal)) throw error;
    await splitRefused(deps, batch, error);
    return [];
  }
}

type Sent = { batch: readonly Outgoing[]; placements: readonly Placement[] };

/**
 * After any error the same rows go again, in the same order, before any other row; without those whose shard another relay
 * has taken over meanwhile. Undefined when none are left.
 */
async function sendUntilTaken(deps: LaneDeps, whole: readonly Outgoing[]): Promise<Sent | undefined> {
  for (let attempt = 1; !deps.signal.aborted; attempt += 1) {
    const leased = new Set(deps.shards());
    const batch = whole.filter(({ row }) => leased.has(row.shard));
    if (batch.length === 0) return undefined;
    try {
      const messages = batch.map(({ message }) => message);
      return { batch, placements: await deps.broker.send(messages, sendDeadlineMs) };
    } catch (error) {
      if (error instanceof BrokerRefusal) throw error;
      const level = attempt === 1 ? 'warn' : 'debug';
      deps.log[level](
        { attempt, rowCount: batch.length, reason: errorMessageOf(error) },
        'Kafka did not take events; they wait in the outbox',
      );
      await sleep(backoffMs(attempt, backoffBaseMs, backoffMsMax), deps.signal);
    }
  }
  return undefined;
}

/** Kafka says no to the request as a whole: sent topic by topic, then singly, it says no to the row that is meant. */
async function splitRefused(
  deps: LaneDeps,
  batch: readonly Outgoing[],
  refusal: BrokerRefusal,
): Promise<void> {
  const byTopic = [...Map.groupBy(batch, ({ row }) => row.topic).values()];
  if (byTopic.length === 1) return sendSingly(deps, batch, refusal);
  for (const part of byTopic) {
    try {
      const sent = await sendUntilTaken(deps, part);
      if (sent !== undefined) await mark(deps, sent);
    } catch (error) {
      if (!(error instanceof BrokerRefusal)) throw error;
      await sendSingly(deps, part, error);
    }
  }
}

async function sendSingly(deps: LaneDeps, batch: readonly Outgoing[], refusal: BrokerRefusal): Promise<void> {
  const refused = new Set<string>();
  const only = batch.length === 1 ? refusal : undefined;
  for (const entry of batch) {
    if (refused.has(aggregateOf(entry.row))) continue;
    try {
      if (only !== undefined) throw only;
      const sent = await sendUntilTaken(deps, [entry]);
      if (sent !== undefined) await mark(deps, sent);
    } catch (error) {
      if (!(error instanceof BrokerRefusal)) throw error;
      refused.add(aggregateOf(entry.row));
      await deps.refusals.add(entry.row, error);
    }
  }
}

const mark = (deps: LaneDeps, sent: Sent): Promise<void> => markPublished(deps.db, tell(deps, sent));

/** Counts what was sent. When marking it fails, the rows are sent again: duplicates, which inboxes drop. */
function tell({ metrics }: LaneDeps, { batch, placements }: Sent): PublishedRow[] {
  const published = batch.map(({ row: { shard, seq } }, index) => {
    const placement = placements[index];
    if (placement === undefined) throw new Error('Kafka answered fewer places than records');
    return { shard, seq, ...placement };
  });
  const nowMs = Date.now();
  // labels are looked up once per type and batch, not once per event
  for (const [type, entries] of Map.groupBy(batch, ({ row }) => row.type)) {
    for (const [topic, ofTopic] of Map.groupBy(entries, ({ row }) => row.topic)) {
      metrics.eventsPublished.inc({ topic, type }, ofTopic.length);
      const duration = metrics.eventPublishDuration.labels({ topic });
      for (const { row } of ofTopic) duration.observe(Math.max(0, nowMs - row.created_at_ms) / 1_000);
    }
  }
  return published;
}
