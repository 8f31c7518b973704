import { randomUUID } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import { consume } from '../../../events/consumer/consume.ts';
import type { EventHandler, Running } from '../../../events/consumer/handler.ts';
import { discardLetter, redriveLetter, releaseBehind } from '../../../events/redrive/redrive.ts';
import {
  lockParkedForShare,
  nextParkedEvent,
  parkEvents,
  removeParkedEvent,
} from '../../../store/dead-letters/parking.ts';
import { listDeadLetters, readDeadLetter } from '../../../store/dead-letters/reads.ts';
import { cancelled, createEffects, readEffects, recording } from '../recording.ts';
import type { RecordedType } from '../recording.ts';
import { countRows, eventTools, eventually, relayFor, tell } from '../support.ts';

const tools = await eventTools(['game.match'], 2);
const { db } = tools;
await createEffects(tools.url);
relayFor(tools);
const running: Running[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((part) => part.stop()));
});

const start = (handler: EventHandler<RecordedType>) => void running.push(consume(tools, handler));
const depsFor = (handler: EventHandler<RecordedType>) => ({
  ...tools,
  handlers: new Map([[handler.group, handler as EventHandler]]),
});
const parkedCount = (group: string) => countRows(db, 'parked_events', `consumer_group = '${group}'`);
const keyCount = (group: string) => countRows(db, 'parked_keys', `consumer_group = '${group}'`);
const letterOf = async (group: string, match: string) =>
  (await listDeadLetters(db, { group, limit: 100 })).find(
    ({ key, status }) => key?.toString() === match && status === 'waiting',
  );

test('a letter goes back to its handler, what waited follows in order, and the key is free', async () => {
  let broken = true;
  const handler = recording((reason) => {
    if (reason === '1' && broken) throw new Error('not yet');
  });
  const match = randomUUID();
  start(handler);
  await tell(db, ...['1', '2', '3', '4'].map((reason) => cancelled(match, reason)));
  await eventually('three wait', async () => (await parkedCount(handler.group)) === 3);
  const letter = (await letterOf(handler.group, match))!;
  const deps = depsFor(handler);

  expect(await redriveLetter(deps, letter.id, 'operator')).toMatchObject({
    status: 'failed',
    errorMessage: 'not yet',
  });
  expect(await readDeadLetter(db, letter.id)).toMatchObject({ status: 'waiting', attempts: 4, redrives: 1 });
  expect(await releaseBehind(deps, letter.id)).toEqual({ releasedCount: 0, status: 'blocked' });

  broken = false;
  expect(await redriveLetter(deps, letter.id, 'operator')).toEqual({ status: 'handled' });
  expect(await redriveLetter(deps, letter.id, 'operator')).toEqual({ status: 'closed_before' });
  expect(await releaseBehind(deps, letter.id)).toEqual({ releasedCount: 3, status: 'unparked' });
  expect(await readEffects(db, handler.group, match)).toEqual(['1', '2', '3', '4']);
  expect(handler.signals).toEqual(['1', '2', '3', '4']);
  await tell(db, cancelled(match, '5'));
  await eventually('live again', async () => (await readEffects(db, handler.group, match)).length === 5);
  expect(await countRows(db, 'audit_entries', `target = 'dead_letter:${letter.id}'`)).toBe(2);
});

test('redrive and live events race: nothing is stranded, nothing overtakes', async () => {
  const open = Promise.withResolvers<void>();
  let broken = true;
  const handler = recording(async (reason) => {
    if (reason === '0' && broken) throw new Error('not yet');
    if (Number(reason) > 0) await new Promise((resolve) => setTimeout(resolve, 8));
    if (reason === '12') open.resolve();
  });
  const match = randomUUID();
  start(handler);
  await tell(db, ...Array.from({ length: 10 }, (_, n) => cancelled(match, `${n}`)));
  await eventually('they wait', async () => (await parkedCount(handler.group)) === 9);
  const letter = (await letterOf(handler.group, match))!;
  broken = false;
  const deps = depsFor(handler);
  // two redrives at once, while new events of the key keep coming
  const redrives = Promise.all(
    [1, 2].map(async () => {
      await redriveLetter(deps, letter.id, 'operator');
      await releaseBehind(deps, letter.id);
    }),
  );
  for (let n = 10; n < 40; n += 1) await tell(db, cancelled(match, `${n}`));
  await redrives;
  await open.promise;
  await eventually('all', async () => (await readEffects(db, handler.group, match)).length === 40);
  expect(await readEffects(db, handler.group, match)).toEqual(Array.from({ length: 40 }, (_, n) => `${n}`));
  expect(await parkedCount(handler.group)).toBe(0);
  expect(await keyCount(handler.group)).toBe(0);
});

