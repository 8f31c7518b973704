import { once } from 'node:events';
import { connect } from 'node:net';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { applyDiff, closeCodes } from '../../domain/arena/protocol.ts';
import type { ServerMessage } from '../../domain/arena/protocol.ts';
import { testDatabase } from '../support/database.ts';
import { applyArena } from '../store/market/fixtures.ts';
import { stampsOf } from '../store/matches/fixtures.ts';
import { defend, enter, hostNewMatch, openSocket, startHost, ticketFor } from './world.ts';

const { db } = await testDatabase();
beforeAll(() => applyArena(db));
const server = await startHost(db);
const newArena = (stamps = 0n) => hostNewMatch(db, server, { stamps });

const isGapFree = (frames: readonly ServerMessage[], from = 1) =>
  frames.every(({ seq }, index) => seq === from + index);
const until = async (condition: () => boolean) => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
};

describe('entering', () => {
  test('a ticket opens one socket; a used, wrong or missing one is closed with 4401', async () => {
    const arena = await newArena();
    const { url, ticket } = await ticketFor(db, arena.matchId, arena.playerIds[0]!);
    const first = openSocket(url, ticket);
    expect(await first.next('welcome')).toMatchObject({ seq: 1, matchId: arena.matchId, seat: 0 });
    for (const wrong of [ticket, 'nonsense', '']) {
      expect(await openSocket(url, wrong).closed).toMatchObject({ code: closeCodes.badTicket });
    }
    first.close();
  });

  test('the seed is not told before the end', async () => {
    const arena = await newArena();
    const socket = await enter(db, arena, 0);
    const welcome = await socket.next('welcome');
    expect(JSON.stringify(welcome)).not.toContain('"seed":');
    expect(welcome.seedHash).toMatch(/^[0-9a-f]{64}$/);
    socket.close();
  });

  test('a ticket of somebody who is not in the match is closed with 4403', async () => {
    const [arena, other] = [await newArena(), await newArena()];
    const { url, ticket } = await ticketFor(db, other.matchId, other.playerIds[0]!);
    await db.query('UPDATE tickets SET match_id = $1 WHERE match_id = $2', [arena.matchId, other.matchId]);
    expect(await openSocket(url, ticket).closed).toMatchObject({ code: closeCodes.notYourMatch });
  });

  test('another subprotocol is refused', async () => {
    const arena = await newArena();
    const { url, ticket } = await ticketFor(db, arena.matchId, arena.playerIds[0]!);
    expect(await openSocket(url, ticket, 'arena.v0').closed).toMatchObject({ code: 1006 });
  });
});

