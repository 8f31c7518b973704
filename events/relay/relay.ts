import { randomUUID } from 'node:crypto';
import type { CrashPoints } from '../../platform/crash-points.ts';
import type { Log } from '../../platform/log.ts';
import type { Metrics } from '../../platform/metrics.ts';
import type { Db } from '../../store/db.ts';
import { leaseShards, releaseShards } from '../../store/outbox/lease-shards.ts';
import { countRelays, listenForOutbox } from '../../store/outbox/listen.ts';
import { readOutboxLevel } from '../../store/outbox/reads.ts';
import { vacuumOutbox } from '../../store/outbox/vacuum-outbox.ts';
import type { Broker } from '../kafka/broker.ts';
import type { Codec } from '../codec/codec.ts';
import type { Running } from '../consumer/handler.ts';
import type { EventOrigin } from './outgoing.ts';
import { drainLane } from './lane.ts';
import { createRefusals } from './refusals.ts';
import type { Refusals } from './refusals.ts';

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
/** A claim steps over each row that has left and is not freed yet: so many cost it a tenth of a millisecond. */
const vacuumFromCount = 10_000;
const retryMs = 60_000;
/** How long what a relay that stands still should carry stays with another, before it is offered back. */
const giveBackMs = 30_000;
const stopWaitMs = 20_000;
/** Requests under way at once while much waits: enough that neither database nor Kafka waits for the other. */
const laneCount = 4;
/**
 * One lane carries all shards while a request holds all that waits, for then requests are what costs. From so many rows on
 * each lane carries its own fourth; a lane that finds few gives its fourth back.
 */
const spreadFromCount = 500;
const gatherBelowCount = 100;

export type RelayOptions = {
  /** How often rows that were refused are tried again. */
  retryRefusedMs?: number;
};

/**
 * Carries the outbox to Kafka: at least once, each aggregate in order. Shards belong to one relay at a time; a relay that
 * was stopped longer than its lease may still send what another has sent, which the consumers' inboxes drop.
 */
export function startRelay(deps: RelayDeps, { retryRefusedMs = retryMs }: RelayOptions = {}): Running {
  const owner = randomUUID();
  const abort = new AbortController();
  const refusals = createRefusals(deps, owner);
  const leases = createLeases(deps, refusals, owner);
  // which lane carries each fourth of the shards
  const carriers = Array.from({ length: laneCount }, () => 0);
  const carry = (change: () => void) => () => {
    change();
    wake();
  };
  const spread = carry(() => carriers.forEach((_, n) => (carriers[n] = n)));
  const vacuum = createVacuum(deps.db);
  const handOver = (lane: number, foundCount: number): (() => void) | undefined => {
    vacuum.left(foundCount);
    if (lane > 0) return foundCount < gatherBelowCount ? carry(() => (carriers[lane] = 0)) : undefined;
    return foundCount >= spreadFromCount && carriers.some((carrier, n) => carrier !== n) ? spread : undefined;
  };
  const lanes = carriers.map((_, lane) => {
    const shards = () => leases.held().filter((shard) => carriers[shard % laneCount] === lane);
    const laneDeps = {
      ...deps,
      refusals,
      signal: abort.signal,
      shards,
      handOver: (foundCount: number) => handOver(lane, foundCount),
    };
    return runAgain(async () => {
      await drainLane(laneDeps).catch((error: unknown) =>
        deps.log.warn({ err: error, lane }, 'the relay could not read the outbox'),
      );
    });
  });

  const wake = (): void => {
    if (!abort.signal.aborted) for (const lane of lanes) lane.wake();
  };
  const renew = runAgain(async () => {
    if (await leases.renew()) wake();
  });
  const retry = runAgain(async () => {
    if ((await refusals.retry()) > 0) wake();
  });

  const unsubscribe = deps.db.onOutbox(() => {
    wake();
    return leases.areAll();
  });
  const listener = listenForOutbox(deps.db, wake);
  const timers = [
    setInterval(wake, pollMs),
    setInterval(renew.wake, renewMs),
    setInterval(retry.wake, retryRefusedMs),
    setInterval(() => void level(deps), levelMs),
    setInterval(vacuum.wake, levelMs),
  ];
  renew.wake();

  return {
    async stop() {
      if (abort.signal.aborted) return;
      unsubscribe();
      for (const timer of timers) clearInterval(timer);
      abort.abort();
      await Promise.race([
        Promise.all(lanes.map((lane) => lane.idle())),
        new Promise((done) => setTimeout(done, stopWaitMs).unref()),
      ]);
      listener.stop();
      leases.drop();
      await releaseShards(deps.db, owner).catch(() => {});
    },
  };
}

/** What this relay holds and until when, by its own clock from before it asked. */
function createLeases({ db, log }: RelayDeps, refusals: Refusals, owner: string) {
  let shards: readonly number[] = [];
  let shardCount = 0;
  let untilMs = 0;
  let dropped = false;
  let gaveBackAtMs = -giveBackMs;
  const held = () => (!dropped && performance.now() < untilMs ? shards : []);
  return {
    held,
    /** Whether no other relay has anything to carry. */
    areAll: () => shardCount > 0 && held().length === shardCount,
    drop: () => (dropped = true),
    /** Answers whether there is something new. */
    async renew(): Promise<boolean> {
      if (dropped) return false;
      const askedAtMs = performance.now();
      const before = held();
      const mayGiveBack = askedAtMs - gaveBackAtMs >= giveBackMs;
      const relayCount = Math.max(1, await countRelays(db));
      const lease = await leaseShards(db, owner, relayCount, leaseMs, mayGiveBack);
      const gone = shards.filter((shard) => !lease.shards.includes(shard));
      if (gone.length > 0) gaveBackAtMs = askedAtMs;
      refusals.forget([...lease.taken, ...gone]);
      shards = lease.shards;
      shardCount = lease.shardCount;
      untilMs = askedAtMs + leaseMs;
      const changed = shards.join() !== before.join();
      if (changed) log.info({ shards }, 'relay shards');
      return changed;
    },
  };
}

function createVacuum(db: Db) {
  let leftCount = 0;
  const { wake } = runAgain(async () => {
    if (leftCount < vacuumFromCount) return;
    leftCount = 0;
    await vacuumOutbox(db);
  });
  return { wake, left: (count: number) => void (leftCount += count) };
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
function runAgain(work: () => Promise<void>): { wake(): void; idle(): Promise<void> } {
  let running: Promise<void> | undefined;
  let requested = false;
  const run = async (): Promise<void> => {
    do {
      requested = false;
      await work().catch(() => {});
    } while (requested);
    running = undefined;
  };
  return {
    wake() {
      if (running === undefined) running = run();
      else requested = true;
    },
    idle: () => running ?? Promise.resolve(),
  };
}
