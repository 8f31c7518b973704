import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ServiceError } from '@temporalio/client';
import { SignJWT, exportJWK, generateKeyPair } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTemporal } from '../../platform/temporal.ts';
import { openDb } from '../../store/db.ts';
import type { Db } from '../../store/db.ts';
import type { TestApi } from './support.ts';
import { testApi } from './support.ts';

describe('Temporal is down', () => {
  let api: TestApi;
  let callCount = 0;
  beforeAll(async () => {
    const temporal = openTemporal({
      address: '127.0.0.1:1',
      namespace: 'default',
      taskQueuePrefix: '',
      uiUrl: 'http://127.0.0.1:1',
    });
    const client = Object.create(temporal.client, {
      workflow: {
        get() {
          callCount += 1;
          return temporal.client.workflow;
        },
      },
    }) as typeof temporal.client;
    api = await testApi({ temporal: { ...temporal, client } });
  });

  test('what needs it answers 503 with Retry-After and leaves the key free; reads and single-step commands go on', async () => {
    const { token } = await api.player();
    const join = () => api.send('POST', '/v1/matches', { token, key: 'the same', body: {} });
    for (let n = 0; n < 2; n += 1) {
      const reply = await join();
      expect([
        reply.status,
        reply.headers.get('retry-after'),
        reply.headers.get('idempotency-replayed'),
      ]).toEqual([503, '1', null]);
    }
    expect((await api.send('GET', '/v1/wallet', { token })).status).toBe(200);
    expect(
      (await api.send('PUT', '/v1/loadout', { token, key: randomUUID(), body: { weaponItemId: null } }))
        .status,
    ).toBe(200);
    expect((await api.send('GET', '/readyz')).body).toMatchObject({
      ready: false,
      dependencies: { postgres: { ok: true }, temporal: { ok: false } },
    });
  });

  test('after twenty failures in ten seconds the breaker answers by itself', async () => {
    const players = await Promise.all(Array.from({ length: 25 }, () => api.player()));
    const join = ({ token }: { token: string }) =>
      api.send('POST', '/v1/matches', { token, key: randomUUID(), body: {} });
    await Promise.all(players.map(join));
    await Promise.all(players.map(join));
    // now and then one call is let through, to see whether Temporal is back
    let asked = true;
    for (let n = 0; n < 20 && asked; n += 1) {
      const before = callCount;
      expect((await join(players[0]!)).status).toBe(503);
      asked = callCount > before;
    }
    expect(asked).toBe(false);
    expect(await api.deps.metrics.registry.getSingleMetricAsString('circuit_breaker_state')).toContain(
      'circuit_breaker_state{target="temporal"} 2',
    );
  });
});

describe('Temporal leaves while a call is on its way', () => {
  test('a mutation may have happened: 504, and the same key learns it; what is a row is still read', async () => {
    const plain = await testApi();
    const { temporal } = plain.deps;
    const broken = new ServiceError('Failed to call', {
      cause: Object.assign(new Error('14 UNAVAILABLE: Connection dropped'), { code: 14 }),
    });
    const leaves = () => Promise.reject(broken);
    let isAway = true;
    const client = Object.create(temporal.client, {
      workflow: {
        get: () =>
          isAway ? { getHandle: () => ({ describe: leaves, signal: leaves }) } : temporal.client.workflow,
      },
    }) as typeof temporal.client;
    const api = await testApi({ temporal: { ...temporal, client } });
    const operator = await api.key(['stories:write', 'redrives:write']);
    const nudge = () =>
      api.send('POST', '/v1/workflows/trade-1/retry-undo', { token: operator, key: 'nudge', body: {} });
    const lost = await nudge();
    expect([lost.status, lost.body['code']]).toEqual([504, 'outcome_unknown']);
    const read = await api.send('GET', `/v1/redrives/${randomUUID()}`, { token: operator });
    expect([read.status, read.body['code']]).toEqual([404, 'not_found']);
    isAway = false;
    expect((await nudge()).status).toBe(404);
  });
});

