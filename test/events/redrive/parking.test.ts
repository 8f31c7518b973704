import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, describe, expect, test } from 'vitest';
import type { DeliveredRecord } from '../../../events/kafka/broker.ts';
import { DeadEvent } from '../../../events/consumer/failures.ts';
import { giveUpOn } from '../../../events/consumer/give-up.ts';
import type { EventHandler } from '../../../events/consumer/handler.ts';
import { parkIfParked, processEvent } from '../../../events/consumer/process-event.ts';
import { discardLetter, redriveLetter, releaseBehind } from '../../../events/redrive/redrive.ts';
import { listDeadLetters } from '../../../store/dead-letters/reads.ts';
import type { Db } from '../../../store/db.ts';
import { alteredDb } from '../consumer/altered-db.ts';
import { cancelledRecord, createEffects, readEffects, recording } from '../recording.ts';
import type { RecordedType } from '../recording.ts';
import { countRows, eventTools, eventually } from '../support.ts';

const tools = await eventTools([]);
const { db } = tools;
await createEffects(tools.url);

/** A key of a group's own, with a handler that records what reaches it. */
function openKey(more: Partial<EventHandler<RecordedType>> = {}) {
  const handler = recording(undefined, more);
  const { group } = handler;
  const match = randomUUID();
  const through = (on: Db) => ({ ...tools, db: on, handlers: new Map([[group, handler as EventHandler]]) });
  return {
    group,
    match,
    handler,
    through,
    record: (offset: number) => cancelledRecord(match, `${offset}`, offset),
    receive: (record: DeliveredRecord, on: Db = db) =>
      processEvent(
        {
          ...tools,
          db: on,
        },
        handler,
        record,
        parkIfParked(handler, record),
      ),
    async giveUp(record: DeliveredRecord, on: Db = db) {
      const error = new DeadEvent('undecodable', 'no');
      const failure = {
        error,
        attempts: 1,
        redrives: 0,
        firstFailedAtMs: 1,
        lastFailedAtMs: 1,
      };
      await giveUpOn(
        {
          ...tools,
          db: on,
        },
        handler,
        record,
        failure,
      );
      return (
        await listDeadLetters(db, {
          group,
          limit: 100,
        })
      ).at(-1)!.id;
    },
    parkedCount: () => countRows(db, 'parked_events', `consumer_group = '${group}'`),
    isParked: async () => (await countRows(db, 'parked_keys', `consumer_group = '${group}'`)) === 1,
    effects: () => readEffects(db, group, match),
  };
}

// the application's role may not see what others wait for
const watcher = new pg.Client({ connectionString: tools.url });
await watcher.connect();
afterAll(() => watcher.end());

/** Whether a transaction of this database waits for another's lock. */
async function somebodyWaits(): Promise<boolean> {
  const { rowCount } = await watcher.query(
    "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
  );
  return rowCount !== 0;
}

/** Holds the first statement that matches until `other` has ended or waits for a lock. */
function meeting(form: RegExp, at: 'before' | 'after', other: () => Promise<unknown>) {
  let met: Promise<unknown> | undefined;
  const hold = async (text: string): Promise<void> => {
    if (met !== undefined || !form.test(text)) return;
    let ended = false;
    met = other().finally(() => (ended = true));
    await eventually('the other has ended or waits', async () => ended || (await somebodyWaits()));
  };
  return { ...(at === 'before' ? { before: hold } : { after: hold }), done: () => met };
}

const withoutShare = (text: string) => text.replace('FOR SHARE OF k', '');
const withoutLock = (text: string) => text.replace('DO UPDATE SET parked_at = k.parked_at', 'DO NOTHING');
const blindToParked = (text: string) =>
  text.replace('ORDER BY "partition", "offset" LIMIT 1', 'AND false LIMIT 1');
const blindToLetters = (text: string) =>
  text.includes('FROM dead_letters d') && text.includes('AS p(topic, part, ')
    ? text.replace('d.consumer_group = $1', 'd.consumer_group = $1 AND false')
    : text;
const asItIs = (text: string) => text;

