import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { subscriptionCountMax } from '../../store/subscriptions/create-subscription.ts';
import { createOwnTopic } from '../../store/own-topics/create-own-topic.ts';
import { queueDelivery } from '../../store/subscriptions/queue-delivery.ts';
import { validSecretIds } from '../../store/subscriptions/secrets.ts';
import { loadConfig } from '../../platform/config.ts';
import type { Sent } from './support.ts';
import { testApi } from './support.ts';

const config = { ...loadConfig({}), RATE_LIMIT_PERCENT: 0, WEBHOOK_ALLOWED_HOSTS: ['127.0.0.1:9'] };
const api = await testApi({ config });
const all = { publish: ['*'], read: ['*'] };
const operator = await api.key(['subscriptions:write'], 'operator', all);
const studio = await api.key(['subscriptions:write'], 'studio', {
  publish: ['shop.*'],
  read: ['game.*', 'shop.*'],
});
const other = await api.key(['subscriptions:write'], 'other', { publish: [], read: ['game.*'] });

const webhook = { topicPattern: 'game.match', method: 'webhook', url: 'http://127.0.0.1:9/hook' };
const post = (token: string, path: string, body: unknown = {}, key: string = randomUUID()) =>
  api.send('POST', `/v1/subscriptions${path}`, { token, key, body });
const get = (token: string, path: string) => api.send('GET', `/v1/subscriptions${path}`, { token });
const made = async (body: unknown = webhook, token = studio): Promise<string> =>
  String((await post(token, '', body)).body['subscriptionId']);
const pointersOf = ({ body }: Sent): string[] =>
  ((body['errors'] ?? []) as { pointer: string }[]).map(({ pointer }) => pointer);

test('a webhook’s secret is shown once, and again only to the same request', async () => {
  const key = randomUUID();
  const created = await post(studio, '', webhook, key);
  expect(created).toMatchObject({
    status: 201,
    body: { state: 'active', secret: expect.stringMatching(/^whsec_[A-Za-z0-9+/]{43}=$/) as string },
  });
  expect((await post(studio, '', webhook, key)).body).toEqual(created.body);
  const path = `/${String(created.body['subscriptionId'])}`;
  const read = await get(studio, path);
  expect(read.headers.get('etag')).toBe('"1"');
  expect(read.text).not.toContain('whsec_');
  const rotated = await post(studio, `${path}/secret`, {}, key);
  expect(rotated.body['secret']).not.toBe(created.body['secret']);
  expect((await post(studio, `${path}/secret`, {}, key)).body).toEqual(rotated.body);
});

test('a new secret ends the one before it after its grace, or at once', async () => {
  const id = await made();
  const rotate = async (graceMs: number) => {
    expect((await post(studio, `/${id}/secret`, { graceMs })).status).toBe(200);
    return validSecretIds(api.db, id);
  };
  const [first] = await validSecretIds(api.db, id);
  const both = await rotate(3_600_000);
  expect(both).toHaveLength(2);
  expect(both[1]).toBe(first);
  const [last, ...others] = await rotate(0);
  expect([both.includes(last ?? ''), others]).toEqual([false, []]);
  expect((await post(other, `/${id}/secret`, { graceMs: 0 })).status).toBe(404);
  expect(await validSecretIds(api.db, id)).toEqual([last]);
});

