import { randomUUID } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import { LootError } from '../../../domain/errors.ts';
import type { DeliveredRecord } from '../../../events/kafka/broker.ts';
import { consume } from '../../../events/consumer/consume.ts';
import type { EventHandler, Running } from '../../../events/consumer/handler.ts';
import { processBatch } from '../../../events/consumer/process-event.ts';
import { listDeadLetters } from '../../../store/dead-letters/reads.ts';
import { mutate } from '../../store/ledger/mutations.ts';
import { cancelled, createEffects, readEffects, recordingMany } from '../recording.ts';
import type { RecordedType } from '../recording.ts';
import { countRows, eventTools, eventually, readTopic, relayFor, tell } from '../support.ts';

const tools = await eventTools(['game.match'], 3);
const { db, url, broker } = tools;
await createEffects(url);
relayFor(tools);
const running: Running[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((part) => part.stop()));
});
const start = (handler: EventHandler<RecordedType>) => {
  const part = consume(tools, handler);
  running.push(part);
  return part;
};
const letters = async (group: string) => listDeadLetters(db, { group, limit: 100 });
const effects = (group: string, match?: string) => readEffects(db, group, match);
const newMatches = (count: number) => Array.from({ length: count }, () => randomUUID());

/** Earlier tests' events are in the topic too: they count for nobody but their own. */
async function tellAndPublish(...events: ReturnType<typeof cancelled>[]): Promise<void> {
  await tell(db, ...events);
  await eventually('all is in Kafka', async () => (await countRows(db, 'outbox')) === 0);
}

async function effectsOf(group: string, matches: readonly string[]): Promise<string[][]> {
  return Promise.all(matches.map((match) => effects(group, match)));
}

test('many events of many keys share transactions, each has one effect, in the order of its key', async () => {
  const matches = newMatches(40);
  for (const round of ['1', '2', '3'])
    await tellAndPublish(...matches.map((match) => cancelled(match, round)));
  const handler = recordingMany();
  start(handler);
  await eventually('all', async () => (await effectsOf(handler.group, matches)).flat().length >= 120);
  for (const of of await effectsOf(handler.group, matches)) expect(of).toEqual(['1', '2', '3']);
  expect(Math.max(...handler.batches)).toBeGreaterThan(1);
  expect(handler.batches.length).toBeLessThan(60);
  await eventually('each was signalled', () => handler.signals.length >= 120);
});

test('one event at fault among many is dead alone, and what follows it waits', async () => {
  const [bad = '', ...good] = newMatches(30);
  const handler = recordingMany((reasons) => {
    if (reasons.includes('fails')) throw new Error('no');
  });
  await tellAndPublish(cancelled(bad, 'before'), cancelled(bad, 'fails'), cancelled(bad, 'waits'));
  await tellAndPublish(...good.map((match) => cancelled(match, 'good')));
  start(handler);
  const [letter] = await eventually('the letter', async () => {
    const found = await letters(handler.group);
    return found.length > 0 ? found : undefined;
  });
  expect(letter).toMatchObject({ attempts: 3, errorMessage: 'no', status: 'waiting' });
  expect(letter?.key?.toString()).toBe(bad);
  await eventually('the others', async () => (await effectsOf(handler.group, good)).flat().length === 29);
  await eventually(
    'the next one waits',
    async () => (await countRows(db, 'parked_events', `consumer_group = '${handler.group}'`)) === 1,
  );
  expect(await effects(handler.group, bad)).toEqual(['before']);
  expect(await letters(handler.group)).toHaveLength(1);
  // and parked keys stay out of later batches
  await tellAndPublish(cancelled(bad, 'waits too'), ...good.map((match) => cancelled(match, 'more')));
  await eventually('more of the others', async () =>
    (await effectsOf(handler.group, good)).every((of) => of.length === 2),
  );
  await eventually(
    'two wait',
    async () => (await countRows(db, 'parked_events', `consumer_group = '${handler.group}'`)) === 2,
  );
  expect(await effects(handler.group, bad)).toEqual(['before']);
});

test('what is not the fault of the events is waited for with all of them and makes no dead letter', async () => {
  const matches = newMatches(20);
  let failureCount = 0;
  const handler = recordingMany((reasons) => {
    if (!reasons.includes('patient') || failureCount >= 4) return;
    failureCount += 1;
    throw Object.assign(new Error('the database system is starting up'), { code: '57P03' });
  });
  await tellAndPublish(...matches.map((match) => cancelled(match, 'patient')));
  start(handler);
  await eventually('all', async () => (await effectsOf(handler.group, matches)).flat().length >= 20);
  for (const of of await effectsOf(handler.group, matches)) expect(of).toEqual(['patient']);
  expect(await letters(handler.group)).toEqual([]);
  expect(failureCount).toBe(4);
});

test('a fault that is one event’s affair holds up no other, and is no dead letter', async () => {
  const [locked = '', ...others] = newMatches(4);
  let isLocked = true;
  const handler = recordingMany((reasons) => {
    if (isLocked && reasons.includes('locked'))
      throw new LootError('dependency_unavailable', 'its key is away');
  });
  await tellAndPublish(cancelled(locked, 'locked'), ...others.map((match) => cancelled(match, 'free')));
  start(handler);
  await eventually('the others', async () => (await effectsOf(handler.group, others)).flat().length === 3);
  expect(await effects(handler.group, locked)).toEqual([]);
  expect(await letters(handler.group)).toEqual([]);
  isLocked = false;
  await eventually('itself', async () => (await effects(handler.group, locked)).length === 1);
});

