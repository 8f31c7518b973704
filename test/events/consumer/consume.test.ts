import { randomUUID } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import { consume } from '../../../events/consumer/consume.ts';
import type { EventHandler, Running } from '../../../events/consumer/handler.ts';
import { DeadEvent } from '../../../events/consumer/failures.ts';
import { listDeadLetters } from '../../../store/dead-letters/reads.ts';
import { cancelled, createEffects, readEffects, recording } from '../recording.ts';
import type { RecordedType } from '../recording.ts';
import { countRows, eventTools, eventually, readTopic, relayFor, tell } from '../support.ts';

const tools = await eventTools(['game.match'], 2);
const { db, url, broker } = tools;

await createEffects(url);
relayFor(tools);
const running: Running[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((part) => part.stop()));
});
const effects = (group: string, match?: string) => readEffects(db, group, match);

/** Earlier tests' events are in the topic too; each test looks at its own matches. */
const letters = async (group: string, match: string) =>
  (await listDeadLetters(db, { group, limit: 100 })).filter(({ key }) => key?.toString() === match);

const start = (handler: EventHandler<RecordedType>) => {
  const part = consume(tools, handler);
  running.push(part);
  return part;
};

test('an event delivered twice has one effect and signals twice, in order per key', async () => {
  const handler = recording();
  const [a, b] = [randomUUID(), randomUUID()];
  await tell(db, cancelled(a, 'a1'), cancelled(b, 'b1'), cancelled(a, 'a2'), cancelled(a, 'a3'));
  const first = start(handler);
  await eventually(
    'all effects',
    async () => (await effects(handler.group, a)).length + (await effects(handler.group, b)).length === 4,
  );
  await first.stop();
  // the same bytes again, as a relay does that died between Kafka's answer and its own mark
  const copies = (await readTopic(broker, 'game.match')).filter(({ key }) =>
    [a, b].some((match) => match === key?.toString()),
  );
  await broker.send(copies, 5_000);
  await tell(db, cancelled(a, 'a4'), cancelled(b, 'b2'));
  start(handler);
  await eventually(
    'the later effects',
    async () =>
      (await effects(handler.group, a)).includes('a4') && (await effects(handler.group, b)).includes('b2'),
  );
  expect(await effects(handler.group, a)).toEqual(['a1', 'a2', 'a3', 'a4']);
  expect(await effects(handler.group, b)).toEqual(['b1', 'b2']);
  expect(handler.signals.filter((reason) => reason === 'a1')).toHaveLength(2);
});

test('an undecodable event is dead at once; later events of its key wait, other keys go on, the copy keeps its bytes', async () => {
  const handler = recording();
  const [bad, good] = [randomUUID(), randomUUID()];
  start(handler);
  await tell(db, cancelled(bad, 'before'));
  await eventually('the first', async () => (await effects(handler.group, bad)).length === 1);
  const poison = Buffer.from([0, 0, 0, 0, 99, 1, 2, 3]);
  const headers = {
    ce_id: randomUUID(),
    ce_source: '/lootledger/test',
    ce_type: 'game.match.cancelled.v1',
    odd: '\0x',
  };
  const raw = Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)]));
  await broker.send([{ topic: 'game.match', key: Buffer.from(bad), value: poison, headers: raw }], 5_000);
  await tell(db, cancelled(bad, 'waits'), cancelled(good, 'goes on'), cancelled(bad, 'waits too'));
  const parked = `consumer_group = '${handler.group}' AND key = '${bad}'`;
  await eventually('two are parked', async () => (await countRows(db, 'parked_events', parked)) === 2);
  await eventually('the other key', async () => (await effects(handler.group, good)).length === 1);
  expect(await effects(handler.group, bad)).toEqual(['before']);
  const [letter] = await letters(handler.group, bad);
  expect(letter).toMatchObject({
    attempts: 1,
    errorClass: 'undecodable',
    status: 'waiting',
    eventId: headers.ce_id,
  });
  const copy = await eventually('the copy', async () =>
    (await readTopic(broker, 'game.match.dlq')).find(({ key }) => key?.toString() === bad),
  );
  expect(copy.value).toEqual(poison);
  expect(copy.headers['odd']).toEqual(Buffer.from('\0x'));
  expect(copy.headers['dlq-group']?.toString()).toBe(handler.group);
  expect(copy.headers['dlq-error-class']?.toString()).toBe('undecodable');
});

