import { randomUUID } from 'node:crypto';
import type { CrashPoints } from '../platform/crash-points.ts';
import type { Log } from '../platform/log.ts';
import type { Metrics } from '../platform/metrics.ts';
import type { Db } from '../store/db.ts';
import { shardsWithRows } from '../store/outbox/claim-rows.ts';
import { leaseShards, releaseShards } from '../store/outbox/lease-shards.ts';
import { countRelays, listenForOutbox } from '../store/outbox/listen.ts';
import { readOutboxLevel } from '../store/outbox/reads.ts';
import type { Broker } from './broker.ts';
import type { Codec } from './codec.ts';
import type { Running } from './handler.ts';
import type { EventOrigin } from './outgoing.ts';
import { drainShard } from './relay-shard.ts';

export type RelayDeps = {
  db: Db;
  broker: Broker;
  codec: Codec;
  origin: EventOrigin;
  metrics: Metrics;
  log: Log;
  crash: CrashPoints;
};

/** How soon a killed relay's shards are taken over. */
const leaseMs = 3_000;
const renewMs = 1_000;
const pollMs = 250;
const levelMs = 2_000;
const stopWaitMs = 20_000;

/**
 * Carries the outbox to Kafka: at least once, each aggregate in order. Shards belong to one relay at a time; a relay that
 * was stopped longer than its lease may still send what another has sent, which the consumers' inboxes drop.
 */
export function startRelay(deps: RelayDeps): Running {
  const owner = randomUUID();
  const abort = new AbortController();
  const leases = createLeases(deps, owner);
  const draining = new Map<number, Promise<void>>();
  const again = new Set<number>();

  function drain(shard: number): void {
    if (abort.signal.aborted) return;
    if (draining.has(shard)) return void again.add(shard);
    const shardDeps = { ...deps, signal: abort.signal, isLeased: () => leases.holds(shard) };
    const run = drainShard(shardDeps, shard)
      .catch((error: unknown) => deps.log.warn({ err: error, shard }, 'the relay could not read the outbox'))
      .finally(() => {
        draining.delete(shard);
        if (again.delete(shard)) drain(shard);
      });
    draining.set(shard, run);
  }

  const wake = coalesce(async () => {
    const shards = await shardsWithRows(deps.db, leases.held());
    for (const shard of shards) drain(shard);
  });
  const renew = coalesce(async () => {
    if (await leases.renew()) wake();
  });

  const unsubscribe = deps.db.onOutbox(wake);
  const listener = listenForOutbox(deps.db, wake);
  const timers = [
    setInterval(wake, pollMs),
    setInterval(renew, renewMs),
    setInterval(() => void level(deps), levelMs),
  ];
  renew();

  return {
    async stop() {
      if (abort.signal.aborted) return;
      unsubscribe();
      for (const timer of timers) clearInterval(timer);
      abort.abort();
      await Promise.race([
        Promise.allSettled(draining.values()),
        new Promise((done) => setTimeout(done, stopWaitMs).unref()),
      ]);
      listener.stop();
      leases.drop();
      await releaseShards(deps.db, owner).catch(() => {});
    },
  };
}

/** What this relay holds and until when, by its own clock from before it asked. */
function createLeases({ db, log }: RelayDeps, owner: string) {
  let shards: readonly number[] = [];
  let untilMs = 0;
  let dropped = false;
  const held = () => (!dropped && performance.now() < untilMs ? shards : []);
  return {
    held,
    holds: (shard: number) => held().includes(shard),
    drop: () => (dropped = true),
    /** Answers whether there is something new. */
    async renew(): Promise<boolean> {
      if (dropped) return false;
      const askedAtMs = performance.now();
      const before = held();
      shards = await leaseShards(db, owner, Math.max(1, await countRelays(db)), leaseMs);
      untilMs = askedAtMs + leaseMs;
      const changed = shards.join() !== before.join();
      if (changed) log.info({ shards }, 'relay shards');
      return changed;
    },
  };
}

async function level({ db, metrics }: RelayDeps): Promise<void> {
  try {
    const { rowCount, oldestAgeMs } = await readOutboxLevel(db);
    metrics.outboxRows.set(rowCount);
    metrics.outboxOldest.set(oldestAgeMs / 1_000);
  } catch {
    // the database is away; readiness and the shards' own warnings say so
  }
}

/** Runs `work` now, or once more after the run at hand; a failure waits for the next call. */
function coalesce(work: () => Promise<void>): () => void {
  let running = false;
  let requested = false;
  const run = async (): Promise<void> => {
    if (running) return void (requested = true);
    running = true;
    do {
      requested = false;
      await work().catch(() => {});
    } while (requested);
    running = false;
  };
  return () => void run();
}