test('an event that is being parked while the key is about to be freed is not stranded', async () => {
  const handler = recording((reason) => {
    if (reason === 'poison') throw new Error('no');
  });
  const match = randomUUID();
  start(handler);
  await tell(db, cancelled(match, 'poison'), cancelled(match, 'late'));
  await eventually('one waits', async () => (await parkedCount(handler.group)) === 1);
  await Promise.all(running.splice(0).map((part) => part.stop()));
  const letter = (await letterOf(handler.group, match))!;
  await discardLetter(depsFor(handler), letter.id, 'operator', 'test');
  // the live path, stopped between its look at the key and its commit
  const place = { group: handler.group, topic: 'game.match', key: Buffer.from(match) };
  const event = await db.transaction((tx) => nextParkedEvent(tx, place));
  await db.transaction((tx) => removeParkedEvent(tx, place, event!));
  let release: Promise<unknown> = Promise.resolve();
  await db.transaction(async (tx) => {
    expect((await lockParkedForShare(tx, handler.group, [place])).size).toBe(1);
    release = releaseBehind(depsFor(handler), letter.id);
    await new Promise((resolve) => setTimeout(resolve, 300));
    await parkEvents(tx, handler.group, [event!]);
  });
  expect(await release).toEqual({ releasedCount: 1, status: 'unparked' });
  expect(await readEffects(db, handler.group, match)).toEqual(['late']);
});

test('an event that fails behind its letter becomes a letter itself and holds the rest', async () => {
  const bad = new Set(['one', 'three']);
  const handler = recording((reason) => {
    if (bad.has(reason)) throw new Error(`no ${reason}`);
  });
  const match = randomUUID();
  start(handler);
  await tell(db, ...['one', 'two', 'three', 'four'].map((reason) => cancelled(match, reason)));
  await eventually('three wait', async () => (await parkedCount(handler.group)) === 3);
  const first = (await letterOf(handler.group, match))!;
  const deps = depsFor(handler);
  await discardLetter(deps, first.id, 'operator', 'the match never was');
  expect(await releaseBehind(deps, first.id)).toEqual({ releasedCount: 1, status: 'blocked' });
  const second = (await letterOf(handler.group, match))!;
  expect(second).toMatchObject({ errorMessage: 'no three', attempts: 3 });
  bad.clear();
  expect(await redriveLetter(deps, second.id, 'operator')).toEqual({ status: 'handled' });
  expect(await releaseBehind(deps, second.id)).toEqual({ releasedCount: 1, status: 'unparked' });
  expect(await readEffects(db, handler.group, match)).toEqual(['two', 'three', 'four']);
  expect(await readDeadLetter(db, first.id)).toMatchObject({
    status: 'discarded',
    reason: 'the match never was',
  });
});

test('a redrive that dies between effect and signal signals again and has one effect', async () => {
  const match = randomUUID();
  let broken = true;
  let signalled = 0;
  const handler = recording(
    () => {
      if (broken) throw new Error('not yet');
    },
    {
      signal: ({ data }) => {
        if (data.matchId !== match) return Promise.resolve();
        signalled += 1;
        // as if the process had died: nothing after the commit happened
        return signalled === 1
          ? Promise.reject(Object.assign(new Error('gone'), { code: 14 }))
          : Promise.resolve();
      },
    },
  );
  start(handler);
  await tell(db, cancelled(match, 'x'));
  const letter = await eventually('the letter', () => letterOf(handler.group, match));
  broken = false;
  await expect(redriveLetter(depsFor(handler), letter.id, 'operator')).rejects.toThrow(
    'the signal after the effect failed',
  );
  expect(await readDeadLetter(db, letter.id)).toMatchObject({ status: 'waiting' });
  expect(await redriveLetter(depsFor(handler), letter.id, 'operator')).toEqual({ status: 'already_handled' });
  expect(signalled).toBe(2);
  expect(await readEffects(db, handler.group, match)).toEqual(['x']);
});

test.each([true, false])(
  'an effect that is discarded in between is told as it is; with a signal: %s',
  async (isSignalled) => {
    const match = randomUUID();
    let broken = true;
    let discarded: unknown;
    const trouble = () => {
      if (broken) throw new Error('not yet');
    };
    const handler: EventHandler<RecordedType> = recording(trouble);
    if (!isSignalled) delete handler.signal;
    start(handler);
    await tell(db, cancelled(match, 'x'));
    const { id } = await eventually('the letter', () => letterOf(handler.group, match));
    broken = false;
    const deps = depsFor(handler);
    // another operator, as soon as the first transaction has ended
    const transaction: typeof db.transaction = async (work) => {
      const result = await db.transaction(work);
      discarded ??= await discardLetter(deps, id, 'another', 'no longer wanted');
      return result;
    };
    const reply = await redriveLetter({ ...deps, db: { ...db, transaction } }, id, 'operator');
    expect(reply.status).toBe(isSignalled ? 'closed_before' : 'handled');
    expect(discarded).toEqual({ status: isSignalled ? 'discarded' : 'closed_before' });
  },
);
