import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import type { SendOptions, TestApi } from './support.ts';
import { testApi } from './support.ts';

let api: TestApi;
let token: string;
let service: string;
beforeAll(async () => {
  api = await testApi();
  token = (await api.player()).token;
  service = await api.key(['grants:write', 'dead-letters:read']);
});

const grant = (change: object = {}) => ({
  reference: randomUUID(),
  player: { issuer: 'https://game.example', subject: 'p-1' },
  lines: [{ asset: 'gold', amount: '5' }],
  ...change,
});
const pay = (options: SendOptions) =>
  api.send('POST', '/v1/grants', { token: service, key: randomUUID(), ...options });
const codeOf = async (reply: ReturnType<TestApi['send']>) => {
  const { status, body, headers } = await reply;
  expect(headers.get('content-type')).toBe('application/problem+json');
  expect(body).toMatchObject({
    status,
    type: `/docs/errors#${String(body['code'])}`,
    requestId: expect.any(String),
    traceId: expect.any(String),
  });
  return [status, body['code']];
};

describe('bodies', () => {
  test.each([
    ['{', 'malformed_json'],
    ['', 'validation_failed'],
    ['nope', 'malformed_json'],
    ['{"__proto__": {"scopes": ["*"]}}', 'malformed_json'],
    ['{"a": {"\\u005f_proto__": 1}}', 'malformed_json'],
    [new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x7d]), 'malformed_json'],
    [`${'['.repeat(20_000)}${']'.repeat(20_000)}`, 'validation_failed'],
    ['[]', 'validation_failed'],
    ['null', 'validation_failed'],
  ])('%o is %s', async (raw, code) => {
    expect(await codeOf(pay({ raw }))).toEqual([code === 'malformed_json' ? 400 : 422, code]);
  });

  test('a content type that is not JSON, or none, is 415', async () => {
    const raw = JSON.stringify(grant());
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'application/json; charset=latin1',
      '',
    ]) {
      expect(await codeOf(pay({ raw, headers: { 'content-type': type } }))).toEqual([
        415,
        'unsupported_media_type',
      ]);
    }
    expect((await pay({ raw, headers: { 'content-type': 'application/json; charset=utf-8' } })).status).toBe(
      201,
    );
  });

  test('more than 64 KiB is 413 and closes the connection', async () => {
    const raw = JSON.stringify(grant({ reference: 'a'.repeat(65_536) }));
    const reply = await pay({ raw });
    expect([reply.status, reply.headers.get('connection')]).toEqual([413, 'close']);
  });

  test.each([
    ['an unknown field', { extra: 1 }, '/extra'],
    ['an unknown field inside', { lines: [{ asset: 'gold', amount: '5', note: '' }] }, '/lines/0/note'],
    ['a number as an amount', { lines: [{ asset: 'gold', amount: 5 }] }, '/lines/0/amount'],
    ['a float', { lines: [{ asset: 'gold', amount: '1.5' }] }, '/lines/0/amount'],
    ['a negative amount', { lines: [{ asset: 'gold', amount: '-1' }] }, '/lines/0/amount'],
    ['zero', { lines: [{ asset: 'gold', amount: '0' }] }, '/lines/0/amount'],
    ['leading zeros', { lines: [{ asset: 'gold', amount: '007' }] }, '/lines/0/amount'],
    ['an exponent', { lines: [{ asset: 'gold', amount: '1e3' }] }, '/lines/0/amount'],
    ['2^63', { lines: [{ asset: 'gold', amount: '9223372036854775808' }] }, '/lines/0/amount'],
    ['a long number', { lines: [{ asset: 'gold', amount: '1'.repeat(400) }] }, '/lines/0/amount'],
    ['NUL', { player: { issuer: 'a\0b', subject: 'x' } }, '/player/issuer'],
    ['a lone surrogate', { player: { issuer: '\ud800', subject: 'x' } }, '/player/issuer'],
    ['nothing to grant', { lines: [] }, '/lines'],
    ['a missing field', { player: undefined }, '/player'],
    ['a name of a field with NUL', { 'a\0': 1 }, '/a\ufffd'],
  ])('%s is 422 at its place', async (_name, change, pointer) => {
    const reply = await pay({ body: grant(change) });
    expect([reply.status, reply.body['code']]).toEqual([422, 'validation_failed']);
    expect((reply.body['errors'] as { pointer: string }[]).map((place) => place.pointer)).toContain(pointer);
  });

  test('what was refused has moved nothing', async () => {
    const { rows } = await api.db.query("SELECT FROM journals WHERE key LIKE 'grant:api:%'");
    expect(rows).toHaveLength(1);
  });
});

