import { randomUUID } from 'node:crypto';
import { afterAll, expect, test } from 'vitest';
import { createApp } from '../../api/app.ts';
import { startApi } from '../../api/main.ts';
import { startRelay } from '../../events/relay/relay.ts';
import { startStreams } from '../../events/streams/start-streams.ts';
import { streams as catalogue } from '../../events/streams/streams.ts';
import { eventually, tell } from '../events/support.ts';
import { kafkaApi } from './kafka-api.ts';
import { sendTo } from './support.ts';

const own = ['economy.mailbox', 'notifications.player'];
const api = await kafkaApi([...new Set([...catalogue.flatMap(({ topics }) => topics), ...own])]);
const { metrics, log } = api.deps;
const relay = startRelay({ ...api.events, db: api.db, metrics, log, crash: () => {} });
const eventStreams = startStreams({ ...api.events, log });
afterAll(() => Promise.all([relay.stop(), eventStreams.stop()]));
const app = createApp({ ...api.deps, eventStreams });

const scopes = ['streams:read', 'subscriptions:write'];
const operator = await api.key([...scopes, 'keys:write'], 'leaver');
const ask = (method: string, path: string, body?: object) =>
  sendTo(app, method, path, { token: operator, key: randomUUID(), ...(body !== undefined && { body }) });
const open = (path: string, token: string) =>
  app.request(path, { headers: { authorization: `Bearer ${token}`, accept: 'text/event-stream' } });

/** All that a stream says, until it ends. */
async function follow(path: string, token: string) {
  const response = await open(path, token);
  expect(response.status).toBe(200);
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  const heard = { text: '', isOver: false, close: () => reader.cancel() };
  void (async () => {
    for (let part = await reader.read(); !part.done; part = await reader.read()) heard.text += part.value;
    heard.isOver = true;
  })();
  return heard;
}

test('a key that is revoked ends every stream it has open, and nobody else’s', async () => {
  const topics = { publish: [], read: ['audit.trail'] };
  const made = await ask('POST', '/v1/api-keys', { clientId: 'leaver', scopes, topics });
  const { keyId, secret } = made.body as { keyId: string; secret: string };
  const subscribed = await ask('POST', '/v1/subscriptions', { topicPattern: 'audit.trail', method: 'sse' });
  const paths = [
    '/v1/streams/audit',
    `/v1/subscriptions/${String(subscribed.body['subscriptionId'])}/events`,
  ];
  const ending = await Promise.all(paths.map((path) => follow(path, secret)));
  const staying = await follow('/v1/streams/audit', operator);
  expect((await ask('DELETE', `/v1/api-keys/${keyId}`)).status).toBe(204);
  await eventually('they end', () => ending.every(({ isOver }) => isOver));
  for (const path of paths) expect((await open(path, secret)).status).toBe(401);
  const data = { actor: 'system:test', action: 'test', target: 'x', detail: 'after the key' };
  await tell(api.db, { type: 'audit.trail.recorded.v1', key: 'system:test', data });
  await eventually('the other hears on', () => staying.text.includes('after the key'));
  expect([staying.isOver, ending.some(({ text }) => text.includes('after the key'))]).toEqual([false, false]);
  await staying.close();
});

test('a key that is revoked ends its streams in other processes, too', async () => {
  const { url, stop } = await startApi({ ...api.deps, eventStreams }, { host: '127.0.0.1', port: 0 });
  const made = await ask('POST', '/v1/api-keys', { clientId: 'leaver', scopes: ['streams:read'] });
  const { keyId, secret } = made.body as { keyId: string; secret: string };
  const openThere = (token: string, name = '/market') =>
    fetch(`${url}/v1/streams${name}`, { headers: { authorization: `Bearer ${token}` } });
  const [ending, staying] = await Promise.all([openThere(secret), openThere(operator)]);
  expect([ending.status, staying.status]).toEqual([200, 200]);
  expect((await ask('DELETE', `/v1/api-keys/${keyId}`)).status).toBe(204);
  expect(await ending.text()).toContain('event: dropped');
  await eventually('it opens none there', async () => (await openThere(secret, '')).status === 401);
  const reader = staying.body!.getReader();
  expect((await reader.read()).done).toBe(false);
  await reader.cancel();
  await stop();
});
