import { ensureTopics } from '../events/kafka/admin.ts';
import { findTopic } from '../events/catalogue/topics.ts';
import { openEventWorld } from './event-world.ts';
import type { EventWorld } from './event-world.ts';
import type { Measured } from './loops.ts';
import { addPublisher, ourTopic, publishContestant } from './publish-contestants.ts';
import { bareTopic } from './publish-server.ts';
import { figuresOf, race, ratiosOf, seriesOf } from './race.ts';
import type { Race, RaceSize } from './race.ts';
import { keepReport, medianOf, rowOf } from './report.ts';
import type { Report } from './report.ts';

/**
 * `POST /v1/events`, one event and 100 at once: our whole way (key, schema, Avro, idempotency, event log, shared produce
 * requests) beside a bare handler that sends what it gets. The other checks nothing, keeps nothing and forgets who asked.
 */
export type PublishSize = RaceSize & { keep: boolean };
export const fullSize: PublishSize = { rounds: 5, seconds: 3, keep: true };
export const smallSize: PublishSize = { rounds: 1, seconds: 0.3, keep: false };

const batchCount = 100;
/** The service level: half of what closed loops reach, answered within this for 99 of 100. */
const p99MsMax = 20;

export async function benchPublish(size: PublishSize = fullSize): Promise<Report> {
  const world = await openEventWorld('publish');
  try {
    await prepare(world);
    const single = await compare(world, 1, size);
    const batch = await compare(world, batchCount, size);
    return await reportOf(single, batch, size);
  } finally {
    await world.close();
  }
}

async function prepare(world: EventWorld): Promise<void> {
  const topics = [findTopic(ourTopic)].filter((topic) => topic !== undefined);
  await ensureTopics(world.broker, { replicationCount: 1, topics });
  await ensureTopics(world.broker, {
    replicationCount: 1,
    topics: topics.map((topic) => ({ ...topic, name: bareTopic })),
  });
  await addPublisher(world);
}

type Compared = { capacity: Race; halfLoad: Race };

/** First what each can do, then each at half of what it can. */
async function compare(world: EventWorld, eventCount: number, size: PublishSize): Promise<Compared> {
  const ours = await publishContestant('ours', eventCount, world);
  const bare = await publishContestant('bare', eventCount, world);
  try {
    const capacity = await race([ours, bare], size, () => 0);
    const halfOf = [ours, bare].map((_, i) => medianOf(seriesOf(capacity.rounds, i, 'perSecond')) / 2);
    const halfLoad = await race(
      [ours, bare],
      size,
      () => 0,
      (contestant) => contestant.pace(halfOf[contestant === ours ? 0 : 1] ?? 1, size.seconds),
    );
    return { capacity, halfLoad };
  } finally {
    await ours.stop();
    await bare.stop();
  }
}

function reportOf(single: Compared, batch: Compared, { keep }: PublishSize): Promise<Report> {
  const against = ({ rounds }: Race, figure: keyof Measured) =>
    ratiosOf(seriesOf(rounds, 0, figure), seriesOf(rounds, 1, figure));
  const p99OfLimit = ({ rounds }: Race) => seriesOf(rounds, 0, 'p99Ms').map((ms) => ms / p99MsMax);
  const bare = 'bare Hono with a raw kafkajs producer';
  const level = `the service level of ${p99MsMax} ms`;
  const races = [single.capacity, single.halfLoad, batch.capacity, batch.halfLoad];
  return keepReport(
    {
      bench: 'publish',
      valid: races.every(({ valid }) => valid),
      rows: [
        rowOf('one event: requests per second, 64 clients', bare, against(single.capacity, 'perSecond'), {
          atLeast: 0.5,
        }),
        rowOf('one event: p99 at half load', level, p99OfLimit(single.halfLoad), { atMost: 1 }),
        rowOf('100 events: requests per second, 64 clients', bare, against(batch.capacity, 'perSecond'), {
          atLeast: 0.5,
        }),
      ],
      figures: {
        ...figuresOf('one event', single.capacity.names, single.capacity.rounds),
        ...figuresOf('one event, half load', single.halfLoad.names, single.halfLoad.rounds),
        ...figuresOf('100 events', batch.capacity.names, batch.capacity.rounds),
        ...figuresOf('100 events, half load', batch.halfLoad.names, batch.halfLoad.rounds),
      },
    },
    { keep },
  );
}
