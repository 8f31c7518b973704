import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { openDb } from '../../../store/db.ts';
import { createOutboxAnnouncer, outboxChannel } from '../../../store/outbox/announcer.ts';
import { appendEvents } from '../../../store/outbox/append-events.ts';
import { listenForOutbox } from '../../../store/outbox/listen.ts';
import { cancelled } from '../../events/recording.ts';
import { eventually, tell } from '../../events/support.ts';
import { testDatabase } from '../../support/database.ts';

// The relay's poll finds whatever a notice does not tell, so nothing else fails when one is missing.
const { db, url } = await testDatabase();
/** Another process: its relay hears of this one's commits by notices alone. */
const other = openDb({ url, connectionCountMax: 3, applicationName: 'other' });
const ear = new pg.Client({ connectionString: url });
const heard: string[] = [];
await ear.connect();
ear.on('notification', ({ channel }) => heard.push(channel));
await ear.query(`LISTEN ${outboxChannel}; LISTEN marker`);
afterAll(async () => {
  await ear.end();
  await other.close();
});
const event = () => cancelled(randomUUID(), 'x');
/** Notices of one database arrive in the order of their commits. */
async function untilMarked(): Promise<string[]> {
  await other.query('NOTIFY marker');
  await eventually('the marker', () => heard.includes('marker'));
  return heard.splice(0);
}

test('a commit that wrote events is told to other processes, after it and not before; one that broke off never', async () => {
  let before: string[] = [];
  await db.transaction(async (tx) => {
    await appendEvents(tx, [event()]);
    before = await untilMarked();
  });
  expect(before).toEqual(['marker']);
  await eventually('the notice', () => heard.includes(outboxChannel));
  heard.length = 0;

  await expect(
    db.transaction(async (tx) => {
      await appendEvents(tx, [event()]);
      throw new Error('broken off');
    }),
  ).rejects.toThrow('broken off');
  await db.transaction((tx) => tx.query('SELECT 1'));
  // longer than commits are gathered
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(await untilMarked()).toEqual(['marker']);
});

test('a commit is told at once, and those that come with it together', async () => {
  const notices: string[] = [];
  const announcer = createOutboxAnnouncer((statement) => {
    notices.push(statement);
    return Promise.reject(new Error('the database is away'));
  });
  onTestFinished(() => announcer.close());
  for (let n = 0; n < 500; n += 1) announcer.committed();
  const notice = `NOTIFY ${outboxChannel}`;
  expect(notices).toEqual([notice]);
  await eventually('the others', () => notices.length > 1);
  expect(notices).toEqual([notice, notice]);
  announcer.committed();
  await eventually('one that comes later', () => notices.length === 3);
});

test('a relay of this process is called at each commit, and where it carries everything nobody else is told', async () => {
  let calls = 0;
  const stop = db.onOutbox(() => {
    calls += 1;
    return true;
  });
  await tell(db, event());
  await tell(db, event());
  expect(calls).toBe(2);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(await untilMarked()).toEqual(['marker']);
  stop();
  await tell(db, event());
  expect(calls).toBe(2);
  await eventually('told again', () => heard.includes(outboxChannel));
  heard.length = 0;
});

test('a listening relay is woken by another process, also after its connection was ended', async () => {
  let wakeCount = 0;
  const listener = listenForOutbox(other, () => (wakeCount += 1));
  onTestFinished(() => listener.stop());
  const wakes = async (what: string, count: number) => eventually(what, () => wakeCount >= count);
  await wakes('it listens', 1);
  wakeCount = 0;
  await tell(db, event());
  await wakes('the commit', 1);

  wakeCount = 0;
  const { rowCount } = await ear.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE application_name = 'other' AND query LIKE 'LISTEN %'`,
  );
  expect(rowCount).toBe(1);
  await wakes('it listens again', 1);
  wakeCount = 0;
  await tell(db, event());
  await wakes('the commit', 1);
});
