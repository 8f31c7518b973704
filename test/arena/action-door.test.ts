import { beforeAll, describe, expect, test } from 'vitest';
import { SERVICE_AUDIENCE, doorPaths } from '../../domain/arena/door.ts';
import { signServiceToken } from '../../platform/service-token.ts';
import { testDatabase } from '../support/database.ts';
import { applyArena } from '../store/market/fixtures.ts';
import { defend, enter, hostNewMatch, serviceSecret, startHost } from './world.ts';

const { db } = await testDatabase();
beforeAll(() => applyArena(db));
const server = await startHost(db);

async function knock(path: string, body: unknown, token?: string) {
  const response = await fetch(server.internalUrl + path, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token ?? (await signServiceToken(serviceSecret, SERVICE_AUDIENCE))}`,
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

const action = { type: 'defend' };

describe('the internal door', () => {
  test('answers what became of an action; the socket and the door share keys', async () => {
    const arena = await hostNewMatch(db, server);
    const path = doorPaths.actions(arena.matchId);
    const body = { playerId: arena.playerIds[0], id: 'k', action, seal: false };
    const first = await knock(path, body);
    expect(first).toMatchObject({
      status: 200,
      body: { id: 'k', status: 'resolved', result: { type: 'defended' } },
    });
    const socket = await enter(db, arena, 0);
    socket.send({ ...defend, id: 'k' });
    expect(await socket.next('action')).toMatchObject({ ...first.body, replayed: true });
    socket.close();
  });

  test('opens for our own processes only', async () => {
    const arena = await hostNewMatch(db, server);
    const body = { playerId: arena.playerIds[0], id: 'k', action, seal: false };
    const wrong = [
      'nonsense',
      await signServiceToken('another-secret-of-the-right-length-at-least', SERVICE_AUDIENCE),
      await signServiceToken(serviceSecret, 'another-door'),
    ];
    for (const token of wrong) {
      expect(await knock(doorPaths.actions(arena.matchId), body, token)).toMatchObject({
        status: 401,
        body: { code: 'unauthenticated' },
      });
    }
  });

  test.each([
    ['no JSON', '{', 400, 'malformed_json'],
    [
      'an unknown action',
      { playerId: 'p', id: 'k', action: { type: 'fly' }, seal: false },
      422,
      'validation_failed',
    ],
    ['no key', { playerId: 'p', action, seal: false }, 422, 'validation_failed'],
  ])('refuses %s', async (_, body, status, code) => {
    const arena = await hostNewMatch(db, server);
    expect(await knock(doorPaths.actions(arena.matchId), body)).toMatchObject({ status, body: { code } });
  });

  test('tells a stranger that there is no match, and that another match is not here', async () => {
    const [arena, other] = [await hostNewMatch(db, server), await hostNewMatch(db, server)];
    const body = { playerId: other.playerIds[0], id: 'k', action, seal: false };
    expect(await knock(doorPaths.actions(arena.matchId), body)).toMatchObject({ status: 404 });
    const elsewhere = doorPaths.actions('00000000-0000-8000-8000-000000000000');
    expect(await knock(elsewhere, body)).toMatchObject({ status: 503, body: { code: 'host_moving' } });
  });

  test('takes a player out of the match', async () => {
    const arena = await hostNewMatch(db, server);
    const socket = await enter(db, arena, 0);
    await socket.next('welcome');
    expect(await knock(doorPaths.leave(arena.matchId), { playerId: arena.playerIds[1] })).toEqual({
      status: 200,
      body: { left: true },
    });
    expect(await socket.next('finished')).toMatchObject({
      outcomes: [{ outcome: 'winner' }, { outcome: 'eliminated' }],
    });
  });
});
