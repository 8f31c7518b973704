import { randomUUID } from 'node:crypto';
import { z } from '@hono/zod-openapi';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { player } from '../../api/auth/policy.ts';
import { defineRoute } from '../../api/define-route.ts';
import { outcomeReply } from '../../api/outcome.ts';
import { authRoutes } from '../../api/routes/auth/route.ts';
import { LootError } from '../../domain/errors.ts';
import type { TestApi } from './support.ts';
import { testApi } from './support.ts';

type Behaviour = (call: {
  derivedId(part?: string): string;
  http: unknown;
  requestId: string;
}) => Promise<{ status: number; body?: unknown; headers?: Record<string, string> }>;
let runs: string[] = [];
let behave: Behaviour;
let pendingState = 'running';

const Body = z.strictObject({ value: z.string(), other: z.string().optional() });
const Answer = z.strictObject({ id: z.string(), state: z.string().optional() });
const probe = (path: string, mutation: 'keyed' | 'secret') =>
  defineRoute(
    {
      method: 'post',
      path,
      operationId: `probe${mutation}`,
      tag: 'probe',
      summary: 'probe',
      auth: player,
      mutation,
      limit: 'write',
      body: Body,
      answers: {
        200: { description: '', schema: Answer },
        201: { description: '', schema: Answer },
        202: { description: '', schema: Answer },
      },
    },
    async (call) => {
      runs.push(call.derivedId());
      return behave(call);
    },
    async (call) => ({
      status: pendingState === 'running' ? 202 : 200,
      body: { id: call.derivedId(), state: pendingState },
    }),
  );

let api: TestApi;
let token: string;
beforeAll(async () => {
  api = await testApi({}, [...authRoutes, probe('/v1/probe', 'keyed'), probe('/v1/secret', 'secret')]);
  token = (await api.player()).token;
});
beforeEach(() => {
  runs = [];
  behave = async ({ derivedId }) => ({
    status: 201,
    body: { id: derivedId() },
    headers: { location: '/v1/probe/1' },
  });
});
const post = (key: string, body: unknown = { value: 'a' }, path = '/v1/probe', by = token) =>
  api.send('POST', path, { token: by, key, body });

test('the same request again gets the same reply, marked, and acts once', async () => {
  const key = randomUUID();
  const first = await post(key);
  const again = await post(key);
  expect([first.status, first.headers.get('idempotency-replayed')]).toEqual([201, null]);
  expect([again.status, again.headers.get('idempotency-replayed'), again.headers.get('location')]).toEqual([
    201,
    'true',
    '/v1/probe/1',
  ]);
  expect(again.body).toEqual(first.body);
  expect(runs).toHaveLength(1);
});

test('equal JSON is the same request however it is written; another body is 422', async () => {
  const key = randomUUID();
  await post(key, { value: 'a', other: 'b' });
  const reordered = await api.send('POST', '/v1/probe', {
    token,
    key,
    raw: '{ "other":"b",\n"value": "\\u0061" }',
  });
  expect([reordered.status, reordered.headers.get('idempotency-replayed')]).toEqual([201, 'true']);
  const other = await post(key, { value: 'b', other: 'b' });
  expect([other.status, other.body['code']]).toEqual([422, 'idempotency_mismatch']);
  expect(runs).toHaveLength(1);
});

test('a key belongs to its principal and its path', async () => {
  const key = randomUUID();
  const other = await api.player();
  const ids = [
    await post(key),
    await post(key, { value: 'a' }, '/v1/probe', other.token),
    await post(key, { value: 'a' }, '/v1/secret'),
  ].map(({ body }) => body['id']);
  expect(new Set(ids).size).toBe(3);
  expect(runs).toHaveLength(3);
});

test('twenty at once act once: one answer, the others are told to wait or replayed', async () => {
  behave = async ({ derivedId }) => {
    await new Promise((resolve) => setTimeout(resolve, 100));
    return { status: 201, body: { id: derivedId() } };
  };
  const key = randomUUID();
  const replies = await Promise.all(Array.from({ length: 20 }, () => post(key)));
  expect(runs).toHaveLength(1);
  expect(replies.filter(({ status }) => status === 201).length).toBeGreaterThanOrEqual(1);
  for (const { status, body, headers } of replies.filter((reply) => reply.status !== 201)) {
    expect([status, body['code']]).toEqual([409, 'request_in_flight']);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  }
});

test('a refusal frees the key', async () => {
  const key = randomUUID();
  behave = async () => {
    throw new LootError('insufficient_funds', 'not yet');
  };
  expect((await post(key)).status).toBe(402);
  behave = async ({ derivedId }) => ({ status: 201, body: { id: derivedId() } });
  expect((await post(key, { value: 'changed' })).status).toBe(201);
});

test("a story's outcome is kept, failures too", async () => {
  const key = randomUUID();
  behave = async (call) =>
    outcomeReply(call as never, new LootError('listing_gone', 'sold to somebody else'));
  expect((await post(key)).status).toBe(409);
  behave = async ({ derivedId }) => ({ status: 201, body: { id: derivedId() } });
  const again = await post(key);
  expect([again.status, again.body['code'], again.headers.get('idempotency-replayed')]).toEqual([
    409,
    'listing_gone',
    'true',
  ]);
  expect(again.headers.get('content-type')).toBe('application/problem+json');
});

describe('after a crash', () => {
  test('the next request takes over when the lease is out, with the same ids', async () => {
    const key = randomUUID();
    let letGo = (): void => {};
    behave = ({ derivedId }) =>
      new Promise((resolve) => (letGo = () => resolve({ status: 201, body: { id: derivedId() } })));
    const stalled = post(key);
    while (runs.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect((await post(key)).status).toBe(409);
    await api.db.query(
      "UPDATE idempotency_keys SET lease_until = clock_timestamp() - interval '1 second' WHERE key = $1",
      [key],
    );
    behave = async ({ derivedId }) => ({ status: 200, body: { id: derivedId() } });
    expect((await post(key)).status).toBe(200);
    expect(new Set(runs).size).toBe(1);
    // the one that was given up comes back late: what is stored stays
    letGo();
    await stalled;
    expect((await post(key)).status).toBe(200);
  });

  test('a key that was pruned still leads to the same ids', async () => {
    const key = randomUUID();
    const first = await post(key);
    await api.db.query('DELETE FROM idempotency_keys WHERE key = $1', [key]);
    const late = await post(key);
    expect(late.headers.get('idempotency-replayed')).toBeNull();
    expect(late.body).toEqual(first.body);
  });
});

test('a stored 202 answers what has become of it, and then keeps that', async () => {
  const key = randomUUID();
  behave = async ({ derivedId }) => ({ status: 202, body: { id: derivedId(), state: 'running' } });
  pendingState = 'running';
  expect((await post(key)).status).toBe(202);
  expect((await post(key)).body['state']).toBe('running');
  pendingState = 'completed';
  const over = await post(key);
  expect([over.status, over.body['state']]).toEqual([200, 'completed']);
  pendingState = 'running';
  expect((await post(key)).body['state']).toBe('completed');
  expect(runs).toHaveLength(1);
});

test('a secret reply is made again, not stored', async () => {
  const key = randomUUID();
  const first = await post(key, { value: 'a' }, '/v1/secret');
  const again = await post(key, { value: 'a' }, '/v1/secret');
  expect(again.body).toEqual(first.body);
  const { rows } = await api.db.query<{ body: string }>('SELECT body FROM idempotency_keys WHERE key = $1', [
    key,
  ]);
  expect(rows).toEqual([{ body: '' }]);
});