describe('each part of the protocol is needed: with it all is well, without it the fault shows', () => {
  test.each([
    ['with', asItIs, 0],
    ['without', withoutShare, 1],
  ])('the live path reads FOR SHARE: %s it', async (_, alter, strandedCount) => {
    const key = openKey();
    const letterId = await key.giveUp(key.record(1));
    await discardLetter(key.through(db), letterId, 'operator', 'test');
    const release = meeting(/FOR SHARE OF k/, 'after', () => releaseBehind(key.through(db), letterId));
    expect(await key.receive(key.record(2), alteredDb(db, { alter, ...release }))).toBe('parked');
    await release.done();
    expect([await key.parkedCount(), await key.isParked()]).toEqual([strandedCount, false]);
  });

  test.each([
    ['with', asItIs, true],
    ['without', withoutLock, false],
  ])('giving up locks the key that is about to be freed: %s it', async (_, alter, isParked) => {
    const key = openKey();
    const letterId = await key.giveUp(key.record(1));
    await discardLetter(key.through(db), letterId, 'operator', 'test');
    const late = meeting(/DELETE FROM parked_keys/, 'before', () =>
      key.giveUp(key.record(2), alteredDb(db, { alter })),
    );
    await releaseBehind(key.through(alteredDb(db, late)), letterId);
    await late.done();
    // the letter waits either way; only behind a parked key does the next event wait too
    expect(await key.receive(key.record(3))).toBe(isParked ? 'parked' : 'handled');
  });

  test.each([
    ['with', asItIs, 0, ['2', '3']],
    ['without', blindToParked, 2, []],
  ])('a key is freed only when nothing is parked: %s it', async (_, alter, strandedCount, effects) => {
    const key = openKey();
    const letterId = await key.giveUp(key.record(1));
    await key.receive(key.record(2));
    await key.receive(key.record(3));
    await discardLetter(key.through(db), letterId, 'operator', 'test');
    await releaseBehind(key.through(alteredDb(db, { alter })), letterId);
    expect([await key.parkedCount(), await key.effects()]).toEqual([strandedCount, effects]);
  });

  test.each([
    ['with', asItIs, 'parked', []],
    ['without', blindToLetters, 'duplicate', ['1']],
  ])('what was discarded and is read again stays discarded: %s it', async (_, alter, outcome, signals) => {
    const key = openKey();
    const record = key.record(1);
    const letterId = await key.giveUp(record);
    await discardLetter(key.through(db), letterId, 'operator', 'test');
    await releaseBehind(key.through(db), letterId);
    expect(await key.receive(record, alteredDb(db, { alter }))).toBe(outcome);
    expect([await key.effects(), key.handler.signals]).toEqual([[], signals]);
  });
});

test('of two letters of a key the earlier goes first', async () => {
  const key = openKey();
  const [earlier, later] = [await key.giveUp(key.record(1)), await key.giveUp(key.record(2))];
  expect(await redriveLetter(key.through(db), later, 'operator')).toEqual({ status: 'parked_behind' });
  expect(await redriveLetter(key.through(db), earlier, 'operator')).toEqual({ status: 'handled' });
  expect(await releaseBehind(key.through(db), earlier)).toEqual({ releasedCount: 0, status: 'blocked' });
  expect(await redriveLetter(key.through(db), later, 'operator')).toEqual({ status: 'handled' });
  expect(await releaseBehind(key.through(db), later)).toEqual({ releasedCount: 0, status: 'unparked' });
  expect(await key.effects()).toEqual(['1', '2']);
});

test('an event that was handled before its key was parked does not wait, and is signalled again', async () => {
  const key = openKey();
  const record = key.record(1);
  expect(await key.receive(record)).toBe('handled');
  await key.giveUp(key.record(2));
  expect(await key.receive(record)).toBe('duplicate');
  expect([await key.parkedCount(), key.handler.signals]).toEqual([0, ['1', '1']]);
});

test('events without a key never park, nor do those of a group that lets others pass', async () => {
  const keyless = openKey();
  const record = { ...keyless.record(1), key: null };
  await keyless.giveUp(record);
  expect(await keyless.isParked()).toBe(false);
  const passing = openKey({ onDeadLetter: 'pass' });
  await passing.giveUp(passing.record(1));
  expect([await passing.isParked(), await passing.receive(passing.record(2))]).toEqual([false, 'handled']);
});

test('a release that is asked to stop leaves the rest parked, and another one goes on', async () => {
  const key = openKey();
  const letterId = await key.giveUp(key.record(1));
  for (const offset of [2, 3, 4]) await key.receive(key.record(offset));
  await redriveLetter(key.through(db), letterId, 'operator');
  const two = await releaseBehind(key.through(db), letterId, (count) => Promise.resolve(count < 2));
  expect(two).toEqual({ releasedCount: 2, status: 'stopped' });
  expect([await key.isParked(), await key.parkedCount()]).toEqual([true, 1]);
  expect(await releaseBehind(key.through(db), letterId)).toEqual({ releasedCount: 1, status: 'unparked' });
  expect(await key.effects()).toEqual(['1', '2', '3', '4']);
});

test('a letter that failed five times is tried again only by force', async () => {
  let broken = true;
  const key = openKey({
    handle: () => (broken ? Promise.reject(new Error('no')) : Promise.resolve()),
  });
  const letterId = await key.giveUp(key.record(1));
  for (let n = 0; n < 5; n += 1)
    expect(await redriveLetter(key.through(db), letterId, 'operator')).toMatchObject({ status: 'failed' });
  broken = false;
  const deps = key.through(db);
  expect(await redriveLetter(deps, letterId, 'operator')).toEqual({
    status: 'too_many_attempts',
    redrives: 5,
  });
  expect(await redriveLetter(deps, letterId, 'operator', { force: true })).toEqual({ status: 'handled' });
});