test('a change names the version it has seen', async () => {
  const path = `/v1/subscriptions/${await made()}`;
  const change = { topicPattern: 'game.*', url: webhook.url, maxRetries: 2 };
  const put = (etag?: string, body: object = change) =>
    api.send('PUT', path, {
      token: studio,
      key: randomUUID(),
      body,
      headers: { ...(etag !== undefined && { 'if-match': etag }) },
    });
  expect((await put()).status).toBe(428);
  expect((await put('"7"')).status).toBe(412);
  const changed = await put('"1"');
  expect(changed).toMatchObject({ status: 200, body: { topicPattern: 'game.*', maxRetries: 2 } });
  expect(changed.headers.get('etag')).toBe('"2"');
  expect((await put('"1"', { ...change, maxRetries: 3 })).status).toBe(412);
  // the answer to the same change was lost
  const again = await put('"1"');
  expect([again.status, again.headers.get('etag')]).toEqual([200, '"2"']);
  const remove = (etag: string) =>
    api.send('DELETE', path, { token: studio, key: randomUUID(), body: {}, headers: { 'if-match': etag } });
  expect((await remove('"1"')).status).toBe(412);
  expect((await remove('"2"')).status).toBe(204);
  expect((await remove('"2"')).status).toBe(204);
  expect((await remove('"3"')).status).toBe(404);
  const { rows } = await api.db.query('SELECT action FROM audit_entries WHERE target = $1 ORDER BY id', [
    `subscription:${path.split('/').at(-1) ?? ''}`,
  ]);
  expect(rows.map((row) => row['action'])).toEqual([
    'subscription.created',
    'subscription.changed',
    'subscription.deleted',
  ]);
  expect((await api.send('GET', path, { token: studio })).status).toBe(404);
});

test('a client sees its own alone; a key that may read everything sees all', async () => {
  const id = await made();
  for (const [method, path] of [
    ['GET', `/${id}`],
    ['GET', `/${id}/deliveries`],
    ['POST', `/${id}/pause`],
    ['POST', `/${id}/ping`],
    ['POST', `/${id}/secret`],
  ] as const) {
    const options = { token: other, key: randomUUID(), ...(method === 'POST' && { body: {} }) };
    expect([path, (await api.send(method, `/v1/subscriptions${path}`, options)).status]).toEqual([path, 404]);
  }
  const idsOf = ({ body }: Sent) =>
    (body['items'] as { subscriptionId: string }[]).map(({ subscriptionId }) => subscriptionId);
  expect(idsOf(await get(other, ''))).not.toContain(id);
  expect(idsOf(await get(studio, ''))).toContain(id);
  expect(idsOf(await get(operator, '?limit=100'))).toContain(id);
});

test('every topic a pattern matches must be readable', async () => {
  expect((await post(studio, '', { ...webhook, topicPattern: 'market.trade' })).status).toBe(403);
  expect((await post(studio, '', { ...webhook, topicPattern: '*' })).status).toBe(403);
  expect((await post(operator, '', { ...webhook, topicPattern: '*' })).status).toBe(201);
  const nothing = await post(studio, '', { ...webhook, topicPattern: 'game.nothing' });
  expect([nothing.status, pointersOf(nothing)]).toEqual([422, ['/topicPattern']]);
});

test.each([
  ['no URL', { ...webhook, url: undefined }, '/url'],
  ['http', { ...webhook, url: 'http://example.com/' }, '/url'],
  ['loopback', { ...webhook, url: 'https://127.0.0.1/' }, '/url'],
  ['loopback, decimal', { ...webhook, url: 'https://2130706433/' }, '/url'],
  ['metadata, mapped', { ...webhook, url: 'https://[::ffff:169.254.169.254]/' }, '/url'],
  ['a user in the URL', { ...webhook, url: 'https://a:b@example.com/' }, '/url'],
  ['a port of the system', { ...webhook, url: 'https://example.com:25/' }, '/url'],
  ['another port of the allowed host', { ...webhook, url: 'http://127.0.0.1:10/' }, '/url'],
  ['a URL of a stream', { topicPattern: 'game.match', method: 'sse', url: webhook.url }, '/url'],
  ['no topic to copy to', { topicPattern: 'game.match', method: 'kafka' }, '/targetTopic'],
  [
    'a topic of ours',
    { topicPattern: 'game.match', method: 'kafka', targetTopic: 'game.player' },
    '/targetTopic',
  ],
  ['a topic with a URL', { ...webhook, targetTopic: 'shop.copy' }, '/targetTopic'],
  ['an unknown method', { ...webhook, method: 'pigeon' }, '/method'],
  ['an unknown field', { ...webhook, retries: 3 }, '/retries'],
  ['a pattern within', { ...webhook, topicPattern: 'game.*.x' }, '/topicPattern'],
  ['a filter that is text', { ...webhook, filter: 'type = x' }, '/filter'],
  ['a filter with an unknown member', { ...webhook, filter: { data: 1 } }, '/filter/data'],
  ['a start to come', { ...webhook, start: '2999-01-01T00:00:00.000Z' }, '/start'],
  ['a batch of none', { ...webhook, batching: { maxEvents: 0, maxWaitMs: 0 } }, '/batching/maxEvents'],
  ['no delay', { ...webhook, retryDelayMs: 0 }, '/retryDelayMs'],
])('%s is refused with its place', async (_, body, pointer) => {
  const reply = await post(studio, '', body);
  expect([reply.status, pointersOf(reply)]).toEqual([422, [pointer]]);
});

