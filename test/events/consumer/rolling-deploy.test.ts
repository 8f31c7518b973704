import { randomUUID } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import type { EventData, EventType, NewEvent } from '../../../domain/events.ts';
import { avroType } from '../../../events/codec/avro-types.ts';
import { createCodec } from '../../../events/codec/codec.ts';
import { headerText } from '../../../events/codec/envelope.ts';
import { openRegistry, subjectOf } from '../../../events/codec/registry.ts';
import type { Registry } from '../../../events/codec/registry.ts';
import { consume } from '../../../events/consumer/consume.ts';
import type { EventHandler, Running } from '../../../events/consumer/handler.ts';
import { redriveLetter, releaseBehind } from '../../../events/redrive/redrive.ts';
import { startRelay } from '../../../events/relay/relay.ts';
import { upcaster } from '../../../events/schemas/upcasters.ts';
import { listDeadLetters } from '../../../store/dead-letters/reads.ts';
import { cancelled, createEffects, readEffects, recording } from '../recording.ts';
import type { RecordedType } from '../recording.ts';
import { countRows, eventTools, eventually, readTopic, tell } from '../support.ts';

/** Two builds on one database and one Kafka. The new one knows a second version, and a type nobody had before. */
const second = 'game.match.cancelled.v2' as RecordedType;
const added = 'game.match.rematched.v1' as EventType;
const string = (name: string) => ({ name, type: 'string' as const });
const newTypes = new Map<string, NonNullable<ReturnType<Registry['ofType']>>>([
  [
    second,
    {
      id: 990_001,
      avro: avroType({ type: 'record', name: 'V2', fields: [string('matchId'), string('why')] }),
    },
  ],
  [added, { id: 990_002, avro: avroType({ type: 'record', name: 'R', fields: [string('matchId')] }) }],
]);
const oldBuild = await eventTools(['game.match'], 2);
const { db } = oldBuild;
await createEffects(oldBuild.url);
const registry = await openRegistry(db);
const newRegistry: Registry = {
  ...registry,
  ofType: (type) => newTypes.get(type) ?? registry.ofType(type),
  byId: async (id) => {
    const found = [...newTypes].find(([, schema]) => schema.id === id);
    return found ? { subject: subjectOf(found[0]), ...found[1] } : registry.byId(id);
  },
};
const step = upcaster('game.match.cancelled.v1', second, ({ matchId, reason }) => {
  return { matchId, why: reason } as unknown as EventData[typeof second];
});
const newBuild = { ...oldBuild, codec: createCodec(newRegistry, { upcasters: [step] }) };

const running: Running[] = [];
const run = <T extends Running>(part: T): T => {
  running.push(part);
  return part;
};
afterEach(async () => {
  await Promise.all(running.splice(0).map((part) => part.stop()));
});
const eventOf = (type: EventType, key: string, data: Record<string, string>) =>
  ({ type, key, data: { matchId: key, ...data } }) as unknown as NewEvent<EventType>;

/** The new build's handler of the same group: it names the second version alone, and reads the first as it. */
const newHandler = (group: string): EventHandler<RecordedType> => ({
  ...recording(() => {}, { group, types: [second] }),
  async handle(tx, { data }) {
    const { matchId, why } = data as unknown as { matchId: string; why: string };
    await tx.query('INSERT INTO effects ("group", match, reason) VALUES ($1, $2, $3)', [group, matchId, why]);
  },
});

test('a relay that does not know a type keeps its aggregate, carries the others, and a new one sends it in order', async () => {
  const [ahead, beside] = [randomUUID(), randomUUID()];
  const oldRelay = run(startRelay(oldBuild));
  await tell(
    db,
    cancelled(ahead, 'first'),
    eventOf(added, ahead, {}),
    cancelled(ahead, 'last'),
    cancelled(beside, 'other'),
  );
  await eventually('what it knows is gone', async () => (await countRows(db, 'outbox')) === 2);
  expect(await countRows(db, 'outbox', `type = '${added}' AND error LIKE '%no schema%'`)).toBe(1);
  const typesOf = async (key: string) =>
    (await readTopic(oldBuild.broker, 'game.match'))
      .filter((record) => record.key?.toString() === key)
      .map(({ headers }) => headerText(headers, 'ce_type'));
  expect(await typesOf(beside)).toEqual(['game.match.cancelled.v1']);
  expect(await typesOf(ahead)).toEqual(['game.match.cancelled.v1']);

  await oldRelay.stop();
  run(startRelay(newBuild));
  await eventually('the new one has sent it', async () => (await countRows(db, 'outbox')) === 0);
  expect(await typesOf(ahead)).toEqual(['game.match.cancelled.v1', added, 'game.match.cancelled.v1']);
});

