import { randomUUID } from 'node:crypto';
import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createApp } from '../../api/app.ts';
import { createBroker } from '../../events/kafkajs/broker.ts';
import { createLog } from '../../platform/log.ts';
import { loadConfig } from '../../platform/config.ts';
import type { KafkaApi } from './kafka-api.ts';
import { kafkaApi } from './kafka-api.ts';
import type { TestApi } from './support.ts';
import { sendTo } from './support.ts';

const verdict = () => ({
  specversion: '1.0',
  type: 'trust.verdict.cleared.v1',
  data: { subject: `match:${randomUUID()}`, reason: 'fine' },
});
const publish = (api: TestApi, token: string, body: unknown, key = randomUUID(), headers = {}) =>
  api.send('POST', '/v1/events', { token, key, body, headers });

describe('a flood', () => {
  let api: KafkaApi;
  let slow: string;
  let usual: string;
  beforeAll(async () => {
    // the clock stands: what a bucket has is all there is
    api = await kafkaApi(['trust.verdict'], {
      config: { ...loadConfig({}), RATE_LIMIT_PERCENT: 100 },
      nowMs: () => 1_700_000_000_000,
    });
    const maker = await api.key(['keys:write', 'events:write']);
    const keyOf = async (publishPerSecond?: number) => {
      const body = { clientId: 'studio', scopes: ['events:write'], topics: { publish: ['trust.*'] } };
      const made = await api.send('POST', '/v1/api-keys', {
        token: maker,
        key: randomUUID(),
        body: { ...body, ...(publishPerSecond !== undefined && { publishPerSecond }) },
      });
      return String(made.body['secret']);
    };
    slow = await keyOf(20);
    usual = await keyOf();
  });

  test('is stopped at the rate of its key, event by event; other keys go on', async () => {
    // a batch may be larger than what is left; the next one pays
    expect((await publish(api, slow, Array.from({ length: 19 }, verdict))).status).toBe(200);
    expect((await publish(api, slow, Array.from({ length: 100 }, verdict))).status).toBe(200);
    const refused = await publish(api, slow, verdict());
    expect([refused.status, refused.body['code']]).toEqual([429, 'rate_limited']);
    // 99 events owed and one wanted, at 20 a second
    expect(refused.headers.get('retry-after')).toBe('5');
    expect((await publish(api, usual, Array.from({ length: 500 }, verdict))).status).toBe(200);
  });
});

describe('without Kafka', () => {
  let nowhere: Server;
  let api: KafkaApi;
  let token: string;
  beforeAll(async () => {
    // a port that answers nobody: connections are closed at once
    nowhere = createServer((socket) => socket.destroy());
    nowhere.listen(0, '127.0.0.1');
    await once(nowhere, 'listening');
    const { port } = nowhere.address() as AddressInfo;
    api = await kafkaApi([], {}, [`127.0.0.1:${port}`]);
    token = await api.key(['events:write', 'events:read']);
  });
  afterAll(() => void nowhere.close());

  test('publishing answers 503 with advice and keeps the key free; what is asked to be stored is stored', async () => {
    const key = randomUUID();
    const body = verdict();
    const refused = await publish(api, token, body, key);
    expect([refused.status, refused.body['code'], refused.body['canRetry']]).toEqual([
      503,
      'dependency_unavailable',
      true,
    ]);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(refused.body['detail']).toContain('respond-async');
    expect((await publish(api, token, body, key)).status).toBe(503);
    const stored = await publish(api, token, body, key, { prefer: 'respond-async' });
    expect([stored.status, stored.body['status']]).toEqual([202, 'stored']);
    const [{ id }] = stored.body['events'] as [{ id: string }];
    const seen = await api.send('GET', `/v1/events/${id}`, { token });
    expect(seen.body).toMatchObject({ status: 'stored', published: null, groups: [] });
  });

  test('a Kafka that is silent is not waited for without end; the outcome is unknown and the key free', async () => {
    const silent = createServer(() => {});
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const broker = createBroker({
      brokers: [`127.0.0.1:${port}`],
      clientId: 'test',
      prefix: 'silent.',
      log: createLog('test', 'silent'),
    });
    const app = createApp({ ...api.deps, events: { ...api.events, broker } });
    const key = randomUUID();
    const body = verdict();
    const refused = await sendTo(app, 'POST', '/v1/events', { token, key, body });
    expect([refused.status, refused.body['code'], refused.body['canRetry']]).toEqual([
      504,
      'outcome_unknown',
      true,
    ]);
    expect((await publish(api, token, body, key, { prefer: 'respond-async' })).status).toBe(202);
    await broker.close().catch(() => {});
    silent.close();
  });

  test('statistics tell what the database knows', async () => {
    const { status, body } = await api.send('GET', '/v1/stats', { token });
    expect([status, body['kafka'], body['published']]).toEqual([200, 'silent', null]);
    expect(body['outbox']).toMatchObject({ waiting: expect.any(Number), oldestSeconds: expect.any(Number) });
  });
});
