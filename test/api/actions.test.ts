import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { createSigningKeys } from '../../api/auth/signing-keys.ts';
import { createTokenService } from '../../api/auth/tokens.ts';
import { deriveKey } from '../../platform/derive-key.ts';
import { ownIssuer } from '../../api/app.ts';
import { ensureSecret } from '../../store/signing-keys/ensure-secret.ts';
import type { Arena, TestHost } from '../arena/world.ts';
import { hostNewMatch, quick, serviceSecret, startHost } from '../arena/world.ts';
import type { TestApi } from './support.ts';
import { testApi } from './support.ts';

let api: TestApi;
let host: TestHost;
let tokenOf: (playerId: string) => Promise<string>;
beforeAll(async () => {
  const plain = await testApi();
  const { config } = plain.deps;
  api = await testApi({ config: { ...config, SERVICE_TOKEN_SECRET: serviceSecret } });
  host = await startHost(api.db);
  const readKey = async () => deriveKey(await ensureSecret(api.db, 'key-encryption'), 'signing-keys');
  const tokens = createTokenService({
    keys: createSigningKeys({ db: api.db, readKey, nowMs: Date.now }),
    issuer: ownIssuer(config.LOOTLEDGER_ENVIRONMENT),
    audience: config.OIDC_AUDIENCE,
    ttlMs: config.TOKEN_TTL_MS,
    outsideIssuers: [],
    nowMs: Date.now,
  });
  tokenOf = async (playerId) => (await tokens.issue(playerId)).accessToken;
});

const act = async ({ matchId, playerIds }: Arena, seat: number, body: object, key: string = randomUUID()) =>
  api.send('POST', `/v1/matches/${matchId}/actions`, { token: await tokenOf(playerIds[seat]!), key, body });

describe('actions over HTTP', () => {
  test('reach the host of the match and are answered when their tick is durable', async () => {
    const arena = await hostNewMatch(api.db, host);
    const acted = await act(arena, 0, { type: 'defend' }, 'my key');
    expect(acted.status).toBe(200);
    expect(acted.body).toMatchObject({
      actionId: 'my key',
      type: 'defend',
      sealed: false,
      result: { type: 'defended' },
    });
    const { rows } = await api.db.query('SELECT FROM tick_log WHERE match_id = $1 AND tick = $2', [
      arena.matchId,
      acted.body['tick'],
    ]);
    expect(rows).toHaveLength(1);
  });

  test('a sealed one sent twice spends one stamp; the second is the first answer again, marked', async () => {
    const arena = await hostNewMatch(api.db, host, { stamps: 2n });
    const key = randomUUID();
    const first = await act(arena, 0, { type: 'defend', seal: true }, key);
    const again = await act(arena, 0, { type: 'defend', seal: true }, key);
    expect([first.status, again.status, again.headers.get('idempotency-replayed')]).toEqual([
      200,
      200,
      'true',
    ]);
    expect(first.body).toMatchObject({ sealed: true, stampBalance: '1' });
    expect(again.body['tick']).toBe(first.body['tick']);
    const other = await act(arena, 0, { type: 'collect', seal: true }, key);
    expect([other.status, other.body['code']]).toEqual([422, 'idempotency_mismatch']);
  });

  test('rules refuse with their own code, and a stamp one does not have is 402', async () => {
    const arena = await hostNewMatch(api.db, host);
    const off = await act(arena, 0, { type: 'move', direction: 'north' });
    expect([off.status, off.body['code'], off.body['type']]).toEqual([
      409,
      'blocked',
      '/docs/errors#blocked',
    ]);
    const poor = await act(arena, 0, { type: 'defend', seal: true });
    expect([poor.status, poor.body['code']]).toEqual([402, 'insufficient_stamps']);
    expect((await act(arena, 0, { type: 'teleport' })).status).toBe(422);
  });

  test('a connection is a ticket for a seated player and nothing for others', async () => {
    const arena = await hostNewMatch(api.db, host);
    const connect = (token: string) => api.send('POST', `/v1/matches/${arena.matchId}/connection`, { token });
    const mine = await connect(await tokenOf(arena.playerIds[0]!));
    expect(mine.body).toMatchObject({ url: host.url, ticket: expect.any(String) });
    expect((await connect((await api.player()).token)).status).toBe(404);
    const stranger = await api.send('POST', `/v1/matches/${arena.matchId}/actions`, {
      token: (await api.player()).token,
      key: 'k',
      body: { type: 'defend' },
    });
    expect(stranger.status).toBe(404);
  });

  test('leaving a running match eliminates; who is eliminated cannot act', async () => {
    const arena = await hostNewMatch(api.db, host, { config: quick });
    const left = await api.send('POST', `/v1/matches/${arena.matchId}/leave`, {
      token: await tokenOf(arena.playerIds[0]!),
      key: randomUUID(),
    });
    expect([left.status, left.body]).toEqual([200, { left: true }]);
    await expect.poll(async () => (await act(arena, 0, { type: 'defend' })).status).toBe(409);
  });

  test('without a host the API says so and loses nothing', async () => {
    const lone = await startHost(api.db);
    const arena = await hostNewMatch(api.db, lone, { stamps: 1n });
    const key = randomUUID();
    expect((await act(arena, 0, { type: 'defend', seal: true }, key)).status).toBe(200);
    await api.db.query("UPDATE match_hosts SET lease_until = now() - interval '1 second' WHERE id = $1", [
      lone.host.hostId,
    ]);
    const moving = await act(arena, 0, { type: 'defend' });
    expect([moving.status, moving.body['code'], moving.headers.get('retry-after')]).toEqual([
      503,
      'host_moving',
      '1',
    ]);
    const receipt = await act(arena, 0, { type: 'defend', seal: true }, key);
    expect([receipt.status, receipt.headers.get('idempotency-replayed')]).toEqual([200, 'true']);
    await lone.stop();
  });
});
