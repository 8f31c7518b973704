import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { claimSeen } from '../../../store/replays/claim-seen.ts';
import { openReplay } from '../../../store/replays/open-replay.ts';
import { testDatabase } from '../../support/database.ts';

const { db } = await testDatabase();
const newKeys = (count: number) => Array.from({ length: count }, () => randomUUID().replaceAll('-', ''));

async function newReplay(): Promise<string> {
  const replayId = randomUUID();
  await openReplay(db, {
    replayId,
    topic: 'game.match',
    window: { from: { time: '2000-01-01T00:00:00.000Z' }, to: { time: '2100-01-01T00:00:00.000Z' } },
    filter: {},
    rate: null,
    target: { kind: 'topic' },
    requestedBy: 'test',
  });
  return replayId;
}

const claim = (replayId: string, keys: readonly string[]) =>
  db.transaction((tx) => claimSeen(tx, replayId, keys));
const seen = async (replayId: string) =>
  (
    await db.query<{ key: string }>(
      `SELECT replace(event_key::text, '-', '') AS key FROM replay_seen WHERE replay_id = $1`,
      [replayId],
    )
  ).rows.map(({ key }) => key);

test('what is all new is claimed at once, and is new to another replay too', async () => {
  const keys = newKeys(3);
  for (const replayId of [await newReplay(), await newReplay()]) {
    expect(await claim(replayId, keys)).toBeNull();
    expect((await seen(replayId)).toSorted()).toEqual(keys.toSorted());
  }
});

test('one that stands in the list twice is new once', async () => {
  const replayId = await newReplay();
  const [a, b] = newKeys(2) as [string, string];
  expect(await claim(replayId, [a, b, a])).toEqual(new Set([a, b]));
  expect(await seen(replayId)).toHaveLength(2);
});

test('one that was seen before is not new, the others are, and the transaction goes on', async () => {
  const replayId = await newReplay();
  const [a, b, c] = newKeys(3) as [string, string, string];
  await claim(replayId, [a]);
  const fresh = await db.transaction(async (tx) => {
    await tx.query(`UPDATE replays SET rate = 7 WHERE id = $1`, [replayId]);
    const claimed = await claimSeen(tx, replayId, [b, a, c]);
    // neither what was written before nor what is written now is lost with the claim that failed
    await tx.query(`UPDATE replays SET rate = rate + 2 WHERE id = $1`, [replayId]);
    return claimed;
  });
  expect(fresh).toEqual(new Set([b, c]));
  const { rows } = await db.query('SELECT rate FROM replays WHERE id = $1', [replayId]);
  expect(rows).toEqual([{ rate: 9 }]);
  expect(await claim(replayId, [a, b, c])).toEqual(new Set());
});

test('what is rolled back is not claimed', async () => {
  const replayId = await newReplay();
  const keys = newKeys(2);
  const broken = db.transaction(async (tx) => {
    await claimSeen(tx, replayId, keys);
    throw new Error('the effect failed');
  });
  await expect(broken).rejects.toThrow('the effect failed');
  expect(await claim(replayId, keys)).toBeNull();
});

test('a fault of another kind is thrown, not taken for one that was seen', async () => {
  await expect(claim(await newReplay(), ['no key'])).rejects.toMatchObject({ code: '22P02' });
});