describe('PostgreSQL is down', () => {
  test('a refused connection is 503, a lost answer to a mutation 504, and neither shows its cause', async () => {
    const nowhere = openDb({ url: 'postgres://nobody:secret@127.0.0.1:1/nothing', connectionCountMax: 2 });
    const api = await testApi();
    const { token } = await api.player();
    const cut = (code: string): Db => ({
      ...api.db,
      query: () => Promise.reject(Object.assign(new Error('secret host name'), { code })),
    });
    const ask = async (db: Db) => {
      const { createApp } = await import('../../api/app.ts');
      const { sendTo } = await import('./support.ts');
      const app = createApp({
        ...api.deps,
        db,
        config: { ...api.deps.config, KEY_ENCRYPTION_SECRET: 'x'.repeat(32) },
      });
      return sendTo(app, 'POST', '/v1/auth/login', {
        body: { username: 'somebody', password: 'whatever it is' },
      });
    };
    const refused = await ask(nowhere);
    expect([refused.status, refused.body['code'], refused.headers.get('retry-after')]).toEqual([
      503,
      'dependency_unavailable',
      '1',
    ]);
    const lost = await ask(cut('ECONNRESET'));
    expect([lost.status, lost.body['code']]).toEqual([504, 'outcome_unknown']);
    const strange = await ask(cut('XX000'));
    expect([strange.status, strange.body['code']]).toEqual([500, 'internal']);
    for (const { text } of [refused, lost, strange]) expect(text).not.toMatch(/secret|127\.0\.0\.1/);
    expect((await api.send('GET', '/v1/me', { token })).status).toBe(200);
    await nowhere.close();
  });
});

describe('an outside issuer', () => {
  let server: Server;
  let issuer: string;
  let api: TestApi;
  const keys = generateKeyPair('RS256', { extractable: true });
  beforeAll(async () => {
    const jwk = { ...(await exportJWK((await keys).publicKey)), kid: 'k1', alg: 'RS256' };
    server = createServer((request, response) => {
      const document = request.url === '/jwks' ? { keys: [jwk] } : { issuer, jwks_uri: `${issuer}/jwks` };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(document));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const plain = await testApi();
    api = await testApi({ config: { ...plain.deps.config, OIDC_ISSUERS: [issuer] } });
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  const tokenOf = async (claims: object = {}, header: object = {}) =>
    new SignJWT({
      iss: issuer,
      aud: 'lootledger',
      sub: 'player-one',
      exp: Math.floor(Date.now() / 1_000) + 300,
      ...claims,
    })
      .setProtectedHeader({ alg: 'RS256', kid: 'k1', ...header })
      .sign((await keys).privateKey);
  const me = (token: string) => api.send('GET', '/v1/me', { token });

  test('speaks for a player who is made on first use, welcomed once, and the same for its game server', async () => {
    const token = await tokenOf();
    const replies = await Promise.all([me(token), me(token), me(token)]);
    const [playerId] = new Set(replies.map(({ body }) => body['playerId']));
    expect(replies.map(({ status, body }) => [status, body['playerId']])).toEqual(
      Array.from({ length: 3 }, () => [200, playerId]),
    );
    const body = {
      reference: 'r',
      player: { issuer, subject: 'player-one' },
      lines: [{ asset: 'gold', amount: '1' }],
    };
    const granted = await api.send('POST', '/v1/grants', {
      token: await api.key(['grants:write']),
      key: 'k',
      body,
    });
    expect(granted.body['playerId']).toBe(playerId);
    const { rows } = await api.db.query("SELECT FROM journals WHERE key LIKE 'grant:welcome:%'");
    expect(rows).toHaveLength(1);
  });

  test('is believed only for its own audience, time and keys', async () => {
    for (const claims of [
      { aud: 'another' },
      { exp: 1 },
      { exp: undefined },
      { sub: undefined },
      { iss: 'https://unknown.example' },
    ]) {
      expect([claims, (await me(await tokenOf(claims))).status]).toEqual([claims, 401]);
    }
    expect((await me(await tokenOf({}, { kid: 'k2' }))).status).toBe(401);
  });
});