test('what is copied to a topic of one’s own must not be copied again', async () => {
  const topic = {
    name: 'shop.copy',
    description: '',
    partitionCount: 1,
    retentionMs: 86_400_000,
    category: 'analytics',
    ownerClientId: 'studio',
    classification: 'internal' as const,
    deadLetters: false,
    recordBytesMax: 1_048_576,
  };
  await api.db.transaction((tx) => createOwnTopic(tx, topic));
  const copy = { topicPattern: 'game.match', method: 'kafka', targetTopic: 'shop.copy' };
  expect((await post(studio, '', copy)).status).toBe(201);
  const loop = await post(studio, '', { ...copy, topicPattern: 'shop.*' });
  expect([loop.status, pointersOf(loop)]).toEqual([422, ['/targetTopic']]);
  expect((await post(other, '', copy)).status).toBe(422);
});

test('a flood of subscriptions is refused, side by side too', async () => {
  const flooder = await api.key(['subscriptions:write'], 'flooder', { publish: [], read: ['game.*'] });
  const replies = await Promise.all(
    Array.from({ length: subscriptionCountMax + 5 }, () =>
      post(flooder, '', { topicPattern: 'game.match', method: 'sse' }),
    ),
  );
  expect(replies.filter(({ status }) => status === 201)).toHaveLength(subscriptionCountMax);
  const refused = replies.filter(({ status }) => status !== 201);
  expect(refused.map(({ status, body }) => [status, body['code']])).toEqual(
    Array.from({ length: 5 }, () => [409, 'limit_exceeded']),
  );
});

test('a ping waits in the log; only what failed is sent again', async () => {
  const path = `/${await made()}`;
  const ping = await post(studio, `${path}/ping`);
  expect(ping).toMatchObject({ status: 200, body: { kind: 'ping', state: 'pending', attempts: 0 } });
  const deliveryId = String(ping.body['deliveryId']);
  expect((await get(studio, `${path}/deliveries`)).body).toMatchObject({ items: [{ deliveryId }] });
  expect((await get(studio, `${path}/deliveries?state=failed`)).body).toMatchObject({ items: [] });
  const again = `${path}/deliveries/${deliveryId}/redeliver`;
  await api.db.query(`UPDATE deliveries SET state = 'failed', ended_at = now() WHERE id = $1`, [deliveryId]);
  expect((await post(studio, again)).body).toMatchObject({ state: 'pending' });
  await api.db.query(`UPDATE deliveries SET state = 'delivered', ended_at = now() WHERE id = $1`, [
    deliveryId,
  ]);
  expect(await post(studio, again)).toMatchObject({ status: 409, body: { code: 'delivery_closed' } });
  expect((await post(studio, `${path}/deliveries/${randomUUID()}/redeliver`)).status).toBe(404);
});

test('pause and resume say what it is, and every deed is audited', async () => {
  const id = await made();
  expect((await post(studio, `/${id}/pause`)).body).toMatchObject({ state: 'paused' });
  expect((await post(studio, `/${id}/pause`)).body).toMatchObject({ state: 'paused' });
  expect((await post(studio, `/${id}/resume`)).body).toMatchObject({ state: 'active' });
  const { rows } = await api.db.query<{ action: string; actor: string }>(
    'SELECT action, actor FROM audit_entries WHERE target = $1 ORDER BY id',
    [`subscription:${id}`],
  );
  expect(rows).toEqual(
    ['created', 'paused', 'resumed'].map((verb) => ({
      action: `subscription.${verb}`,
      actor: 'client:studio',
    })),
  );
});

