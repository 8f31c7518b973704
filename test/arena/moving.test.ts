import { beforeAll, describe, expect, test } from 'vitest';
import { closeCodes } from '../../domain/arena/protocol.ts';
import { recompute } from '../../domain/arena/recording.ts';
import { readRecording } from '../../store/matches/reads.ts';
import { settleMatch } from '../../store/matches/settle-match.ts';
import { sha256 } from '../../store/matches/sha256.ts';
import { voidMatch } from '../../store/matches/void-match.ts';
import { testDatabase } from '../support/database.ts';
import { applyArena } from '../store/market/fixtures.ts';
import { claim, killHost, stampsOf } from '../store/matches/fixtures.ts';
import { defend, enter, hostNewMatch, startHost } from './world.ts';

const { db } = await testDatabase();
beforeAll(() => applyArena(db));

const step = (direction: string, id: string) => ({ kind: 'action', type: 'move', direction, id });
const until = async (condition: () => boolean) => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
};

describe('a host that is only thought dead', () => {
  test('adopts the new fence when it is still named: sockets are untouched, no action is lost', async () => {
    const server = await startHost(db);
    const arena = await hostNewMatch(db, server);
    const [mine, theirs] = [await enter(db, arena, 0), await enter(db, arena, 1)];
    await Promise.all([mine.next('welcome'), theirs.next('welcome')]);
    const fence = await claim(db, arena.matchId, server.host.hostId);
    expect(fence).toBe(arena.fence + 1);
    mine.send(step('south', 'a'));
    expect(await mine.next('action')).toMatchObject({ status: 'resolved' });
    expect(server.host.matches.get(arena.matchId)?.fence).toBe(fence);
    // a snapshot may have been logged before the claim
    const { rows } = await db.query<{ fence: number }>(
      'SELECT fence FROM tick_log WHERE match_id = $1 ORDER BY tick DESC LIMIT 1',
      [arena.matchId],
    );
    expect(rows).toEqual([{ fence }]);
    mine.close();
    theirs.close();
    await server.stop();
  });

  test('lets go when another has the match: players are sent there, and nothing it still held is told', async () => {
    const [zombie, heir] = [await startHost(db), await startHost(db)];
    const arena = await hostNewMatch(db, zombie, { stamps: 3n });
    const [mine, theirs] = [await enter(db, arena, 0), await enter(db, arena, 1)];
    await Promise.all([mine.next('welcome'), theirs.next('welcome')]);
    mine.send(step('south', 'a'));
    expect(await mine.next('action')).toMatchObject({ status: 'resolved', tick: expect.any(Number) });

    await killHost(db, zombie.host.hostId);
    await heir.host.host(arena.matchId, await claim(db, arena.matchId, heir.host.hostId));
    mine.send(step('south', 'b'));
    expect(await mine.next('moving')).toMatchObject({ url: heir.url });
    expect(await mine.closed).toMatchObject({ code: closeCodes.deploy });
    expect(
      mine.frames.some((frame) => frame.kind === 'action' && frame.id === 'b' && frame.status === 'resolved'),
    ).toBe(false);
    expect(zombie.host.matches.size).toBe(0);

    const again = await enter(db, arena, 0);
    again.send({ kind: 'resume', lastSeq: mine.frames.at(-1)!.seq, resumeToken: 'from another host' });
    expect(await again.next('state')).toMatchObject({
      seq: 1,
      state: { players: [{ at: { x: 0, y: 1 } }, {}] },
    });
    again.send(step('south', 'a'));
    expect(await again.next('action')).toMatchObject({
      id: 'a',
      replayed: true,
      result: { to: { x: 0, y: 1 } },
    });
    again.send(step('south', 'b'));
    expect(await again.next('action')).toMatchObject({
      id: 'b',
      status: 'resolved',
      result: { to: { x: 0, y: 2 } },
    });
    again.close();
    await Promise.all([zombie.stop(), heir.stop()]);
  });
});

