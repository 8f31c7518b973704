import { randomUUID } from 'node:crypto';
import { afterAll, expect, test } from 'vitest';
import { startStreams } from '../../../events/streams/start-streams.ts';
import { streams as catalogue } from '../../../events/streams/streams.ts';
import type { PlayerEvent } from '../../../events/streams/player-events.ts';
import { eventTools, eventually, relayFor, tell } from '../support.ts';

const tools = await eventTools(
  [
    ...new Set([
      ...catalogue.flatMap(({ topics }) => topics),
      'economy.mailbox',
      'leaderboard.score',
      'notifications.player',
    ]),
  ],
  3,
);
relayFor(tools);
const own = startStreams(tools);
const streams = own.players;
afterAll(() => own.stop());

const withheld = (playerId: string, reason: string) =>
  ({
    type: 'economy.grant.withheld.v1',
    key: playerId,
    data: { matchId: randomUUID(), playerId, reason },
  }) as const;
const score = (playerId: string, value: string) =>
  ({
    type: 'leaderboard.score.changed.v1',
    key: playerId,
    data: { leaderboard: 'arena', playerId, score: value },
  }) as const;

const collect = (playerId: string, from = streams, lastEventId?: string) => {
  const events: PlayerEvent[] = [];
  const stop = from.subscribe(
    playerId,
    (event) => events.push(event),
    lastEventId === undefined ? {} : { lastEventId },
  );
  return { events, stop };
};
/** The tail begins where the topics end when it joins. */
const warm = randomUUID();
const ready = collect(warm);
await eventually('the tail reads', async () => {
  await tell(tools.db, withheld(warm, 'warm'), score(warm, '1'));
  return (
    ready.events.some(({ type }) => type.startsWith('economy')) &&
    ready.events.some(({ type }) => type.startsWith('leaderboard'))
  );
});

test('a player hears what concerns them, in order, and nobody else does', async () => {
  const [me, other] = [randomUUID(), randomUUID()];
  const mine = collect(me);
  const theirs = collect(other);
  await tell(tools.db, withheld(me, '1'), withheld(other, 'x'), withheld(me, '2'), withheld(me, '3'));
  await eventually('all', () => mine.events.length === 3 && theirs.events.length === 1);
  expect(mine.events.map(({ data }) => (data as { reason: string }).reason)).toEqual(['1', '2', '3']);
  mine.stop();
  await tell(tools.db, withheld(me, '4'), withheld(other, 'y'));
  await eventually('the other', () => theirs.events.length === 2);
  expect(mine.events).toHaveLength(3);
});

test('a reader that comes back gets exactly what it missed, from memory and, in another process, from Kafka', async () => {
  const me = randomUUID();
  const first = collect(me);
  await tell(tools.db, withheld(me, '1'), withheld(me, '2'));
  await eventually('both', () => first.events.length === 2);
  first.stop();
  const last = first.events[0]!.id;
  await tell(tools.db, withheld(me, '3'), score(me, '9'));
  const again = collect(me, streams, last);
  await eventually('the rest', () => again.events.length === 3);

  const elsewhere = startStreams(tools);
  const resumed = collect(me, elsewhere.players, last);
  await eventually('the same from Kafka', () => resumed.events.length >= 3);
  expect(resumed.events.map(({ id }) => id).toSorted()).toEqual(again.events.map(({ id }) => id).toSorted());
  await eventually('and what is new', async () => {
    await tell(tools.db, withheld(me, 'new'));
    return resumed.events.length > 3;
  });
  await elsewhere.stop();
});

test('an id no stream has told is refused before anything is read', () => {
  for (const foreign of ['x/0/0/0', 'nonsense', '/0/0/0'])
    expect(() => collect(randomUUID(), streams, foreign)).toThrow('last event id');
});

test('reads of the past are few at once; a reader whose past is not read is told so and hears nothing more', async () => {
  const me = randomUUID();
  const first = collect(me);
  await tell(tools.db, withheld(me, '1'));
  await eventually('one', () => first.events.length === 1);
  const lastEventId = first.events[0]!.id;
  const outage = Promise.withResolvers<never>();
  outage.promise.catch(() => {});
  const topicCounts = new Map<string, number>();
  const offsetsAt = (topic: string) => {
    topicCounts.set(topic, (topicCounts.get(topic) ?? 0) + 1);
    return outage.promise;
  };
  const { broker } = tools;
  const elsewhere = startStreams({
    ...tools,
    broker: { ...broker, admin: { ...broker.admin, offsetsAt } },
  });
  let lostCount = 0;
  const heard: PlayerEvent[] = [];
  const resume = (reader: string) =>
    elsewhere.players.subscribe(me, (event) => heard.push(event), {
      lastEventId,
      reader,
      onLost: () => (lostCount += 1),
    });
  for (let n = 0; n < 50; n++) resume(`reader ${Math.floor(n / 5)}`);
  expect(() => resume('reader 0')).toThrow('No more than 5 streams');
  expect(() => resume('one more')).toThrow('Too many streams');
  await eventually(
    'two are read',
    () => topicCounts.size > 0 && [...topicCounts.values()].every((n) => n === 2),
  );
  expect(lostCount).toBe(0);
  outage.reject(new Error('Kafka is away'));
  await eventually('all', () => lostCount === 50);
  const witness = collect(me, elsewhere.players);
  await eventually('what is new', async () => {
    await tell(tools.db, withheld(me, 'new'));
    return witness.events.length > 0;
  });
  expect(heard).toEqual([]);
  await elsewhere.stop();
});