test("a handler's own error is tried three times and does not hold up other keys", async () => {
  let tryCount = 0;
  const others = Promise.withResolvers<void>();
  const handler = recording(async (reason) => {
    if (reason !== 'fails') return;
    tryCount += 1;
    // the last try ends only when the other key is done
    if (tryCount === 3) await others.promise;
    throw new Error('no');
  });
  const [bad, good] = [randomUUID(), randomUUID()];
  await tell(db, cancelled(bad, 'fails'), cancelled(good, 'one'), cancelled(good, 'two'));
  start(handler);
  await eventually(
    'the other key while the first retries',
    async () => (await effects(handler.group, good)).length === 2 && tryCount > 0,
  );
  others.resolve();
  const letter = await eventually('the letter', async () => (await letters(handler.group, bad))[0]);
  expect(letter).toMatchObject({ attempts: 3, errorClass: 'Error', errorMessage: 'no' });
  expect(tryCount).toBe(3);
});

test('an unknown version of a named type is dead, other types of the topic are skipped', async () => {
  const handler = recording();
  start(handler);
  const other = randomUUID();
  await tell(db, {
    type: 'game.match.opened.v1',
    key: other,
    data: { matchId: other, mode: 'm', region: 'r' },
  });
  const bytes = (headers: Record<string, string>) =>
    Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)]));
  const headers = bytes({
    ce_id: randomUUID(),
    ce_source: '/lootledger/test',
    ce_type: 'game.match.voided.v2',
  });
  await broker.send(
    [{ topic: 'game.match', key: Buffer.from(other), value: Buffer.from('?'), headers }],
    5_000,
  );
  const letter = await eventually('the letter', async () => (await letters(handler.group, other))[0]);
  expect(letter).toMatchObject({ errorClass: 'unknown_version', eventType: 'game.match.voided.v2' });
  expect(await letters(handler.group, other)).toHaveLength(1);
});

test('an outage is waited for without end and makes no dead letter', async () => {
  let failures = 0;
  const handler = recording(() => {
    failures += 1;
    if (failures <= 5)
      throw Object.assign(new Error('the database system is shutting down'), { code: '57P01' });
  });
  const match = randomUUID();
  await tell(db, cancelled(match, 'patient'));
  start(handler);
  await eventually('the effect', async () => (await effects(handler.group, match)).length === 1);
  expect(failures).toBeGreaterThan(5);
  expect(await letters(handler.group, match)).toEqual([]);
});

test('a signal that fails for good is a dead letter though the effect stands', async () => {
  const handler = recording(() => {}, {
    signal: () => Promise.reject(new DeadEvent('schema_violation', 'no such workflow')),
  });
  const match = randomUUID();
  await tell(db, cancelled(match, 'effect'));
  start(handler);
  const letter = await eventually('the letter', async () => (await letters(handler.group, match))[0]);
  expect(letter.errorClass).toBe('schema_violation');
  expect(await effects(handler.group, match)).toEqual(['effect']);
});

test('when a second member joins, nothing is lost, nothing is done twice, order per key holds', async () => {
  const handler = recording(() => new Promise((resolve) => setTimeout(resolve, 5)));
  const matches = Array.from({ length: 8 }, () => randomUUID());
  const sayAll = (round: number) => tell(db, ...matches.map((match) => cancelled(match, `${round}`)));
  for (let round = 0; round < 5; round += 1) await sayAll(round);
  start(handler);
  const all = async () =>
    (await Promise.all(matches.map((match) => effects(handler.group, match)))).flat().length;
  await eventually('some', async () => (await all()) > 5);
  const second = start(handler);
  for (let round = 5; round < 15; round += 1) await sayAll(round);
  await eventually('most', async () => (await all()) > 60);
  await second.stop();
  await eventually('all', async () => (await all()) >= 120);
  for (const match of matches)
    expect(await effects(handler.group, match)).toEqual(Array.from({ length: 15 }, (_, round) => `${round}`));
});

test('the committed offset is where the next member begins', async () => {
  const handler = recording();
  await tell(db, cancelled(randomUUID(), 'x'));
  const first = start(handler);
  await eventually('everything is committed', async () => {
    const [ends, offsets] = await Promise.all([
      broker.admin.partitionEnds('game.match'),
      broker.admin.groupOffsets(handler.group, 'game.match'),
    ]);
    return ends.every(
      ({ partition, endOffset }) =>
        endOffset === 0n ||
        offsets.some((entry) => entry.partition === partition && entry.offset === endOffset),
    );
  });
  await first.stop();
});