test('a private stream goes on behind Last-Event-ID, across connections', async () => {
  const id = await made({ topicPattern: 'game.match', method: 'sse' });
  const event = (n: number) => ({
    specversion: '1.0' as const,
    id: randomUUID(),
    source: '/test',
    type: 'game.match.cancelled.v1',
    subject: 'm',
    time: '2026-11-21T00:00:00.000Z',
    datacontenttype: 'application/json' as const,
    data: { n },
  });
  const tell = (n: number) => api.db.transaction((tx) => queueDelivery(tx, id, event(n)));
  for (const n of [1, 2, 3]) await tell(n);
  const first = await listen(id, '0', 3);
  expect(first.map(({ n }) => n)).toEqual([1, 2, 3]);
  const reading = listen(id, first[1]!.id, 2);
  await tell(4);
  expect((await reading).map(({ n }) => n)).toEqual([3, 4]);
  const bad = await api.send('GET', `/v1/subscriptions/${id}/events`, {
    token: studio,
    headers: { accept: '*/*', 'last-event-id': 'nonsense' },
  });
  expect(bad.status).toBe(422);
});

test('a private stream waits for a slow reader, tells what its key may read, and ends with the key', async () => {
  const id = await made({ topicPattern: 'game.match', method: 'sse' });
  const reader = await api.key(['subscriptions:write'], 'studio', { publish: [], read: ['game.*'] });
  const event = (n: number) => ({
    specversion: '1.0' as const,
    id: randomUUID(),
    source: '/test',
    type: 'game.match.cancelled.v1',
    subject: 'm',
    time: '2026-11-21T00:00:00.000Z',
    datacontenttype: 'application/json' as const,
    data: { n, text: 'x'.repeat(300_000) },
  });
  await api.db.transaction(async (tx) => {
    for (let n = 0; n < 12; n++) {
      const topic = n === 5 ? 'shop.sale' : 'game.match';
      await queueDelivery(tx, id, event(n), { position: { topic, partition: 0, offset: BigInt(n) } });
    }
  });
  const heard = await listen(id, '0', 11, reader);
  expect(heard.map(({ n }) => n)).toEqual([0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11]);
  const ending = [
    listen(id, heard.at(-1)!.id, 1, reader),
    listen(id, heard.at(-1)!.id, 1, await otherKey()),
  ] as const;
  await api.db.query('UPDATE api_keys SET revoked_at = now() WHERE client_id = $2 AND read_topics = $1', [
    ['game.*'],
    'studio',
  ]);
  expect(await ending[0]).toEqual([]);
  await api.db.transaction((tx) => queueDelivery(tx, id, event(12)));
  expect((await ending[1]).map(({ n }) => n)).toEqual([12]);
});

const otherKey = () => api.key(['subscriptions:write'], 'studio');

/** Reads so many events and hangs up. */
async function listen(id: string, lastEventId: string, count: number, token = studio) {
  const response = await api.app.request(`/v1/subscriptions/${id}/events`, {
    headers: { authorization: `Bearer ${token}`, accept: 'text/event-stream', 'last-event-id': lastEventId },
  });
  expect(response.status).toBe(200);
  expect(response.headers.get('cache-control')).toBe('no-store');
  const reader = response.body!.getReader();
  let text = '';
  const found = () =>
    [...text.matchAll(/^id: (\d+)\nevent: [^\n]+\ndata: ([^\n]+)\n\n/gm)].map(([, seq, data]) => ({
      id: seq!,
      n: (JSON.parse(data!) as { data: { n: number } }).data.n,
    }));
  while (found().length < count) {
    const { value, done } = await reader.read();
    if (done) break;
    text += new TextDecoder().decode(value);
  }
  await reader.cancel();
  return found();
}
