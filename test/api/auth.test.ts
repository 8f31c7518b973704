import {
  SignJWT,
  UnsecuredJWT,
  decodeJwt,
  decodeProtectedHeader,
  exportJWK,
  generateKeyPair,
  importJWK,
} from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { randomUUID } from 'node:crypto';
import type { JWK } from 'jose';
import { createApp } from '../../api/app.ts';
import { createSigningKeys } from '../../api/auth/signing-keys.ts';
import type { Sealed } from '../../api/auth/vault.ts';
import { unseal } from '../../api/auth/vault.ts';
import { deriveKey } from '../../platform/derive-key.ts';
import { ensureSecret } from '../../store/signing-keys/ensure-secret.ts';
import type { TestApi } from './support.ts';
import { sendTo, testApi } from './support.ts';

let api: TestApi;
let nowMs = Date.now();
beforeAll(async () => {
  api = await testApi({ nowMs: () => nowMs });
});
const me = (token: string) => api.send('GET', '/v1/me', { token });

describe('entering', () => {
  test('a device is the same player every time', async () => {
    const deviceSecret = randomUUID().replaceAll('-', '');
    const first = await api.send('POST', '/v1/auth/guest', { body: { deviceSecret } });
    const second = await api.send('POST', '/v1/auth/guest', { body: { deviceSecret } });
    expect([first.status, second.status]).toEqual([201, 200]);
    expect(second.body['playerId']).toBe(first.body['playerId']);
  });

  test('who came in, how, and a token that was used twice are in the audit trail', async () => {
    const [username, password] = [`n${randomUUID().slice(0, 8)}`, 'correct horse battery'];
    const made = await api.send('POST', '/v1/auth/register', { body: { username, password } });
    await api.send('POST', '/v1/auth/login', { body: { username, password } });
    await api.send('POST', '/v1/auth/login', { body: { username, password: 'wrong password' } });
    const body = { refreshToken: made.body['refreshToken'] };
    const used = [await api.send('POST', '/v1/auth/refresh', { body })];
    used.push(await api.send('POST', '/v1/auth/refresh', { body }));
    expect(used.map(({ status }) => status)).toEqual([200, 401]);
    const actor = `player:${String(made.body['playerId'])}`;
    const { rows } = await api.db.query(
      'SELECT action, detail FROM audit_entries WHERE actor = $1 AND target = $1 ORDER BY created_at',
      [actor],
    );
    expect(rows).toEqual([
      { action: 'player.logged-in', detail: { method: 'password' } },
      { action: 'player.logged-in', detail: { method: 'password' } },
      { action: 'player.token-reused', detail: {} },
    ]);
    const told = await api.db.query(`SELECT FROM outbox WHERE topic = 'audit.trail' AND key = $1`, [actor]);
    expect(told.rowCount).toBe(3);
  });

  test('ten first visits of one device at once make one player with one welcome grant', async () => {
    const deviceSecret = randomUUID().replaceAll('-', '');
    const visits = await Promise.all(
      Array.from({ length: 10 }, () => api.send('POST', '/v1/auth/guest', { body: { deviceSecret } })),
    );
    const ids = new Set(visits.map(({ body }) => String(body['playerId'])));
    expect(visits.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(ids.size).toBe(1);
    const { rows } = await api.db.query('SELECT FROM journals WHERE key = $1', [
      `grant:welcome:${[...ids][0]}`,
    ]);
    expect(rows).toHaveLength(1);
  });

  test('a name belongs to one player, whatever its case, and its password opens it', async () => {
    const password = 'correct horse battery';
    const made = await api.send('POST', '/v1/auth/register', { body: { username: 'Sword_42', password } });
    expect(made.status).toBe(201);
    const again = await api.send('POST', '/v1/auth/register', { body: { username: 'sword_42', password } });
    expect([again.status, again.body['code']]).toEqual([409, 'username_taken']);
    const login = await api.send('POST', '/v1/auth/login', { body: { username: 'SWORD_42', password } });
    expect(login.body['playerId']).toBe(made.body['playerId']);
    expect((await me(String(login.body['accessToken']))).body['username']).toBe('Sword_42');
    const wrong = await api.send('POST', '/v1/auth/login', {
      body: { username: 'sword_42', password: 'wrong password' },
    });
    const nobody = await api.send('POST', '/v1/auth/login', { body: { username: 'nobody_here', password } });
    expect([wrong.status, nobody.status]).toEqual([401, 401]);
    expect({ ...wrong.body, requestId: '', traceId: '' }).toEqual({
      ...nobody.body,
      requestId: '',
      traceId: '',
    });
  });
});

describe('refreshing', () => {
  test('a refresh token works once; used twice, its whole family is revoked', async () => {
    const { refreshToken } = await api.player();
    const refresh = (token: unknown) =>
      api.send('POST', '/v1/auth/refresh', { body: { refreshToken: token } });
    const next = await refresh(refreshToken);
    expect(next.status).toBe(200);
    expect((await refresh(refreshToken)).status).toBe(401);
    expect((await refresh(next.body['refreshToken'])).status).toBe(401);
  });

  test('logging out ends the family, and ends nothing else', async () => {
    const deviceSecret = randomUUID().replaceAll('-', '');
    const enter = async () =>
      (await api.send('POST', '/v1/auth/guest', { body: { deviceSecret } })).body['refreshToken'];
    const [one, other] = [await enter(), await enter()];
    expect((await api.send('POST', '/v1/auth/logout', { body: { refreshToken: one } })).status).toBe(204);
    expect((await api.send('POST', '/v1/auth/refresh', { body: { refreshToken: one } })).status).toBe(401);
    expect((await api.send('POST', '/v1/auth/refresh', { body: { refreshToken: other } })).status).toBe(200);
  });
});

describe('tokens', () => {
  test('name their key, their type and nothing personal, and verify against the published keys', async () => {
    const { token, playerId } = await api.player();
    const header = decodeProtectedHeader(token);
    expect(header).toMatchObject({ alg: 'EdDSA', typ: 'at+jwt' });
    expect(Object.keys(decodeJwt(token)).toSorted()).toEqual(['aud', 'exp', 'iat', 'iss', 'sub']);
    expect(decodeJwt(token).sub).toBe(playerId);
    const jwks = await api.send('GET', '/.well-known/jwks.json');
    const keys = jwks.body['keys'] as { kid: string; d?: string }[];
    expect(keys.map(({ kid }) => kid)).toContain(header.kid);
    expect(keys.every((key) => key.d === undefined)).toBe(true);
  });

  test('forged, confused, expired and foreign ones all get the same answer', async () => {
    const { token, playerId } = await api.player();
    const { kid = '' } = decodeProtectedHeader(token);
    const claims = decodeJwt(token);
    const keys = (await api.send('GET', '/.well-known/jwks.json')).body['keys'] as {
      kid: string;
      x: string;
    }[];
    const published = keys.find((key) => key.kid === kid);
    const stranger = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
    const sign = (
      header: { alg: string; typ?: string; kid?: string },
      key: Parameters<SignJWT['sign']>[0],
      changed = {},
    ) => new SignJWT({ ...claims, ...changed }).setProtectedHeader(header).sign(key);
    const forgeries = {
      'no signature': new UnsecuredJWT(claims).encode(),
      'the public key as a shared secret': await sign(
        { alg: 'HS256', typ: 'at+jwt', kid },
        new TextEncoder().encode(published?.x),
      ),
      'another key': await sign({ alg: 'EdDSA', typ: 'at+jwt', kid }, stranger.privateKey),
      'a key of its own in the header': await new SignJWT(claims)
        .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', jwk: await exportJWK(stranger.publicKey) })
        .sign(stranger.privateKey),
      'unknown kid': await sign({ alg: 'EdDSA', typ: 'at+jwt', kid: 'nope' }, stranger.privateKey),
      'another player': `${token.split('.')[0]}.${Buffer.from(JSON.stringify({ ...claims, sub: randomUUID() })).toString('base64url')}.${token.split('.')[2]}`,
      'not a token': 'abc.def.ghi',
      'no header': `AAAA.${token.split('.')[1]}.x`,
      'an unknown API key': 'test_sk_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
      'a key of another environment': 'live_sk_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
    };
    const expected = (await api.send('GET', '/v1/me')).body;
    for (const [name, forged] of Object.entries(forgeries)) {
      const reply = await me(forged);
      expect([name, reply.status, reply.headers.get('www-authenticate')]).toEqual([
        name,
        401,
        'Bearer realm="lootledger"',
      ]);
      expect({ ...reply.body, requestId: '', traceId: '' }).toEqual({
        ...expected,
        requestId: '',
        traceId: '',
      });
    }
    expect((await me(token)).body['playerId']).toBe(playerId);
  });

  test('expire, and name their type, audience and issuer', async () => {
    const { token } = await api.player();
    const { rows } = await api.db.query<{ kid: string }>('SELECT kid FROM signing_keys');
    expect(rows).toHaveLength(1);
    nowMs += 16 * 60_000;
    expect((await me(token)).status).toBe(401);
    nowMs -= 16 * 60_000;
    expect((await me(token)).status).toBe(200);
    // the same keys, spoken for another audience and in another environment
    for (const change of [{ OIDC_AUDIENCE: 'another-game' }, { LOOTLEDGER_ENVIRONMENT: 'elsewhere' }]) {
      const app = createApp({ ...api.deps, config: { ...api.deps.config, ...change } });
      const body = { deviceSecret: randomUUID().replaceAll('-', '') };
      const foreign = (await sendTo(app, 'POST', '/v1/auth/guest', { body })).body['accessToken'] as string;
      expect([change, (await me(foreign)).status]).toEqual([change, 401]);
    }
    // and the true key, saying something else than an access token
    const { rows: sealed } = await api.db.query<{ private_jwk: Sealed }>(
      'SELECT private_jwk FROM signing_keys',
    );
    const secret = await ensureSecret(api.db, 'key-encryption');
    const jwk = JSON.parse(unseal(deriveKey(secret, 'signing-keys'), sealed[0]!.private_jwk)!) as JWK;
    const key = await importJWK(jwk, 'EdDSA');
    const sign = (typ: string) =>
      new SignJWT(decodeJwt(token)).setProtectedHeader({ alg: 'EdDSA', kid: rows[0]!.kid, typ }).sign(key);
    expect((await me(await sign('at+jwt'))).status).toBe(200);
    expect((await me(await sign('JWT'))).status).toBe(401);
  });

  test('are believed at every moment while the keys are read', async () => {
    const { kid = '' } = decodeProtectedHeader((await api.player()).token);
    const found: Promise<unknown>[] = [];
    async function findAlongside() {
      for (let turn = 0; turn < 50; turn += 1) {
        found.push(keys.find(kid));
        await Promise.resolve();
      }
    }
    const query = (...args: Parameters<typeof api.db.query>) => {
      const rows = api.db.query(...args);
      void rows.then(findAlongside);
      return rows;
    };
    const keys = createSigningKeys({
      db: { ...api.db, query } as typeof api.db,
      readKey: () => Promise.reject(new Error('nothing is signed')),
      nowMs: () => nowMs,
    });
    await keys.find(kid);
    expect((await Promise.all(found)).filter((key) => key === undefined)).toEqual([]);
    expect(found.length).toBeGreaterThan(1);
  });

  test('the signing key rests encrypted', async () => {
    await api.player();
    const { rows } = await api.db.query<{ private_jwk: object }>('SELECT private_jwk FROM signing_keys');
    expect(Object.keys(rows[0]?.private_jwk ?? {}).toSorted()).toEqual(['ciphertext', 'nonce', 'tag']);
  });
});
