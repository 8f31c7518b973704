import { claimRows } from '../../store/outbox/claim-rows.ts';
import type { OutboxRow } from '../../store/outbox/claim-rows.ts';
import { markPublished } from '../../store/outbox/mark-published.ts';
import type { PublishedRow } from '../../store/outbox/mark-published.ts';
import { BrokerRefusal } from '../kafka/broker.ts';
import type { Placement } from '../kafka/broker.ts';
import { DeadEvent, errorMessageOf } from '../consumer/failures.ts';
import { recordBytes, toMessage } from './outgoing.ts';
import type { Outgoing } from './outgoing.ts';
import { backoffMs, sleep } from '../patience.ts';
import { aggregateOf } from './refusals.ts';
import type { RefusedRow, Refusals } from './refusals.ts';
import type { RelayDeps } from './relay.ts';

export type LaneDeps = RelayDeps & {
  signal: AbortSignal;
  refusals: Refusals;
  /** Which of the lane's shards are this relay's now. */
  shards(): readonly number[];
  /** Hands shards to another lane when these were many, or few; done when nothing of this lane is under way. */
  handOver(foundCount: number): (() => void) | undefined;
};

/** Of each shard: what a request holds costs memory, what it does not hold costs a round trip. */
const claimCountMax = 250;
/** Of all shards together; of each one row may be larger. */
const claimBytesMax = 1_024 * 1_024;
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
  let published: PublishedRow[] = [];
  for (;;) {
    const shards = deps.signal.aborted ? [] : deps.shards();
    if (shards.length === 0) {
      if (published.length > 0) await markPublished(deps.db, published);
      return;
    }
    const limits = {
      countMaxPerShard: claimCountMax,
      bytesMaxPerShard: Math.floor(claimBytesMax / shards.length),
    };
    const rows = await claimRows(deps.db, shards, limits, deps.refusals.held(shards), published);
    published = [];
    for (const batch of await encodeRows(deps, rows)) {
      const sent = await sendBatch(deps, batch);
      published.push(...sent);
      // what comes later may belong behind what stayed
      if (sent.length < batch.length) break;
    }
    const handOver = deps.handOver(rows.length);
    if (handOver !== undefined) {
      if (published.length > 0) await markPublished(deps.db, published);
      published = [];
      handOver();
    }
    if (rows.length === 0) return;
  }
}

/** In batches of their byte limit. A row that cannot be sent holds back what follows it of its aggregate. */
async function encodeRows(deps: LaneDeps, rows: readonly OutboxRow[]): Promise<Outgoing[][]> {
  const batches: Outgoing[][] = [];
  let batch: Outgoing[] = [];
  const refused = new Map<string, RefusedRow>();
  let bytes = 0;
  for (const row of rows) {
    if (refused.size > 0 && refused.has(aggregateOf(row))) continue;
    try {
      const message = toMessage(row, deps.codec, deps.origin);
      const size = recordBytes(message);
      if (batch.length === 0 || bytes + size > batchBytesMax) {
        batches.push((batch = []));
        bytes = 0;
      }
      bytes += size;
      batch.push({ row, message });
    } catch (error) {
      if (!(error instanceof DeadEvent)) throw error;
      refused.set(aggregateOf(row), { row, error });
    }
  }
  await deps.refusals.add([...refused.values()]);
  return batches;
}

/** Answers what of it is still to be marked. */
async function sendBatch(deps: LaneDeps, batch: readonly Outgoing[]): Promise<PublishedRow[]> {
  deps.crash('after-commit-before-publish');
  try {
    const sent = await sendUntilTaken(deps, batch);
    if (sent === undefined) return [];
    deps.crash('after-publish-before-mark');
    return tell(deps, sent);
  } catch (error) {
    if (!(error instanceof BrokerRefusal)) throw error;
    await sendParts(deps, batch, error, new Set());
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

/**
 * Kafka says no to the request as a whole: sent topic by topic, then by halves, it says no to the row, or the topic, that is
 * meant. What stands behind a refused row of its aggregate stays.
 */
async function sendParts(
  deps: LaneDeps,
  batch: readonly Outgoing[],
  refusal: BrokerRefusal,
  refused: Set<string>,
): Promise<void> {
  const [first] = batch;
  if (first === undefined) return;
  const byTopic = [...Map.groupBy(batch, ({ row }) => row.topic).values()];
  if (byTopic.length === 1 && (batch.length === 1 || refusal.isOfTopic)) {
    refused.add(aggregateOf(first.row));
    return deps.refusals.add([{ row: first.row, error: refusal }]);
  }
  const half = Math.ceil(batch.length / 2);
  for (const part of byTopic.length > 1 ? byTopic : [batch.slice(0, half), batch.slice(half)]) {
    const waiting = part.filter(({ row }) => !refused.has(aggregateOf(row)));
    try {
      const sent = waiting.length === 0 ? undefined : await sendUntilTaken(deps, waiting);
      if (sent !== undefined) await markPublished(deps.db, tell(deps, sent));
    } catch (error) {
      if (!(error instanceof BrokerRefusal)) throw error;
      await sendParts(deps, waiting, error, refused);
    }
  }
}

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
