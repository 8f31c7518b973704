import { openEventWorld } from './event-world.ts';
import type { EventWorld } from './event-world.ts';
import { checkPublished, drainOutbox, fillOutbox, openRawProducer, readLanes } from './relay-contestants.ts';
import { commitToHandler, produceToHandler } from './relay-latency.ts';
import { keepReport, medianOf, round, rowOf } from './report.ts';
import type { Report } from './report.ts';

/**
 * The relay, from a full outbox to an empty one, beside kafkajs alone sending the same requests; and what a commit waits for
 * until a consumer hears of it, beside produce to consume, at a quarter, a half and three quarters of that rate.
 */
export type RelaySize = { rounds: number; count: number; keyCount: number; seconds: number; keep: boolean };
export const fullSize: RelaySize = { rounds: 6, count: 60_000, keyCount: 1_000, seconds: 5, keep: true };
/** Proves that it runs and validates. */
export const smallSize: RelaySize = { rounds: 1, count: 2_000, keyCount: 100, seconds: 1, keep: false };

type Throughput = { relay: number[]; raw: number[]; lagSecondsMax: number; residentMiB: number };

export async function benchRelay(size: RelaySize = fullSize): Promise<Report> {
  const world = await openEventWorld('relay');
  const raw = openRawProducer(world);
  try {
    const throughput = await race(world, raw, size);
    const capacity = Math.floor(medianOf(throughput.relay));
    const valid = await checkPublished(world, (size.rounds + 1) * size.count);
    const shares = await latencies(world, capacity, size);
    const isWhole = shares.every(({ ours, peer }) => ours.isComplete && peer.isComplete);
    return await report(throughput, shares, valid && isWhole, size);
  } finally {
    await raw.close();
    await world.close();
  }
}

/** A B B A, after one round to warm up. */
async function race(
  world: EventWorld,
  raw: ReturnType<typeof openRawProducer>,
  { rounds, count, keyCount }: RelaySize,
): Promise<Throughput> {
  const rates: Throughput = { relay: [], raw: [], lagSecondsMax: 0, residentMiB: 0 };
  for (let n = -1; n < rounds; n++) {
    await fillOutbox(world.db, count, keyCount);
    const lanes = await readLanes(world);
    const measured = { relayMs: 0, rawMs: 0 };
    const runs = [
      async () => {
        const { tookMs, lagSecondsMax } = await drainOutbox(world);
        measured.relayMs = tookMs;
        rates.lagSecondsMax = Math.max(rates.lagSecondsMax, lagSecondsMax);
      },
      async () => {
        measured.rawMs = await raw.send(lanes);
      },
    ];
    for (const run of n % 2 === 0 ? runs : runs.toReversed()) await run();
    rates.residentMiB = Math.max(rates.residentMiB, process.memoryUsage.rss() / 1_048_576);
    if (n < 0) continue;
    rates.relay.push((count * 1_000) / measured.relayMs);
    rates.raw.push((count * 1_000) / measured.rawMs);
  }
  return rates;
}

type Share = {
  percent: number;
  ours: Awaited<ReturnType<typeof commitToHandler>>;
  peer: Awaited<ReturnType<typeof commitToHandler>>;
};

async function latencies(world: EventWorld, capacity: number, { seconds }: RelaySize): Promise<Share[]> {
  const shares: Share[] = [];
  for (const percent of [25, 50, 75]) {
    const perSecond = Math.max(100, Math.floor((capacity * percent) / 100));
    shares.push({
      percent,
      ours: await commitToHandler(world, perSecond, seconds),
      peer: await produceToHandler(world, perSecond, seconds),
    });
  }
  return shares;
}

const peerName = 'kafkajs alone, the same requests';

function report(
  { relay, raw, lagSecondsMax, residentMiB }: Throughput,
  shares: readonly Share[],
  valid: boolean,
  { keep }: RelaySize,
): Promise<Report> {
  const half = shares.find(({ percent }) => percent === 50);
  const ratios = relay.map((rate, n) => rate / (raw[n] ?? Number.NaN));
  return keepReport(
    {
      bench: 'relay',
      valid,
      rows: [
        rowOf('outbox to Kafka, events per second', peerName, ratios, { atLeast: 0.9 }),
        rowOf(
          'commit to handler at half load, p50',
          'produce to handler',
          [(half?.ours.p50Ms ?? Number.NaN) / (half?.peer.p50Ms ?? Number.NaN)],
          { atMost: 3 },
        ),
        rowOf('commit to handler at half load, p99', '20 ms', [(half?.ours.p99Ms ?? Number.NaN) / 20], {
          atMost: 1,
        }),
      ],
      figures: {
        'relay: events per second': round(medianOf(relay)),
        'kafkajs alone: events per second': round(medianOf(raw)),
        'draining: largest lag in seconds': round(lagSecondsMax),
        'resident MiB, with what fills and checks': round(residentMiB),
        ...Object.fromEntries(
          shares.flatMap(({ percent, ours, peer }) => [
            [`${percent} % load: commit to handler p50 ms`, round(ours.p50Ms)],
            [`${percent} % load: commit to handler p99 ms`, round(ours.p99Ms)],
            [`${percent} % load: produce to handler p50 ms`, round(peer.p50Ms)],
            [`${percent} % load: produce to handler p99 ms`, round(peer.p99Ms)],
            [`${percent} % load: events per second`, round(ours.perSecond)],
          ]),
        ),
      },
    },
    { keep },
  );
}