test('a consumer of before passes over a type it never named', async () => {
  const match = randomUUID();
  const handler = recording();
  run(startRelay(newBuild));
  run(consume(oldBuild, handler));
  await tell(db, cancelled(match, 'a'), eventOf(added, match, {}), cancelled(match, 'b'));
  await eventually('both', async () => (await readEffects(db, handler.group, match)).length === 2);
  expect(await readEffects(db, handler.group, match)).toEqual(['a', 'b']);
  expect(await countRows(db, 'dead_letters', `consumer_group = '${handler.group}'`)).toBe(0);
});

test('writers deployed before consumers: the new version waits as a letter, its key behind it, and comes back in order', async () => {
  const [match, other] = [randomUUID(), randomUUID()];
  const before = recording();
  const { group } = before;
  run(startRelay(newBuild));
  const oldConsumer = run(consume(oldBuild, before));
  await tell(
    db,
    cancelled(match, 'a'),
    eventOf(second, match, { why: 'b' }),
    cancelled(match, 'c'),
    cancelled(other, 'x'),
  );
  const ofKey = (key: string) => `consumer_group = '${group}' AND key = '${key}'::bytea`;
  await eventually('the key waits', async () => (await countRows(db, 'parked_events', ofKey(match))) === 1);
  await eventually('others go on', async () => (await readEffects(db, group, other)).length === 1);
  const letters = await listDeadLetters(db, { group, limit: 100 });
  const letter = letters.find(({ key }) => key?.toString() === match);
  expect(letter).toMatchObject({ errorClass: 'unknown_version', attempts: 1 });

  await oldConsumer.stop();
  const handler = newHandler(group);
  run(consume(newBuild, handler));
  const deps = { ...newBuild, handlers: new Map([[group, handler as EventHandler]]) };
  expect(await redriveLetter(deps, letter!.id, 'operator')).toEqual({ status: 'handled' });
  expect(await releaseBehind(deps, letter!.id)).toMatchObject({ releasedCount: 1, status: 'unparked' });
  await tell(db, eventOf(second, match, { why: 'd' }));
  await eventually('live again', async () => (await readEffects(db, group, match)).length === 4);
  expect(await readEffects(db, group, match)).toEqual(['a', 'b', 'c', 'd']);
});

test('consumers deployed before writers: no letter at any moment', async () => {
  const match = randomUUID();
  const group = `g-${randomUUID().slice(0, 8)}`;
  const oldConsumer = run(
    consume(
      oldBuild,
      recording(() => {}, { group }),
    ),
  );
  const relay = run(startRelay(oldBuild));
  await tell(db, cancelled(match, 'a'));
  await eventually('the old one', async () => (await readEffects(db, group, match)).length === 1);
  run(consume(newBuild, newHandler(group)));
  await tell(db, cancelled(match, 'b'));
  await eventually('either', async () => (await readEffects(db, group, match)).length === 2);
  await oldConsumer.stop();
  await relay.stop();
  run(startRelay(newBuild));
  await tell(db, cancelled(match, 'c'), eventOf(second, match, { why: 'd' }));
  await eventually('the new one', async () => (await readEffects(db, group, match)).length === 4);
  expect(await readEffects(db, group, match)).toEqual(['a', 'b', 'c', 'd']);
  const letters = await listDeadLetters(db, { group, limit: 100 });
  expect(letters.filter(({ key }) => key?.toString() === match)).toEqual([]);
});
