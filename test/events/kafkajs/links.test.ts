/** @module-tag once */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { consume } from '../../../events/consumer/consume.ts';
import { createLog } from '../../../platform/log.ts';
import { startKafkaCluster } from '../../../stack/kafka-cluster.ts';
import { openLink } from '../../support/link.ts';
import type { Link } from '../../support/link.ts';
import { cancelled, createEffects, readEffects, recording } from '../recording.ts';
import { countRows, eventTools, eventually, readTopic, relayFor, tell } from '../support.ts';
import { adapters } from './adapters.ts';
import { headerText } from '../../../events/codec/envelope.ts';
import { faultRun } from '../../support/fault-run.ts';

const dir = await mkdtemp(path.join(tmpdir(), 'lootledger-links-'));
const links: Link[] = [];
const cluster = await startKafkaCluster({
  dir,
  nodeCount: 1,
  async advertise(port) {
    const link = await openLink({ port });
    links.push(link);
    return link.port;
  },
});
afterAll(async () => {
  await Promise.all(links.map((link) => link.close()));
  await cluster.stop();
  await rm(dir, { recursive: true, force: true });
});
const tools = await eventTools(['game.match'], 1, cluster.brokers);
await createEffects(tools.url);

test.each(adapters)(
  '$name: after a cut, and after connections that go silent, a consumer goes on where it was',
  { timeout: 300_000 },
  async ({ open }) => {
    const [link] = links;
    const broker = open({
      brokers: cluster.brokers,
      clientId: 'links',
      prefix: tools.prefix,
      log: createLog('test', 'silent'),
    });
    const relay = relayFor(tools);
    const replaced: string[] = [];
    const log = Object.assign(Object.create(tools.log) as typeof tools.log, {
      debug: (fields: { reason?: string }) => void replaced.push(fields.reason ?? ''),
    });
    const handler = recording();
    // shorter than any request may take: it is the watchdog that notices
    const consumer = consume({ ...tools, broker, log }, handler, { silenceMsMax: 4_000 });
    const match = randomUUID();
    const say = async (reason: string) => {
      await tell(tools.db, cancelled(match, reason));
      await eventually(
        reason,
        async () => (await readEffects(tools.db, handler.group)).includes(reason),
        120_000,
      );
    };
    await say('before');
    link?.cut();
    await say('after a cut');
    link?.freeze();
    await say('after a silence');
    expect(replaced.join('\n')).toMatch(/no fetch or no commit for \d+ ms/);
    expect(await readEffects(tools.db, handler.group)).toEqual(['before', 'after a cut', 'after a silence']);
    await consumer.stop();
    await relay.stop();
    await broker.close();
  },
);

test('a relay whose Kafka takes events and never says so sends the same ones again, in order, before any other', async () => {
  const { db } = tools;
  const match = randomUUID();
  const relay = relayFor(tools);
  const sent = () => eventually('it is sent', async () => (await countRows(db, 'outbox')) === 0, 120_000);
  await tell(db, cancelled(match, '1'));
  await sent();
  links[0]?.mute();
  await tell(db, ...['2', '3', '4'].map((reason) => cancelled(match, reason)));
  await tell(db, cancelled(match, '5'));
  await sent();
  await relay.stop();

  const records = (await readTopic(tools.broker, 'game.match')).filter(
    ({ key }) => key?.toString() === match,
  );
  const sequences = records.map(({ headers }) => headerText(headers, 'ce_sequence')).join(' ');
  const run = faultRun('silent Kafka', 0);
  run.fault('answers lost');
  run.tell({
    events: 5,
    lost: 5 - new Set(sequences.split(' ')).size,
    duplicatedEffects: 0,
    duplicatedDeliveries: records.length - 5,
  });
  // the request as it was, again, and nothing in between; 5 may have made it into either
  expect(sequences).toMatch(/^1(?: 2 3 4(?: 5)?){2,}$/);
  expect(sequences.endsWith('5')).toBe(true);
});