describe('a sealed action', () => {
  test('that was accepted by a host that died is resolved by the next, for one stamp, under the same key', async () => {
    // ticks so slow that the first host never resolves it
    const [doomed, heir] = [await startHost(db, { tickMs: 60_000 }), await startHost(db)];
    const arena = await hostNewMatch(db, doomed, { stamps: 3n });
    const mine = await enter(db, arena, 0);
    await mine.next('welcome');
    const sealed = { ...defend, id: 'owed', seal: true };
    mine.send(sealed);
    while ((await stampsOf(db, arena.playerIds[0]!)).held !== '1')
      await new Promise((resolve) => setTimeout(resolve, 5));

    await killHost(db, doomed.host.hostId);
    await heir.host.host(arena.matchId, await claim(db, arena.matchId, heir.host.hostId));
    const again = await enter(db, arena, 0);
    again.send({ kind: 'resume', lastSeq: 1, resumeToken: 'x' });
    again.send(sealed);
    expect(await again.next('action')).toMatchObject({
      id: 'owed',
      status: 'resolved',
      stampBalance: '2',
      replayed: true,
    });
    expect(await stampsOf(db, arena.playerIds[0]!)).toEqual({ balance: '2', held: '0' });
    again.close();
    await heir.stop();
  });
});

describe('a drain', () => {
  test('hands the match over, tells players the new address, and the recording recomputes to the end', async () => {
    const [leaving, heir] = [await startHost(db), await startHost(db)];
    const arena = await hostNewMatch(db, leaving);
    const hosted = await leaving.host.host(arena.matchId, arena.fence);
    const [mine, theirs] = [await enter(db, arena, 0), await enter(db, arena, 1)];
    await Promise.all([mine.next('welcome'), theirs.next('welcome')]);
    mine.send(step('south', 'a'));
    await mine.next('action');

    const stopped = leaving.stop();
    expect(await hosted.ended).toEqual({ status: 'draining' });
    // what the workflow does when it hears of it
    await heir.host.host(arena.matchId, await claim(db, arena.matchId, heir.host.hostId));
    expect(await mine.next('moving')).toMatchObject({ url: heir.url });
    await stopped;

    const again = [await enter(db, arena, 0), await enter(db, arena, 1)];
    for (const socket of again) socket.send({ kind: 'resume', lastSeq: 1, resumeToken: 'x' });
    again[0]!.send(step('south', 'b'));
    await again[0]!.next('action');
    again[1]!.send({ kind: 'leave' });
    await again[0]!.next('finished');
    await settleMatch(db, arena.matchId);
    const recording = await readRecording(db, arena.matchId);
    expect(recompute(recording!, sha256)).toMatchObject({ equal: true });
    expect(recording?.ticks.flatMap(({ inputs }) => inputs)).toHaveLength(3);
    await heir.stop();
  });
});

describe('a database that stalls', () => {
  test('makes the match wait, and loses nothing: what could not be committed is committed later, then told', async () => {
    const server = await startHost(db);
    const arena = await hostNewMatch(db, server);
    const [mine, theirs] = [await enter(db, arena, 0), await enter(db, arena, 1)];
    await Promise.all([mine.next('welcome'), theirs.next('welcome')]);
    await db.transaction(async (tx) => {
      await tx.query('SELECT 1 FROM matches WHERE id = $1 FOR UPDATE', [arena.matchId]);
      mine.send(step('south', 'a'));
      await new Promise((resolve) => setTimeout(resolve, 400));
      expect(mine.frames.some(({ kind }) => kind === 'tick')).toBe(false);
    });
    expect(await mine.next('action')).toMatchObject({ id: 'a', status: 'resolved' });
    mine.close();
    theirs.close();
    await server.stop();
  });
});

test('a match that was voided meanwhile is dropped, and its sockets are closed with 4410', async () => {
  const server = await startHost(db);
  const arena = await hostNewMatch(db, server);
  const hosted = await server.host.host(arena.matchId, arena.fence);
  const socket = await enter(db, arena, 0);
  await socket.next('welcome');
  await voidMatch(db, arena.matchId, 'test');
  expect(await hosted.ended).toEqual({ status: 'over' });
  expect(await socket.closed).toMatchObject({ code: closeCodes.matchOver });
  await until(() => server.host.matches.size === 0);
  await server.stop();
});
