import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createCaller } from '../../client/call.ts';
import { ProblemError } from '../../client/problem-error.ts';
import { createSession } from '../../client/session.ts';

type Seen = {
  method: string;
  path: string;
  key: string | undefined;
  token: string | undefined;
  body: string;
};
type Say = (status: number, body: unknown, headers?: Record<string, string>) => void;

const servers: { close(): void }[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** An API that answers what the test says, request by request. */
async function api(answer: (seen: Seen, index: number, say: Say, response: ServerResponse) => void) {
  const seen: Seen[] = [];
  const server = createServer((request: IncomingMessage, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const key = request.headers['idempotency-key'];
      const one = {
        method: request.method ?? '',
        path: request.url ?? '',
        key: key?.toString(),
        token: request.headers.authorization,
        body,
      };
      const index = seen.push(one) - 1;
      answer(
        one,
        index,
        (status, reply, headers = {}) => {
          response
            .writeHead(status, { 'content-type': 'application/json', ...headers })
            .end(JSON.stringify(reply));
        },
        response,
      );
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  servers.push({ close: () => (server.closeAllConnections(), server.close()) });
  return { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

const problem = (status: number, code: string) => ({ type: '', title: '', status, code, detail: 'because' });
const retry = { firstDelayMs: 1, delayMsMax: 5 };

describe('a call', () => {
  it('is sent again with the same Idempotency-Key and body when the connection breaks', async () => {
    const { baseUrl, seen } = await api((_, index, say, response) =>
      index === 0 ? response.destroy() : say(201, { id: 'g' }),
    );
    const answer = await createCaller({ baseUrl, retry })('POST', '/v1/grants', { body: { amount: '1' } });
    expect(answer).toMatchObject({ status: 201, body: { id: 'g' }, replayed: false });
    expect(seen).toHaveLength(2);
    expect(seen[1]).toEqual(seen[0]);
    expect(seen[0]?.key).toMatch(/^.{36}$/);
  });

  it('waits as long as the server asks while the first one is still handled, and says that it is a replay', async () => {
    const { baseUrl, seen } = await api((_, index, say) =>
      index === 0
        ? say(409, problem(409, 'request_in_flight'), { 'retry-after': '1' })
        : say(201, {}, { 'idempotency-replayed': 'true' }),
    );
    const startedMs = performance.now();
    const answer = await createCaller({ baseUrl, retry })('POST', '/v1/grants', {
      body: {},
      idempotencyKey: 'mine',
    });
    expect(answer.replayed).toBe(true);
    expect(performance.now() - startedMs).toBeGreaterThan(990);
    expect(seen.map(({ key }) => key)).toEqual(['mine', 'mine']);
  });

  it('gives up with the problem when a retry cannot help, at once', async () => {
    const { baseUrl, seen } = await api((_, __, say) => say(402, problem(402, 'insufficient_funds')));
    const error = await createCaller({ baseUrl, retry })('POST', '/v1/spends', { body: {} }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(ProblemError);
    expect(error).toMatchObject({ code: 'insufficient_funds', status: 402 });
    expect(seen).toHaveLength(1);
  });

  it('gives up after its tries when the server stays away', async () => {
    const { baseUrl, seen } = await api((_, __, say) => say(503, problem(503, 'dependency_unavailable')));
    const call = createCaller({ baseUrl, retry: { ...retry, tryCountMax: 3 } });
    await expect(call('GET', '/v1/wallet')).rejects.toMatchObject({ code: 'dependency_unavailable' });
    expect(seen).toHaveLength(3);
  });

  it('keeps one shape for answers that are no problem documents', async () => {
    const { baseUrl } = await api((_, __, _say, response) => response.writeHead(404).end('<html>'));
    await expect(createCaller({ baseUrl, retry })('GET', '/')).rejects.toMatchObject({
      status: 404,
      code: 'unreadable_answer',
    });
  });
});

describe('a session', () => {
  const tokens = (n: number, expiresInMs = 900_000) => ({
    playerId: 'p',
    accessToken: `a${n}`,
    tokenType: 'Bearer',
    expiresInMs,
    refreshToken: `r${n}`,
  });

  it('rotates once for all requests that meet an expired token, and sends them again', async () => {
    let rotationCount = 0;
    const { baseUrl } = await api((seen, _, say) => {
      if (seen.path === '/v1/auth/guest') return say(201, tokens(0));
      if (seen.path === '/v1/auth/refresh') return say(200, tokens(++rotationCount));
      return seen.token === 'Bearer a1' ? say(200, { ok: true }) : say(401, problem(401, 'unauthenticated'));
    });
    const session = createSession({ baseUrl, retry });
    await session.guest('s'.repeat(32));
    const call = createCaller({ baseUrl, retry, credential: (refused) => session.accessToken(refused) });
    const answers = await Promise.all([1, 2, 3].map(() => call('GET', '/v1/wallet')));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(rotationCount).toBe(1);
  });

  it('rotates before the token expires', async () => {
    const { baseUrl, seen } = await api((one, _, say) =>
      say(200, one.path === '/v1/auth/guest' ? tokens(0, 10_000) : tokens(1)),
    );
    const session = createSession({ baseUrl, retry });
    await session.guest('s'.repeat(32));
    expect(await session.accessToken()).toBe('a1');
    expect(seen.map(({ path }) => path)).toEqual(['/v1/auth/guest', '/v1/auth/refresh']);
    expect(JSON.parse(seen[1]?.body ?? '')).toEqual({ refreshToken: 'r0' });
  });

  it('never sends a refresh token twice by itself: its family would be revoked', async () => {
    const { baseUrl, seen } = await api((one, _, say, response) =>
      one.path === '/v1/auth/guest' ? say(200, tokens(0, 10_000)) : response.destroy(),
    );
    const session = createSession({ baseUrl, retry });
    await session.guest('s'.repeat(32));
    await expect(session.accessToken()).rejects.toThrow('fetch failed');
    expect(seen.filter(({ path }) => path === '/v1/auth/refresh')).toHaveLength(1);
  });
});