describe('requests', () => {
  test('an unknown route is 404, an unknown method 405 with Allow', async () => {
    expect(await codeOf(api.send('GET', '/v1/nothing'))).toEqual([404, 'not_found']);
    const reply = await api.send('PATCH', '/v1/loadout');
    expect([reply.status, reply.headers.get('allow')]).toEqual([405, 'GET, HEAD, PUT, OPTIONS']);
    expect((await api.send('OPTIONS', '/v1/loadout')).headers.get('allow')).toBe('GET, HEAD, PUT, OPTIONS');
  });

  test('an Accept that excludes JSON is 406', async () => {
    expect(await codeOf(api.send('GET', '/v1/me', { token, headers: { accept: 'text/html' } }))).toEqual([
      406,
      'not_acceptable',
    ]);
    expect(
      await codeOf(api.send('GET', '/v1/me', { token, headers: { accept: 'application/json;q=0' } })),
    ).toEqual([406, 'not_acceptable']);
    expect(
      (await api.send('GET', '/v1/me', { token, headers: { accept: 'text/html, */*;q=0.1' } })).status,
    ).toBe(200);
  });

  test('a long URI is 414, long headers are 431', async () => {
    expect(await codeOf(api.send('GET', `/v1/me?a=${'b'.repeat(9_000)}`, { token }))).toEqual([
      414,
      'uri_too_long',
    ]);
    expect(
      await codeOf(api.send('GET', '/v1/me', { token, headers: { 'x-long': 'b'.repeat(17_000) } })),
    ).toEqual([431, 'headers_too_large']);
  });

  test('an Idempotency-Key is required on a mutation and must be printable', async () => {
    expect(await codeOf(api.send('POST', '/v1/grants', { token: service, body: grant() }))).toEqual([
      400,
      'idempotency_key_missing',
    ]);
    for (const key of ['', 'a'.repeat(256), 'caf\u00e9']) {
      expect(await codeOf(pay({ body: grant(), headers: { 'idempotency-key': key } }))).toEqual([
        400,
        'idempotency_key_invalid',
      ]);
    }
    expect(
      (
        await api.send('POST', '/v1/grants', {
          token: service,
          body: grant(),
          headers: { 'x-idempotency-key': 'old name' },
        })
      ).status,
    ).toBe(201);
  });

  test('a tampered cursor, or one of another list, is 400', async () => {
    await pay({ body: grant({ player: { issuer: 'https://game.example', subject: 'lister' } }) });
    const { token: rich, playerId } = await api.player();
    for (let n = 0; n < 3; n += 1) await pay({ body: grant({ player: { id: playerId } }) });
    const first = await api.send('GET', '/v1/wallet/transfers?limit=1&asset=gold', { token: rich });
    const cursor = String(first.body['nextCursor']);
    const second = await api.send('GET', `/v1/wallet/transfers?limit=1&asset=gold&cursor=${cursor}`, {
      token: rich,
    });
    expect(second.status).toBe(200);
    expect(second.body['items']).not.toEqual(first.body['items']);
    for (const bad of [`${cursor.slice(0, -2)}AA`, 'AAAA', '%00', `${cursor}=`]) {
      expect(
        (await api.send('GET', `/v1/wallet/transfers?limit=1&asset=gold&cursor=${bad}`, { token: rich }))
          .status,
      ).toBeOneOf([400, 422]);
    }
    expect(
      await codeOf(api.send('GET', `/v1/wallet/transfers?limit=1&cursor=${cursor}`, { token: rich })),
    ).toEqual([400, 'bad_cursor']);
    expect(
      await codeOf(api.send('GET', `/v1/wallet/transfers?limit=1&asset=gold&cursor=${cursor}`, { token })),
    ).toEqual([400, 'bad_cursor']);
  });

  test('a query is as strict as a body', async () => {
    for (const query of ['limit=0', 'limit=101', 'limit=abc', 'limit=1&limit=2', 'page=2', 'asset=%00']) {
      const reply = await api.send('GET', `/v1/wallet/transfers?${query}`, { token });
      expect([query, reply.status, reply.body['code']]).toEqual([query, 422, 'validation_failed']);
    }
  });

  test('a path that can name nothing is 404', async () => {
    for (const id of ['1', '%00', 'x'.repeat(500), '..%2F..%2Fv1%2Fme', '%ff']) {
      expect([id, (await api.send('GET', `/v1/matches/${id}`, { token })).status]).toEqual([id, 404]);
    }
  });

  test('every reply names its request, its trace and what browsers must not do', async () => {
    const reply = await api.send('GET', '/v1/nothing', {
      headers: {
        'x-correlation-id': 'abc',
        traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      },
    });
    expect(reply.headers.get('x-request-id')).toBe('abc');
    expect(reply.body).toMatchObject({ requestId: 'abc', traceId: '0af7651916cd43dd8448eb211c80319c' });
    expect(reply.headers.get('x-content-type-options')).toBe('nosniff');
    const strange = await api.send('GET', '/livez', { headers: { 'x-request-id': 'two words' } });
    expect(strange.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('limits', () => {
  test('beyond the allowance is 429 with Retry-After, and time gives it back', async () => {
    let nowMs = 1_000_000_000_000;
    const limited = await testApi({
      config: { ...api.deps.config, RATE_LIMIT_PERCENT: 5 },
      nowMs: () => nowMs,
    });
    const { token: mine } = await limited.player();
    const write = () =>
      limited.send('PUT', '/v1/loadout', { token: mine, key: randomUUID(), body: { weaponItemId: null } });
    const replies = [await write(), await write(), await write(), await write()];
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 429]);
    expect(replies[0]!.headers.get('ratelimit-policy')).toBe('"write";q=3;w=60');
    expect(replies[1]!.headers.get('ratelimit')).toMatch(/^"write";r=1;t=/);
    expect(Number(replies[3]!.headers.get('retry-after'))).toBeGreaterThan(0);
    nowMs += 21_000;
    expect((await write()).status).toBe(200);
  });
});
