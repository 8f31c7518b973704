import { openEventWorld } from './event-world.ts';
import type { EventWorld } from './event-world.ts';
import { checkPublished, drainOutbox, fillOutbox, openRawProducer } from './relay-contestants.ts';
import { commitToHandler, produceToHandler, sustainedPerSecond } from './relay-latency.ts';
import type { Latency } from './relay-latency.ts';
import { keepReport, medianOf, round, rowOf } from './report.ts';
import type { Report } from './report.ts';

/**
 * The relay, from a full outbox to an empty one, beside kafkajs alone sending the same requests; and what a commit waits for
 * until a consumer hears of it, beside produce to consume, at a quarter, a half and three quarters of the rate that commits,
 * relay and consumer sustain together. Half load is judged in five rounds.
 */
export type RelaySize = {
  rounds: number;
  /** Events of a round. */
  count: number;
  keyCount: number;
  /** Rounds at half load. */
  halfRounds: number;
  seconds: number;
  /** Events of one more run, as after a long outage; 0 for none. */
  backlogCount: number;
  keep: boolean;
};
export const fullSize: RelaySize = {
  rounds: 6,
  count: 120_000,
  keyCount: 1_000,
  halfRounds: 5,
  seconds: 8,
  backlogCount: 0,
  keep: true,
};
/** Proves that it runs and validates. */
export const smallSize: RelaySize = {
  rounds: 1,
  count: 2_000,
  keyCount: 100,
  halfRounds: 1,
  seconds: 1,
  backlogCount: 0,
  keep: false,
};

type Throughput = { relay: number[]; raw: number[]; lagSecondsMax: number; residentMiB: number };

export async function benchRelay(size: RelaySize = fullSize): Promise<Report> {
  const world = await openEventWorld('relay');
  const raw = openRawProducer(world);
  try {
    const throughput = await race(world, raw, size);
    const backlog = await drainBacklog(world, size);
    const valid = await checkPublished(world, (size.rounds + 1) * size.count + size.backlogCount);
    const sustained = await sustainedPerSecond(world, size.seconds);
    const shares = await latencies(world, sustained, size);
    const isWhole = shares.every(({ ours, peer }) =>
      [...ours, ...peer].every(({ isComplete }) => isComplete),
    );
    return await report(throughput, { sustained, ...backlog }, shares, valid && isWhole, size);
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
    await raw.read();
    const measured = { relayMs: 0, rawMs: 0 };
    const runs = [
      async () => {
        const { tookMs, lagSecondsMax } = await drainOutbox(world, count);
        measured.relayMs = tookMs;
        rates.lagSecondsMax = Math.max(rates.lagSecondsMax, lagSecondsMax);
      },
      async () => {
        measured.rawMs = await raw.send();
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

/** What one transaction may write within its time limit. */
const fillCount = 20_000;

async function drainBacklog(
  world: EventWorld,
  { backlogCount, keyCount }: RelaySize,
): Promise<{ perSecond?: number }> {
  if (backlogCount === 0) return {};
  for (let told = 0; told < backlogCount; told += fillCount)
    await fillOutbox(world.db, Math.min(fillCount, backlogCount - told), keyCount);
  const { tookMs } = await drainOutbox(world, backlogCount);
  return { perSecond: (backlogCount * 1_000) / tookMs };
}

/** Round by round, as the other's. */
type Share = { percent: number; ours: Latency[]; peer: Latency[] };

async function latencies(
  world: EventWorld,
  sustained: number,
  { seconds, halfRounds }: RelaySize,
): Promise<Share[]> {
  const shares: Share[] = [];
  for (const percent of [25, 50, 75]) {
    const perSecond = Math.max(100, Math.floor((sustained * percent) / 100));
    const share: Share = { percent, ours: [], peer: [] };
    const runs = [
      async () => share.ours.push(await commitToHandler(world, perSecond, seconds)),
      async () => share.peer.push(await produceToHandler(world, perSecond, seconds)),
    ];
    const rounds = percent === 50 ? halfRounds : 1;
    for (let n = 0; n < rounds; n++) {
      for (const run of n % 2 === 0 ? runs : runs.toReversed()) {
        await world.checkpoint();
        await run();
      }
    }
    shares.push(share);
  }
  return shares;
}

type Figure = 'p50Ms' | 'p99Ms' | 'answeredP50Ms' | 'answeredP99Ms' | 'perSecond';
const median = (rounds: readonly Latency[], figure: Figure): number =>
  round(medianOf(rounds.map((latency) => latency[figure])));

const peerName = 'kafkajs alone, the same requests';

function report(
  { relay, raw, lagSecondsMax, residentMiB }: Throughput,
  { sustained, perSecond }: { sustained: number; perSecond?: number },
  shares: readonly Share[],
  valid: boolean,
  { keep, backlogCount }: RelaySize,
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
          (half?.ours ?? []).map(({ p50Ms }, n) => p50Ms / (half?.peer[n]?.p50Ms ?? Number.NaN)),
          { atMost: 3 },
        ),
        rowOf(
          'commit to handler at half load, p99',
          '20 ms',
          (half?.ours ?? []).map(({ p99Ms }) => p99Ms / 20),
          { atMost: 1 },
        ),
      ],
      figures: {
        'relay: events per second': round(medianOf(relay)),
        'kafkajs alone: events per second': round(medianOf(raw)),
        'sustained by commits, relay and consumer: events per second': round(sustained),
        ...(perSecond !== undefined && {
          [`backlog of ${backlogCount}: events per second`]: round(perSecond),
        }),
        'draining: largest lag in seconds': round(lagSecondsMax),
        'resident MiB, with what fills and checks': round(residentMiB),
        ...Object.fromEntries(
          shares.flatMap(({ percent, ours, peer }) => [
            [`${percent} % load: commit to handler p50 ms`, median(ours, 'p50Ms')],
            [`${percent} % load: commit to handler p99 ms`, median(ours, 'p99Ms')],
            [`${percent} % load: of it the commit p50 ms`, median(ours, 'answeredP50Ms')],
            [`${percent} % load: of it the commit p99 ms`, median(ours, 'answeredP99Ms')],
            [`${percent} % load: produce to handler p50 ms`, median(peer, 'p50Ms')],
            [`${percent} % load: produce to handler p99 ms`, median(peer, 'p99Ms')],
            [`${percent} % load: events per second`, median(ours, 'perSecond')],
          ]),
        ),
      },
    },
    { keep },
  );
}