describe('strangers at the door', () => {
  test.each([
    ['//', '400'],
    ['/x', '404'],
    ['/v1/arena', '400'],
  ])(
    'an upgrade of %s is refused with %s, and a reset after it does not end the process',
    async (path, status) => {
      const crashes: unknown[] = [];
      const onCrash = (error: unknown) => void crashes.push(error);
      process.on('uncaughtException', onCrash);
      const stranger = connect(Number(new URL(server.url).port), '127.0.0.1');
      stranger.on('error', () => {});
      stranger.write(
        `GET ${path} HTTP/1.1\r\nHost: host\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
      );
      const [answer] = (await Promise.race([once(stranger, 'data'), once(process, 'uncaughtException')])) as [
        unknown,
      ];
      expect(String(answer)).toContain(`HTTP/1.1 ${status}`);
      stranger.resetAndDestroy();
      await new Promise((resolve) => setTimeout(resolve, 50));
      process.off('uncaughtException', onCrash);
      expect(crashes).toEqual([]);
    },
  );
});

describe('frames that are none', () => {
  test.each(['\u0000', 'somebody', "x'; --"])(
    'a target that is no player id is refused before it is logged: %j',
    async (targetId) => {
      const socket = await enter(db, await newArena(), 0);
      socket.sendRaw(JSON.stringify({ kind: 'action', type: 'attack', targetId }));
      expect((await socket.next('error')).kind).toBe('error');
      socket.close();
    },
  );

  test('bad JSON, an unknown kind and an unknown member get an error frame each; the third closes with 1008', async () => {
    const socket = await enter(db, await newArena(), 0);
    for (const text of ['{', '{"kind":"fly"}', '{"kind":"ping","extra":1}']) socket.sendRaw(text);
    expect(await socket.closed).toMatchObject({ code: closeCodes.badFrames });
    const errors = socket.frames.filter((frame) => frame.kind === 'error');
    expect(errors.map(({ code }) => code)).toEqual([
      'malformed_json',
      'validation_failed',
      'validation_failed',
    ]);
  });

  test('refusals of the rules do not count as bad frames', async () => {
    const socket = await enter(db, await newArena(), 0);
    for (let i = 0; i < 4; i++) {
      socket.send({
        kind: 'action',
        type: 'attack',
        targetId: '00000000-0000-4000-8000-000000000000',
        id: `k${i}`,
      });
      expect(await socket.next('action')).toMatchObject({ status: 'rejected', code: 'target_not_found' });
    }
    socket.close();
  });

  test('a frame over 16 KiB closes with 1009, bytes with 1003, a flood with 1008', async () => {
    const arena = await newArena();
    const big = await enter(db, arena, 0);
    big.sendRaw(JSON.stringify({ kind: 'action', id: 'x'.repeat(17_000) }));
    expect(await big.closed).toMatchObject({ code: closeCodes.tooBig });

    const bytes = await enter(db, arena, 0);
    bytes.sendRaw(Buffer.from('{"kind":"ping"}'));
    expect(await bytes.closed).toMatchObject({ code: closeCodes.notText });

    const flood = await enter(db, arena, 0);
    for (let i = 0; i < 100; i++) flood.send({ kind: 'ping' });
    expect(await flood.closed).toMatchObject({ code: closeCodes.badFrames, reason: 'too many frames' });
  });
});

describe('acting', () => {
  test('everyone hears of an action in a tick, the actor hears what became of it', async () => {
    const arena = await newArena();
    const [mine, theirs] = [await enter(db, arena, 0), await enter(db, arena, 1)];
    const welcome = await theirs.next('welcome');
    mine.send({ kind: 'action', type: 'move', direction: 'south', id: 'step' });
    const answer = await mine.next('action');
    expect(answer).toMatchObject({
      id: 'step',
      status: 'resolved',
      result: { type: 'moved', to: { x: 0, y: 1 } },
    });
    const tick = await theirs.next('tick');
    expect(tick.tick).toBe(answer.tick);
    expect(applyDiff(welcome.state, tick.changes).players[0]).toMatchObject({ at: { x: 0, y: 1 } });
    expect(theirs.frames.some(({ kind }) => kind === 'action')).toBe(false);
    expect(isGapFree(mine.frames) && isGapFree(theirs.frames)).toBe(true);
    mine.close();
    theirs.close();
  });

  test('a tick is told only when it is in the log', async () => {
    const arena = await newArena();
    const socket = await enter(db, arena, 0);
    socket.send({ ...defend, id: 'd' });
    const { tick } = await socket.next('tick');
    const { rows } = await db.query('SELECT 1 FROM tick_log WHERE match_id = $1 AND tick = $2', [
      arena.matchId,
      tick,
    ]);
    expect(rows).toHaveLength(1);
    socket.close();
  });

  test('ticks in which nobody does anything are neither told nor logged, and time goes on', async () => {
    const arena = await newArena();
    const [mine, theirs] = [await enter(db, arena, 0), await enter(db, arena, 1)];
    await Promise.all([mine.next('started'), theirs.next('started')]);
    await until(() => server.host.matches.get(arena.matchId)!.tick >= 10);
    mine.send({ ...defend, id: 'd' });
    const first = await mine.next('tick');
    expect(first.tick).toBeGreaterThan(10);
    const { rows } = await db.query('SELECT tick FROM tick_log WHERE match_id = $1', [arena.matchId]);
    expect(rows).toEqual([{ tick: first.tick }]);
    mine.close();
    theirs.close();
  });

  test('a duplicate action id gets the same result and acts once; with another body it is refused', async () => {
    const arena = await newArena();
    const socket = await enter(db, arena, 0);
    const step = { kind: 'action', type: 'move', direction: 'south', id: 'same' };
    socket.send(step);
    const first = await socket.next('action');
    socket.send(step);
    const { seq: _, ...second } = await socket.next('action');
    const { seq: __, ...expected } = first;
    expect(second).toEqual({ ...expected, replayed: true });
    socket.send({ ...step, direction: 'north' });
    expect(await socket.next('action')).toMatchObject({ status: 'rejected', code: 'idempotency_mismatch' });
    expect(socket.frames.filter(({ kind }) => kind === 'tick')).toHaveLength(1);
    socket.close();
  });

  test('an unsealed action that is overtaken before its tick is answered superseded at once', async () => {
    const arena = await newArena();
    const socket = await enter(db, arena, 0);
    // before tick 1: the opponent is not connected yet
    socket.send({ kind: 'action', type: 'move', direction: 'south', id: 'first' });
    socket.send({ ...defend, id: 'second' });
    expect(await socket.next('action')).toMatchObject({ id: 'first', code: 'superseded' });
    expect(await socket.next('action')).toMatchObject({ id: 'second', status: 'resolved', tick: 1 });
    socket.close();
  });

  test('a sealed action sent twice debits one stamp and answers the same', async () => {
    const arena = await newArena(3n);
    const socket = await enter(db, arena, 0);
    const sealed = { ...defend, id: 'sealed', seal: true };
    socket.send(sealed);
    socket.send(sealed);
    const [first, second] = [await socket.next('action'), await socket.next('action')];
    expect(first).toMatchObject({ status: 'resolved', sealed: true, stampBalance: '2' });
    expect(second).toMatchObject({ status: 'resolved', stampBalance: '2', tick: first.tick, replayed: true });
    expect(await stampsOf(db, arena.playerIds[0]!)).toEqual({ balance: '2', held: '0' });
    socket.close();
  });

  test('a sealed action the rules refuse gives the stamp back; without stamps none is accepted', async () => {
    const arena = await newArena(1n);
    const socket = await enter(db, arena, 0);
    socket.send({ kind: 'action', type: 'collect', id: 'c', seal: true });
    expect(await socket.next('action')).toMatchObject({ code: 'nothing_to_collect', stampBalance: '1' });
    const poor = await enter(db, await newArena(), 0);
    poor.send({ ...defend, id: 'p', seal: true });
    expect(await poor.next('action')).toMatchObject({ code: 'insufficient_stamps' });
    socket.close();
    poor.close();
  });

  test('nine sealed actions at once: eight find room, each in a tick of its own', async () => {
    const arena = await newArena(9n);
    const socket = await enter(db, arena, 0);
    for (let i = 0; i < 9; i++) socket.send({ ...defend, id: `s${i}`, seal: true });
    const answers = [];
    for (let i = 0; i < 9; i++) answers.push(await socket.next('action'));
    const ticks = answers.flatMap(({ tick }) => tick ?? []);
    expect(new Set(ticks).size).toBe(8);
    expect(answers.filter((answer) => answer.status === 'rejected').map(({ code }) => code)).toEqual([
      'too_many_actions',
    ]);
    expect(await stampsOf(db, arena.playerIds[0]!)).toEqual({ balance: '1', held: '0' });
    socket.close();
  });
});

describe('losing and finding the connection', () => {
  test('a resume re-sends what was missed: no gap, no duplicate', async () => {
    const arena = await newArena();
    const [mine, theirs] = [await enter(db, arena, 0), await enter(db, arena, 1)];
    const { resumeToken } = await mine.next('welcome');
    theirs.send({ ...defend, id: '1' });
    await Promise.all([mine.next('tick'), theirs.next('action')]);
    mine.terminate();
    await mine.closed;
    for (const id of ['2', '3']) {
      theirs.send({ ...defend, id });
      await theirs.next('action');
    }
    const lastSeq = mine.frames.at(-1)!.seq;
    const again = await enter(db, arena, 0);
    again.send({ kind: 'resume', lastSeq, resumeToken });
    theirs.send({ ...defend, id: '4' });
    await until(() => again.frames.filter(({ kind }) => kind === 'tick').length === 3);
    expect(isGapFree([...mine.frames, ...again.frames])).toBe(true);
    expect(again.frames.some(({ kind }) => kind === 'welcome' || kind === 'state')).toBe(false);
    again.close();
    theirs.close();
  });

  test('a resume with another token, or of what is no longer known, gets the full state', async () => {
    const arena = await newArena();
    const first = await enter(db, arena, 0);
    const { resumeToken } = await first.next('welcome');
    first.terminate();
    for (const resume of [
      { lastSeq: 1, resumeToken: 'another' },
      { lastSeq: 999, resumeToken },
    ]) {
      const socket = await enter(db, arena, 0);
      socket.send({ kind: 'resume', ...resume });
      expect(await socket.next('state')).toMatchObject({
        resumeToken,
        state: { players: [{ seat: 0 }, { seat: 1 }] },
      });
      socket.terminate();
    }
  });

  test('a resume after the greeting is a bad frame and tells nothing again', async () => {
    const arena = await newArena();
    const socket = await enter(db, arena, 0);
    const { resumeToken } = await socket.next('welcome');
    for (let i = 0; i < 3; i++) socket.send({ kind: 'resume', lastSeq: 0, resumeToken });
    expect(await socket.closed).toMatchObject({ code: closeCodes.badFrames });
    expect(isGapFree(socket.frames)).toBe(true);
    expect(socket.frames.filter(({ kind }) => kind === 'welcome')).toHaveLength(1);
  });

  test('a newer socket takes the place of the older one, which is closed with 4408', async () => {
    const arena = await newArena();
    const older = await enter(db, arena, 0);
    await older.next('welcome');
    const newer = await enter(db, arena, 0);
    newer.send({ kind: 'ping' });
    expect(await newer.next('welcome')).toMatchObject({ seat: 0 });
    expect(await older.closed).toMatchObject({ code: closeCodes.resumedElsewhere });
    newer.close();
  });

  test('a socket that closed while it was let in leaves the live one alone', async () => {
    const arena = await newArena();
    const live = await enter(db, arena, 0);
    await live.next('welcome');
    const ghost = await enter(db, arena, 0);
    ghost.send({ kind: 'ping' });
    const find = vi.spyOn(server.host, 'find').mockImplementationOnce(async (matchId) => {
      ghost.terminate();
      await ghost.closed;
      await new Promise((resolve) => setTimeout(resolve, 50));
      return server.host.matches.get(matchId) ?? null;
    });
    await until(() => find.mock.results[0]?.type === 'return');
    await find.mock.results[0]!.value;
    find.mockRestore();
    live.send({ kind: 'ping' });
    await live.next('pong');
    expect(server.host.matches.get(arena.matchId)!.streamOf(arena.playerIds[0]!)!.isConnected).toBe(true);
    live.close();
  });

  test('of two sockets that wait to be greeted, the one that came last stays', async () => {
    const arena = await newArena();
    const first = await enter(db, arena, 0);
    await first.next('welcome');
    const stream = server.host.matches.get(arena.matchId)!.streamOf(arena.playerIds[0]!)!;
    const announce = vi.spyOn(stream, 'announce');
    const waiting = await enter(db, arena, 0);
    await until(() => announce.mock.calls.length === 1);
    const newer = await enter(db, arena, 0);
    newer.send({ kind: 'ping' });
    await newer.next('pong');
    waiting.send({ kind: 'ping' });
    expect(await waiting.closed).toMatchObject({ code: closeCodes.resumedElsewhere });
    newer.send({ kind: 'ping' });
    await newer.next('pong');
    newer.close();
  });

  test('a connection that no longer answers pings is given up', async () => {
    const impatient = await startHost(db, { pingIntervalMs: 50 });
    const arena = await hostNewMatch(db, impatient);
    const socket = await enter(db, arena, 0);
    await socket.next('welcome');
    socket.deafen();
    await until(() => !impatient.host.matches.get(arena.matchId)!.streamOf(arena.playerIds[0]!)!.isConnected);
    socket.terminate();
    await impatient.stop();
  });
});

describe('the end', () => {
  test('is told with scores and seed, then sockets are closed with 4410, and later tickets lead nowhere', async () => {
    const arena = await newArena();
    const [mine, theirs] = [await enter(db, arena, 0), await enter(db, arena, 1)];
    await theirs.next('welcome');
    theirs.send({ kind: 'leave' });
    const finished = await mine.next('finished');
    expect(finished.outcomes).toMatchObject([{ outcome: 'winner' }, { outcome: 'eliminated' }]);
    expect(finished.seed).toMatch(/^[0-9a-f]{64}$/);
    expect(mine.frames.find(({ kind }) => kind === 'eliminated')).toMatchObject({ seat: 1, by: null });
    expect(await mine.closed).toMatchObject({ code: closeCodes.matchOver });
    const late = await enter(db, arena, 0);
    expect(await late.closed).toMatchObject({ code: closeCodes.matchOver });
  });

  test('an action of the dead is refused without a tick and without a stamp', async () => {
    const arena = await newArena(1n);
    const [mine, theirs] = [await enter(db, arena, 0), await enter(db, arena, 1)];
    await mine.next('welcome');
    theirs.send({ kind: 'leave' });
    mine.send({ ...defend, id: 'late', seal: true });
    await mine.next('finished');
    mine.send({ ...defend, id: 'later', seal: true });
    expect((await mine.closed).code).toBe(closeCodes.matchOver);
    expect(mine.frames.findLast(({ kind }) => kind === 'action')).toMatchObject({ code: 'match_not_active' });
  });
});
