import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { startApi } from '../../api/main.ts';
import { LootError } from '../../domain/errors.ts';
import type { TestApi } from './support.ts';
import { testApi } from './support.ts';

let api: TestApi;
let server: Awaited<ReturnType<typeof startApi>>;
const operatorKeys: string[] = [];
beforeAll(async () => {
  api = await testApi();
  server = await startApi(api.deps, {
    host: '127.0.0.1',
    port: 0,
    onOperatorKey: (secret) => operatorKeys.push(secret),
  });
});
afterAll(() => server.stop());

const event = {
  id: 'e-1',
  type: 'economy.grant.granted.v1',
  time: '2026-11-21T12:00:00.000Z',
  data: { key: 'grant' },
};

/** Writes bytes as they are and reads what comes until the server closes. */
async function raw(...parts: (string | (() => Promise<string>))[]): Promise<string> {
  const socket = connect(server.port, '127.0.0.1');
  let answer = '';
  socket.on('data', (chunk) => (answer += chunk.toString()));
  socket.on('error', () => {});
  for (const part of parts) socket.write(typeof part === 'string' ? part : await part());
  await once(socket, 'close');
  return answer;
}

test('the first start prints one operator key, which may do everything; the second prints none', async () => {
  expect(operatorKeys).toHaveLength(1);
  expect((await api.send('GET', '/v1/dead-letters', { token: operatorKeys[0]! })).status).toBe(200);
  const again: string[] = [];
  const second = await startApi(api.deps, {
    host: '127.0.0.1',
    port: 0,
    onOperatorKey: (secret) => again.push(secret),
  });
  await second.stop();
  expect(again).toEqual([]);
});

test('the docs page and its script come from here, without another host', async () => {
  const page = await (await fetch(`${server.url}/docs`)).text();
  expect(page).toContain('src="/docs/scalar.js"');
  expect(page).not.toMatch(/https?:\/\//);
  const script = await fetch(`${server.url}/docs/scalar.js`);
  expect(script.headers.get('content-type')).toContain('text/javascript');
  expect((await script.text()).length).toBeGreaterThan(100_000);
  expect(((await (await fetch(`${server.url}/openapi.json`)).json()) as { openapi: string }).openapi).toBe(
    '3.1.0',
  );
});

test('what is refused before there is a request is a problem document too', async () => {
  expect(await raw('NOT HTTP\r\n\r\n')).toMatch(/^HTTP\/1.1 400 [^]*"code":"bad_request"/);
  const headers = `X-Long: ${'a'.repeat(70_000)}\r\n`;
  expect(await raw(`GET /livez HTTP/1.1\r\nHost: x\r\n${headers}\r\n`)).toMatch(
    /^HTTP\/1.1 431 [^]*"code":"headers_too_large"/,
  );
  expect(await raw(`GET /${'a'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)).toMatch(
    /^HTTP\/1.1 414 [^]*"code":"uri_too_long"/,
  );
});

test('an upgrade to anything but a web socket is an ordinary request, and its client may break off', async () => {
  const socket = connect(server.port, '127.0.0.1');
  socket.write('GET /livez HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n');
  const answered = await Promise.race([once(socket, 'data').then(String), sleep(60_000, 'nothing')]);
  expect(answered).toMatch(/^HTTP\/1.1 200 /);
  socket.resetAndDestroy();
  await once(socket, 'close');
  expect((await fetch(`${server.url}/livez`)).status).toBe(200);
});

test('a refused web socket whose client keeps its half open does not stay', async () => {
  const other = await startApi(api.deps, { host: '127.0.0.1', port: 0 });
  const socket = connect({ port: other.port, host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => {});
  socket.resume();
  socket.write(
    'GET /v1/stream HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  );
  await once(socket, 'end');
  // while the server keeps its half it takes what the client says; gone, it refuses that
  const gone = new Promise((resolve) => socket.once('close', resolve));
  const talk = setInterval(() => socket.write('?'), 50);
  await gone;
  clearInterval(talk);
  await other.stop();
});

test('a chunked body beyond the limit is refused and the connection closed', async () => {
  const chunk = `${(32_768).toString(16)}\r\n${' '.repeat(32_768)}\r\n`;
  const head =
    'POST /v1/auth/guest HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n';
  const answer = await raw(head, chunk, chunk, chunk);
  expect(answer).toMatch(/^HTTP\/1.1 413 /);
  expect(answer.toLowerCase()).toContain('connection: close');
});

test('the socket carries the own events of its player and nobody else’s', async () => {
  const [mine, other] = [await api.player(), await api.player()];
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/v1/stream`, [
    'lootledger.v1',
    `bearer.${mine.token}`,
  ]);
  const frames: { kind: string; id?: string }[] = [];
  socket.on('message', (data) => frames.push(JSON.parse((data as Buffer).toString()) as { kind: string }));
  await once(socket, 'message');
  expect(socket.protocol).toBe('lootledger.v1');
  api.push(other.playerId, { ...event, id: 'not-mine' });
  api.push(mine.playerId, event);
  socket.send('{"kind":"ping"}');
  while (frames.length < 3) await once(socket, 'message');
  expect(frames.map(({ kind, id }) => id ?? kind)).toEqual(['welcome', 'e-1', 'pong']);
  socket.close();
  await once(socket, 'close');
});

test('the third frame that is no message closes the socket with 1008', async () => {
  const { token } = await api.player();
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/v1/stream`, {
    headers: { authorization: `Bearer ${token}` },
  });
  await once(socket, 'message');
  for (const frame of ['{', '[]', '{"kind":"shout"}']) socket.send(frame);
  const [code] = (await once(socket, 'close')) as [number];
  expect(code).toBe(1008);
});

test('a socket needs a token and an allowed origin', async () => {
  const { token } = await api.player();
  const statusOf = async (headers: Record<string, string>) => {
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/v1/stream`, { headers });
    const [, response] = (await once(socket, 'unexpected-response')) as [unknown, { statusCode: number }];
    socket.on('error', () => {});
    socket.terminate();
    return response.statusCode;
  };
  expect(await statusOf({})).toBe(401);
  expect(await statusOf({ authorization: `Bearer ${token}`, origin: 'https://elsewhere.example' })).toBe(403);
});

