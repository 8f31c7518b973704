import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import kafkajs from 'kafkajs';
import { createApp } from '../api/app.ts';
import { createCodec } from '../events/codec/codec.ts';
import { createBroker } from '../events/kafkajs/broker.ts';
import { openRegistry } from '../events/codec/registry.ts';
import { loadConfig } from '../platform/config.ts';
import { createLog } from '../platform/log.ts';
import { createMetrics } from '../platform/metrics.ts';
import { openTemporal } from '../platform/temporal.ts';
import { openDb } from '../store/db.ts';
import { createJournalBatcher } from '../store/ledger/journal-batcher.ts';

/** One contestant of the publish bench, in a process of its own: `ours` or a `bare` handler with a raw producer. */
export type PublishKind = 'ours' | 'bare';
export type PublishServerTask = {
  kind: PublishKind;
  databaseUrl: string;
  brokers: readonly string[];
  prefix: string;
};

const connectionCount = 20;
export const bareTopic = 'bench.bare';

async function ourApp({ databaseUrl, brokers, prefix }: PublishServerTask) {
  const db = openDb({ url: databaseUrl, connectionCountMax: connectionCount, applicationName: 'bench' });
  const log = createLog('bench', 'error');
  const metrics = createMetrics();
  const broker = createBroker({ brokers, clientId: 'bench-publish', prefix, log });
  const codec = createCodec(await openRegistry(db));
  return createApp({
    db,
    batcher: createJournalBatcher({ db, metrics }),
    // publishing is no story: nothing here connects to it
    temporal: openTemporal({
      address: '127.0.0.1:1',
      namespace: 'default',
      taskQueuePrefix: '',
      uiUrl: 'http://127.0.0.1:1',
    }),
    metrics,
    log,
    config: { ...loadConfig({}), RATE_LIMIT_PERCENT: 0 },
    playerEvents: { subscribe: () => () => {} },
    events: { broker, codec, origin: { source: '/lootledger/bench', ledgerEpoch: 1 } },
  });
}

type BareEvent = { id: string; subject: string };

/** What one would write first: the body as it comes, as JSON, one send per request; nobody asks who it is. */
async function bareApp({ brokers, prefix }: PublishServerTask): Promise<Hono> {
  const kafka = new kafkajs.Kafka({
    clientId: 'bench-bare',
    brokers: [...brokers],
    logLevel: kafkajs.logLevel.NOTHING,
  });
  const producer = kafka.producer({
    allowAutoTopicCreation: false,
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
  });
  await producer.connect();
  const app = new Hono();
  app.post('/v1/events', async (http) => {
    const body = await http.req.json<BareEvent | BareEvent[]>();
    const events = [body].flat();
    const messages = events.map((event) => ({
      key: event.subject,
      value: JSON.stringify(event),
      headers: { ce_id: event.id },
    }));
    await producer.send({ topic: prefix + bareTopic, acks: -1, messages });
    return http.json({ events: events.map(({ id }) => ({ id })) });
  });
  return app;
}

if (import.meta.main) {
  const [task] = (await once(process, 'message')) as [PublishServerTask];
  const app = task.kind === 'ours' ? await ourApp(task) : await bareApp(task);
  const server = createAdaptorServer({
    fetch: app.fetch,
    // a contestant waits while the other runs: a connection closed meanwhile would reset the next request
    serverOptions: { keepAliveTimeout: 300_000 },
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  process.send?.({ port: (server.address() as AddressInfo).port });
  process.on('disconnect', () => process.exit());
}
