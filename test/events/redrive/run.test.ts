import { randomBytes, randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { DeliveredRecord } from '../../../events/kafka/broker.ts';
import { DeadEvent } from '../../../events/consumer/failures.ts';
import { giveUpOn } from '../../../events/consumer/give-up.ts';
import type { EventHandler } from '../../../events/consumer/handler.ts';
import { parkIfParked, processEvent } from '../../../events/consumer/process-event.ts';
import { dropRedrive, runRedrive } from '../../../events/redrive/run.ts';
import { listDeadLetters } from '../../../store/dead-letters/reads.ts';
import { decideRedrive } from '../../../store/redrives/decide-redrive.ts';
import { openRedrive } from '../../../store/redrives/open-redrive.ts';
import { listRedriveLetters } from '../../../store/redrives/reads.ts';
import type { NewRedrive } from '../../../store/redrives/types.ts';
import { cancelledRecord, createEffects, readEffects, recording } from '../recording.ts';
import { countRows, eventTools } from '../support.ts';

const tools = await eventTools([]);
const { db } = tools;
await createEffects(tools.url);
const stretch = { letterCountMax: 50, msMax: 60_000, signal: new AbortController().signal, alive: () => {} };
let offset = 0;

function openGroup(trouble?: (reason: string) => void | Promise<void>) {
  const handler = recording(trouble) as EventHandler & { signals: string[] };
  const { group } = handler;
  const deps = { ...tools, handlers: new Map([[group, handler]]) };
  return {
    group,
    handler,
    deps,
    record: (match: string, reason: string) => cancelledRecord(match, reason, (offset += 1)),
    park: (record: DeliveredRecord) => processEvent(tools, handler, record, parkIfParked(handler, record)),
    async giveUp(record: DeliveredRecord) {
      const error = new DeadEvent('undecodable', 'no');
      const failure = { error, attempts: 1, redrives: 0, firstFailedAtMs: 1, lastFailedAtMs: 1 };
      await giveUpOn(tools, handler, record, failure);
      return (await listDeadLetters(db, { group, limit: 100 })).at(-1)!.id;
    },
    open: (more: Partial<NewRedrive> = {}) =>
      openRedrive(db, {
        redriveId: randomUUID(),
        requestedBy: 'operator',
        selection: { filter: { group } },
        preview: false,
        discardReason: null,
        force: false,
        ratePerSecond: null,
        ...more,
      }),
  };
}

const outcomesOf = async (redriveId: string) =>
  (await listRedriveLetters(db, { redriveId, after: 0, limit: 100 })).map(({ outcome }) => outcome);

test('a preview touches nothing and says what a redrive then does, letter by letter', async () => {
  const group = openGroup((reason) => {
    if (reason === 'bad') throw new TypeError('still bad');
  });
  const [a, b, c] = [randomUUID(), randomUUID(), randomUUID()];
  await group.giveUp(group.record(a, 'good'));
  await group.park(group.record(a, 'behind'));
  await group.giveUp(group.record(b, 'bad'));
  await group.giveUp(group.record(b, 'after bad'));
  await group.giveUp({ ...group.record(c, 'x'), value: Buffer.from('no event') });
  const tired = await group.giveUp(group.record(randomUUID(), 'tired'));
  await db.query('UPDATE dead_letters SET redrives = 5 WHERE id = $1', [tired]);
  const expected = ['handled', 'failed', 'parked_behind', 'dead', 'too_many_attempts'];

  const preview = await group.open({ preview: true });
  const { redrive } = await runRedrive(group.deps, preview.redriveId, stretch);
  expect(redrive).toMatchObject({ state: 'completed', handledCount: 1, keptCount: 4, percent: 100 });
  expect(await outcomesOf(preview.redriveId)).toEqual(expected);
  const [first] = await listRedriveLetters(db, { redriveId: preview.redriveId, after: 0, limit: 1 });
  expect(first?.detail).toEqual({ parkedBehindCount: 1 });
  expect([await readEffects(db, group.group), group.handler.signals]).toEqual([[], []]);
  expect(
    await countRows(db, 'dead_letters', `consumer_group = '${group.group}' AND status = 'waiting'`),
  ).toBe(5);

  const real = await group.open();
  const done = await runRedrive(group.deps, real.redriveId, stretch);
  expect(done.redrive).toMatchObject({ state: 'completed', handledCount: 1, keptCount: 4, releasedCount: 1 });
  expect(await outcomesOf(real.redriveId)).toEqual(expected.with(3, 'failed'));
  expect(await readEffects(db, group.group)).toEqual(['good', 'behind']);
});

test('a redrive is paused between two events behind one letter, goes on where it was, and is cancelled', async () => {
  let onSecond = () => Promise.resolve();
  const group = openGroup((reason) => (reason === '2' ? onSecond() : undefined));
  const match = randomUUID();
  await group.giveUp(group.record(match, '1'));
  for (const reason of ['2', '3', '4']) await group.park(group.record(match, reason));
  await group.giveUp(group.record(randomUUID(), 'other'));
  const { redriveId } = await group.open({ ratePerSecond: 1_000 });
  const decide = async (decision: 'pause' | 'resume' | 'cancel') =>
    void (await decideRedrive(db, { redriveId, actor: 'operator', decision }));
  onSecond = () => decide('pause');
  const paused = await runRedrive(group.deps, redriveId, stretch);
  expect(paused.redrive).toMatchObject({ state: 'paused', doneCount: 0, releasedCount: 1, leftMs: null });
  expect(await readEffects(db, group.group)).toEqual(['1', '2']);
  expect((await runRedrive(group.deps, redriveId, stretch)).redrive.state).toBe('paused');

  await decide('resume');
  const resumed = await runRedrive(group.deps, redriveId, { ...stretch, letterCountMax: 1 });
  expect(resumed.redrive).toMatchObject({ state: 'running', doneCount: 1, releasedCount: 3, percent: 50 });
  expect(resumed.letters).toMatchObject([{ outcome: 'handled', releasedCount: 3 }]);
  expect(await readEffects(db, group.group)).toEqual(['1', '2', '3', '4']);
  await decide('cancel');
  const cancelled = await runRedrive(group.deps, redriveId, stretch);
  expect(cancelled.redrive).toMatchObject({ state: 'cancelled', doneCount: 1 });
  expect((await dropRedrive(group.deps, redriveId)).redrive.state).toBe('cancelled');
});

test('a letter of a group that this build does not have is left, and discarded when asked to', async () => {
  const group = openGroup();
  await group.giveUp(group.record(randomUUID(), 'x'));
  const deps = { ...group.deps, handlers: new Map<string, EventHandler>() };
  const { redriveId } = await group.open();
  expect((await runRedrive(deps, redriveId, stretch)).redrive).toMatchObject({ keptCount: 1 });
  expect(await outcomesOf(redriveId)).toEqual(['no_handler']);
  const discard = await group.open({ discardReason: 'the group is gone' });
  expect((await runRedrive(deps, discard.redriveId, stretch)).redrive).toMatchObject({ handledCount: 1 });
  expect(await listDeadLetters(db, { group: group.group, limit: 1 })).toMatchObject([
    { status: 'discarded', reason: 'the group is gone' },
  ]);
});

const untold = ['a zero character \0', `half a character ${'😀'.slice(0, 1)}`, `${'x'.repeat(499)}😀`];

test('an error that no table takes as it is told ends a preview and a redrive all the same', async () => {
  const group = openGroup((reason) => {
    throw new Error(reason);
  });
  for (const reason of untold) await group.giveUp(group.record(randomUUID(), reason));
  for (const preview of [true, false]) {
    const { redriveId } = await group.open({ preview });
    const { redrive } = await runRedrive(group.deps, redriveId, stretch);
    expect(redrive).toMatchObject({ state: 'completed', keptCount: untold.length });
    const letters = await listRedriveLetters(db, { redriveId, after: 0, limit: 100 });
    expect(letters.map(({ detail }) => detail?.errorMessage)).toEqual([
      'a zero character ',
      'half a character \ufffd',
      `${'x'.repeat(499)}\ufffd`,
    ]);
  }
});

test('what no table takes is given up all the same, with less in its letter', async () => {
  const group = openGroup();
  const before = await countRows(db, 'dead_letters', `consumer_group = '${group.group}'`);
  const record = { ...group.record(randomUUID(), 'x'), timestampMs: -9e15 };
  const id = await group.giveUp(record);
  expect(before).toBe(0);
  const [letter] = await listDeadLetters(db, { group: group.group, limit: 1 });
  const { key, value, offset } = record;
  expect(letter).toMatchObject({ id, key, value, offset, eventId: null, errorMessage: '' });
  const [copy] = (
    await db.query<{ headers: object }>('SELECT headers FROM outbox WHERE raw_key = $1', [record.key])
  ).rows;
  expect(copy?.headers).toMatchObject({ ce_id: { base64: record.headers['ce_id']?.toString('base64') } });
});

test('what has names that the inbox could not hold is discarded', async () => {
  const group = openGroup();
  const name = randomBytes(6_000).toString('base64');
  const record = group.record(randomUUID(), 'x');
  const long = { ce_id: Buffer.from(name), ce_source: Buffer.from(name) };
  await group.giveUp({ ...record, headers: { ...record.headers, ...long } });
  const { redriveId } = await group.open({ discardReason: 'no event' });
  expect((await runRedrive(group.deps, redriveId, stretch)).redrive).toMatchObject({
    state: 'completed',
    handledCount: 1,
  });
});

test('a letter that an earlier event of its key still waits before has its turn when the redrive goes on', async () => {
  let onFirst = () => Promise.resolve();
  const group = openGroup((reason) => (reason === 'first' ? onFirst() : undefined));
  const match = randomUUID();
  const [first, second, third] = ['first', 'second', 'third'].map((reason) => group.record(match, reason));
  await group.giveUp(third!);
  for (const record of [first!, second!]) await group.park(record);
  const { redriveId } = await group.open();
  const decide = async (decision: 'pause' | 'resume') =>
    void (await decideRedrive(db, { redriveId, actor: 'operator', decision }));
  onFirst = () => decide('pause');
  const paused = await runRedrive(group.deps, redriveId, stretch);
  expect(paused.redrive).toMatchObject({ state: 'paused', doneCount: 0, releasedCount: 1 });
  await decide('resume');
  const { redrive } = await runRedrive(group.deps, redriveId, stretch);
  expect(redrive).toMatchObject({ state: 'completed', handledCount: 1, releasedCount: 2 });
  expect(await readEffects(db, group.group)).toEqual(['first', 'second', 'third']);
});

test.each([
  ['handled', null],
  ['discarded', 'no longer wanted'],
])('a letter that is %s when the process dies counts as that', async (outcome, discardReason) => {
  const group = openGroup();
  await group.giveUp(group.record(randomUUID(), 'x'));
  const { redriveId } = await group.open({ discardReason });
  const log = Object.assign(Object.create(tools.log) as typeof tools.log, {
    info(_: object, message: string) {
      if (message === 'dead letter closed') throw new Error('as if the process had died');
    },
  });
  await expect(runRedrive({ ...group.deps, log }, redriveId, stretch)).rejects.toThrow('as if');
  const { redrive } = await runRedrive(group.deps, redriveId, stretch);
  expect(redrive).toMatchObject({ state: 'completed', handledCount: 1 });
  expect(await outcomesOf(redriveId)).toEqual([outcome]);
});