test('the event stream carries the same, and ends when the server stops', async () => {
  const { token, playerId } = await api.player();
  const second = await startApi(api.deps, { host: '127.0.0.1', port: 0 });
  const response = await fetch(`${second.url}/v1/stream/events`, {
    headers: { authorization: `Bearer ${token}` },
  });
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  api.push(playerId, event);
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  while (!text.includes('e-1')) text += (await reader.read()).value;
  expect(text).toContain('event: economy.grant.granted.v1\n');
  await second.stop();
  while (!(await reader.read()).done);
});

test('a player has at most five streams; the sixth is refused with 429 until one ends', async () => {
  const { token } = await api.player();
  const headers = { authorization: `Bearer ${token}` };
  const open = () => new WebSocket(`${server.url.replace('http', 'ws')}/v1/stream`, { headers });
  const sockets = Array.from({ length: 5 }, open);
  await Promise.all(sockets.map((socket) => once(socket, 'message')));
  const sixth = open();
  sixth.on('error', () => {});
  const [, refused] = (await once(sixth, 'unexpected-response')) as [unknown, { statusCode: number }];
  expect(refused.statusCode).toBe(429);
  sixth.terminate();
  const events = () => fetch(`${server.url}/v1/stream/events`, { headers });
  expect(await (await events()).json()).toMatchObject({ code: 'rate_limited' });
  sockets[0]!.close();
  await once(sockets[0]!, 'close');
  const again = await events();
  expect(again.status).toBe(200);
  await again.body!.cancel();
  for (const socket of sockets) socket.terminate();
});

test('a stream that cannot be resumed, is asked for what never was, or is too far behind, is ended', async () => {
  let openCount = 0;
  const other = await testApi({
    playerEvents: {
      subscribe(_playerId, onEvent, { lastEventId, onLost } = {}) {
        if (lastEventId === 'foreign') throw new LootError('validation_failed', 'not one of ours');
        openCount += 1;
        if (lastEventId === 'lost') queueMicrotask(() => onLost?.());
        else for (let i = 0; i < 3; i++) onEvent({ ...event, data: { key: 'x'.repeat(700_000) } });
        return () => void (openCount -= 1);
      },
    },
  });
  const { token } = await other.player();
  const headers = { authorization: `Bearer ${token}` };
  const read = (lastEventId: string) =>
    other.app.request('/v1/stream/events', { headers: { ...headers, 'last-event-id': lastEventId } });
  expect((await read('foreign')).status).toBe(422);
  for (const lastEventId of ['lost', 'behind']) await (await read(lastEventId)).text();
  expect(openCount).toBe(0);

  const second = await startApi(other.deps, { host: '127.0.0.1', port: 0 });
  const codeOf = async (lastEventId: string) => {
    const url = `${second.url.replace('http', 'ws')}/v1/stream?lastEventId=${lastEventId}`;
    return ((await once(new WebSocket(url, { headers }), 'close')) as [number])[0];
  };
  expect([await codeOf('lost'), await codeOf('foreign')]).toEqual([1013, 1008]);
  await second.stop();
});

test('at shutdown readiness fails first', async () => {
  let stopping = false;
  const other = await testApi({ isStopping: () => stopping });
  expect((await other.send('GET', '/readyz')).status).toBe(200);
  stopping = true;
  expect((await other.send('GET', '/readyz')).status).toBe(503);
  expect((await other.send('GET', '/livez')).status).toBe(200);
});