test('a transaction that is too long for so many is tried with fewer', async () => {
  const matches = newMatches(16);
  const handler = recordingMany((reasons) => {
    if (reasons.filter((reason) => reason === 'long').length > 4)
      throw Object.assign(new Error('terminating connection due to transaction timeout'), { code: '25P04' });
  });
  await tellAndPublish(...matches.map((match) => cancelled(match, 'long')));
  start(handler);
  await eventually('all', async () => (await effectsOf(handler.group, matches)).flat().length >= 16);
  expect(await letters(handler.group)).toEqual([]);
});

test('a signal that fails is one event’s affair: the others of its batch are done', async () => {
  const [bad = '', ...good] = newMatches(12);
  const handler = recordingMany();
  handler.signal = ({ data: { matchId, reason } }) => {
    if (matchId === bad) return Promise.reject(new Error('nobody there'));
    return Promise.resolve(void handler.signals.push(reason));
  };
  await tellAndPublish(cancelled(bad, 'unheard'), ...good.map((match) => cancelled(match, 'heard')));
  start(handler);
  const [letter] = await eventually('the letter', async () => {
    const found = await letters(handler.group);
    return found.length > 0 ? found : undefined;
  });
  expect(letter?.key?.toString()).toBe(bad);
  expect(await effects(handler.group, bad)).toEqual(['unheard']);
  await eventually('the others', () => handler.signals.filter((reason) => reason === 'heard').length === 11);
  expect(await letters(handler.group)).toHaveLength(1);
});

const record = (matchId: string, reason: string, offset: bigint): DeliveredRecord => ({
  topic: 'game.match',
  partition: 0,
  offset,
  timestampMs: Date.now(),
  key: Buffer.from(matchId),
  value: Buffer.from(JSON.stringify({ matchId, reason, playerIds: [] })),
  headers: Object.fromEntries(
    Object.entries({
      ce_id: randomUUID(),
      ce_type: 'game.match.cancelled.v1',
      ce_source: '/lootledger/test',
      'content-type': 'application/json',
    }).map(([name, text]) => [name, Buffer.from(text)]),
  ),
});

test('the same event twice in one batch has one effect', async () => {
  const handler = recordingMany();
  const match = randomUUID();
  const [one, two] = [record(match, 'one', 1n), record(match, 'two', 2n)];
  const processed = await processBatch(tools, handler, [one, two, { ...one, offset: 3n }]);
  expect(processed.map(({ outcome }) => outcome)).toEqual(['handled', 'handled', 'duplicate']);
  expect(await effects(handler.group, match)).toEqual(['one', 'two']);
});

test('two members at the same events, each in its own order, neither deadlock nor repeat', async () => {
  const handler = recordingMany();
  for (let round = 0; round < 10; round += 1) {
    const records = newMatches(400).map((match, n) => record(match, 'x', BigInt(round * 400 + n)));
    const both = await Promise.all([
      processBatch(tools, handler, records),
      processBatch(tools, handler, records.toReversed()),
    ]);
    const outcomes = both.flat().map(({ outcome }) => outcome);
    expect(outcomes.filter((outcome) => outcome === 'handled')).toHaveLength(400);
    expect(outcomes.filter((outcome) => outcome === 'duplicate')).toHaveLength(400);
  }
  expect(await effects(handler.group)).toHaveLength(4_000);
});

test('a batch passes over what a restore has taken back', async () => {
  const handler = recordingMany();
  const origin = { ...tools.origin, ledgerEpoch: 2 };
  const [match, other] = [randomUUID(), randomUUID()];
  const foreign = record(other, 'of others', 2n);
  foreign.headers['ce_source'] = Buffer.from('/lootledger/another');
  const processed = await processBatch({ ...tools, origin }, handler, [record(match, 'lost', 1n), foreign]);
  expect(processed.map(({ outcome, signal }) => [outcome, signal !== undefined])).toEqual([
    ['lost', false],
    ['handled', true],
  ]);
  expect(await effects(handler.group)).toEqual(['of others']);
});

test('without the inbox, what is delivered twice is handled twice, and these tests would see it', async () => {
  const bare = await eventTools([]);
  await createEffects(bare.url);
  const deliverTwice = async (): Promise<string[]> => {
    const handler = recordingMany();
    const records = newMatches(3).map((match, n) => record(match, 'x', BigInt(n)));
    for (let n = 0; n < 2; n += 1) await processBatch(bare, handler, records);
    return readEffects(bare.db, handler.group);
  };
  expect(await deliverTwice()).toHaveLength(3);
  await mutate(bare.url, { name: 'the inbox', sql: ['ALTER TABLE inbox DROP CONSTRAINT inbox_pkey'] });
  expect(await deliverTwice()).toHaveLength(6);
});

test('every event a batch is done with is in its offset', async () => {
  const handler = recordingMany();
  start(handler);
  await tellAndPublish(...newMatches(10).map((match) => cancelled(match, 'x')));
  const held = (await readTopic(broker, 'game.match')).length;
  await eventually('all offsets are committed', async () => {
    const offsets = await broker.admin.groupOffsets(handler.group, 'game.match');
    return offsets.reduce((sum, { offset }) => sum + Math.max(0, Number(offset)), 0) === held;
  });
});
