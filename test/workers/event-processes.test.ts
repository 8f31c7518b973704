import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, expect, inject, test } from 'vitest';
import { parseEconomy } from '../../domain/economy/validate-economy.ts';
import { createBroker } from '../../events/kafkajs/broker.ts';
import { loadConfig } from '../../platform/config.ts';
import { createLog } from '../../platform/log.ts';
import { createMetrics } from '../../platform/metrics.ts';
import { openTemporal } from '../../platform/temporal.ts';
import { startTracing } from '../../platform/tracing.ts';
import { listDeadLetters } from '../../store/dead-letters/reads.ts';
import { applyEconomy } from '../../store/economy/apply-economy.ts';
import { startConsumersProcess } from '../../workers/consumers.ts';
import { startRelayProcess } from '../../workers/outbox-relay.ts';
import { openRedrive } from '../../store/redrives/open-redrive.ts';
import { listRedriveLetters, readRedrive } from '../../store/redrives/reads.ts';
import { redriveStart } from '../../workflows/messages.ts';
import type { redrive } from '../../workflows/redrive.ts';
import { countRows, eventually } from '../events/support.ts';
import { testDatabase } from '../support/database.ts';

const { db, url } = await testDatabase();
const { kafkaBrokers, temporalAddress } = inject('servers');
const prefix = `t${randomUUID().slice(0, 8)}.`;
const config = loadConfig({
  DATABASE_URL: url,
  KAFKA_BROKERS: kafkaBrokers.join(','),
  KAFKA_TOPIC_PREFIX: prefix,
  TEMPORAL_ADDRESS: temporalAddress,
  TEMPORAL_TASK_QUEUE_PREFIX: prefix,
});
const log = createLog('test', 'silent');
const tracing = startTracing({ service: 'test', environment: 'test' });
const parts = { config, log, metrics: createMetrics(), tracing, crash: () => {}, db };
const temporal = openTemporal({
  address: temporalAddress,
  namespace: 'default',
  taskQueuePrefix: prefix,
  uiUrl: config.TEMPORAL_UI_URL,
});
const broker = createBroker({ brokers: kafkaBrokers, clientId: 'test', prefix, log });
await applyEconomy(
  db,
  parseEconomy(JSON.parse(await readFile(new URL('../../economies/arena.json', import.meta.url), 'utf8'))),
  { actor: 'test' },
);
const processes = await Promise.all([startRelayProcess(parts), startConsumersProcess(parts)]);
afterAll(async () => {
  await Promise.all(processes.map((part) => part.stop()));
  await broker.admin.deleteTopics(await broker.admin.listTopics());
  await Promise.all([broker.close(), temporal.close(), tracing.shutdown()]);
});

test(
  'a poison event waits with all that follows it, others go on, and the redrive workflow puts it back in order',
  { timeout: 180_000 },
  async () => {
    const [stranger, known] = [`late-${randomUUID().slice(0, 8)}`, `early-${randomUUID().slice(0, 8)}`];
    const addClient = (clientId: string) =>
      db.query(
        "INSERT INTO api_keys (id, client_id, hash, prefix, scopes) VALUES ($1, $2, $3, 'test_', '{results:write}')",
        [randomUUID(), clientId, randomUUID()],
      );
    await addClient(known);
    const report = (clientId: string, key: string, externalMatchId: string) => {
      const headers = {
        ce_id: randomUUID(),
        ce_type: 'game.result.reported.v1',
        ce_source: `/clients/${clientId}`,
        'content-type': 'application/json',
      };
      const players = [
        {
          player: { issuer: clientId, subject: 'a' },
          outcome: 'winner',
          placement: null,
          score: null,
          resources: '3',
        },
      ];
      return {
        topic: 'game.result',
        key: Buffer.from(key),
        value: Buffer.from(
          JSON.stringify({ reference: externalMatchId, externalMatchId, mode: 'duel', players }),
        ),
        headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)])),
      };
    };
    await eventually('topics', async () => (await broker.admin.listTopics()).includes('game.result.dlq'));
    const reports = [
      report(stranger, 'one-key', 'm1'),
      report(known, 'one-key', 'm2'),
      report(known, 'one-key', 'm3'),
      report(known, 'other-key', 'm4'),
    ];
    // a topic is listed before its partitions have a leader; what is sent twice has the same ids
    await eventually('leaders', () =>
      broker.send(reports, 5_000).then(
        () => true,
        () => false,
      ),
    );
    await eventually(
      'the other key',
      async () => (await countRows(db, 'matches', "external_id = 'm4'")) === 1,
    );
    await eventually('two wait', async () => (await countRows(db, 'parked_events')) === 2);
    const letter = (await listDeadLetters(db, { status: 'waiting', limit: 1 }))[0]!;
    expect(letter).toMatchObject({ group: 'external-results', errorClass: 'unknown_source' });

    const start = async (preview = false) => {
      const asked = {
        redriveId: randomUUID(),
        requestedBy: 'operator',
        selection: { filter: { group: 'external-results' } },
        preview,
        discardReason: null,
        force: false,
        ratePerSecond: null,
      };
      const { redriveId, letterCount } = await openRedrive(db, asked);
      const taskQueue = temporal.taskQueue('events');
      const options = { ...redriveStart(redriveId, letterCount), taskQueue };
      return {
        redriveId,
        result: await temporal.client.workflow.execute<typeof redrive>('redrive', options),
      };
    };
    const tooEarly = await start();
    expect(tooEarly.result).toEqual({
      status: 'completed',
      handledCount: 0,
      keptCount: 1,
      releasedCount: 0,
    });
    await addClient(stranger);
    const preview = await start(true);
    expect(preview.result).toMatchObject({ handledCount: 1, releasedCount: 0 });
    const [rehearsed] = await listRedriveLetters(db, { redriveId: preview.redriveId, after: 0, limit: 10 });
    expect(rehearsed).toMatchObject({ outcome: 'handled', detail: { parkedBehindCount: 2 } });
    expect(await countRows(db, 'matches', "external_id = 'm1'")).toBe(0);
    const done = await start();
    expect(done.result).toEqual({
      status: 'completed',
      handledCount: 1,
      keptCount: 0,
      releasedCount: 2,
    });
    expect(await readRedrive(db, done.redriveId)).toMatchObject({ state: 'completed', percent: 100 });
    const { rows } = await db.query<{ external_id: string }>(
      "SELECT external_id FROM matches WHERE external_id <> 'm4' ORDER BY ended_at",
    );
    expect(rows.map(({ external_id: id }) => id)).toEqual(['m1', 'm2', 'm3']);
    expect(await countRows(db, 'parked_keys')).toBe(0);
    await eventually(
      'the copy went to the dead-letter topic',
      async () => (await countRows(db, 'event_log', "topic = 'game.result.dlq'")) === 1,
    );
  },
);
