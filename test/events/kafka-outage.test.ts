import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { tailTopics } from '../../events/tail.ts';
import { consume } from '../../events/consume.ts';
import { startStack } from '../../stack/launcher.ts';
import { cancelled, createEffects, readEffects, recording } from './recording.ts';
import { countRows, eventTools, eventually, relayFor, tell } from './support.ts';

const folder = await mkdtemp(path.join(tmpdir(), 'lootledger-outage-'));
const stack = await startStack({ dir: folder, env: {}, rung: 'native', services: ['kafka'] });
afterAll(async () => {
  await stack.stop();
  await rm(folder, { recursive: true, force: true });
});
const tools = await eventTools(['game.match'], 3, stack.kafkaBrokers);
const { db } = tools;
await createEffects(tools.url);

test(
  'while Kafka is away writes go on; when it is back everything arrives once and in order',
  { timeout: 90_000 },
  async () => {
    relayFor(tools);
    const handler = recording();
    const tailed = new Set<string>();
    const tail = tailTopics(tools, ['game.match'], ({ partition, offset }) =>
      tailed.add(`${partition}/${offset}`),
    );
    const consumer = consume(tools, handler);
    const matches = Array.from({ length: 5 }, () => randomUUID());
    const say = (round: number) => tell(db, ...matches.map((match) => cancelled(match, `${round}`)));
    const done = async () => (await readEffects(db, handler.group)).length;
    await new Promise((resolve) => setTimeout(resolve, 3_000)); // the tail begins where the topic ends
    await say(0);
    await eventually('before', async () => (await done()) === 5);
    await stack.services.kafka.stop('SIGKILL');
    for (let round = 1; round < 6; round += 1) await say(round);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(await countRows(db, 'outbox')).toBe(25);
    expect(await countRows(db, 'outbox', 'error IS NOT NULL')).toBe(0);
    await stack.services.kafka.start();
    await eventually('everything', async () => (await done()) >= 30, 60_000);
    await say(6);
    await eventually('and what comes after', async () => (await done()) >= 35);
    const expected = Array.from({ length: 7 }, (_, round) => `${round}`);
    for (const match of matches) expect(await readEffects(db, handler.group, match)).toEqual(expected);
    await eventually('readiness', () =>
      tools.broker.ping().then(
        () => true,
        () => false,
      ),
    );
    const ends = await tools.broker.admin.partitionEnds('game.match');
    const told = ends.reduce((sum, { endOffset }) => sum + Number(endOffset), 0);
    await eventually('the tail missed nothing', () => tailed.size === told);
    await Promise.all([consumer.stop(), tail.stop()]);
  },
);
