import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { tailTopics } from '../../../events/streams/tail.ts';
import { consume } from '../../../events/consumer/consume.ts';
import { startStack } from '../../../stack/launcher.ts';
import { cancelled, createEffects, readEffects, recording } from '../recording.ts';
import { countRows, eventTools, eventually, relayFor, tell } from '../support.ts';

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
  { timeout: 300_000 },
  async () => {
    relayFor(tools);
    const handler = recording();
    const tailed = new Set<string>();
    const tail = tailTopics(tools, ['game.match'], ({ partition, offset }) =>
      tailed.add(`${partition}/${offset}`),
    );
    const consumer = consume(tools, handler);
    const toldCount = async () =>
      (await tools.broker.admin.partitionEnds('game.match')).reduce(
        (sum, { endOffset }) => sum + Number(endOffset),
        0,
      );
    const matches = Array.from({ length: 5 }, () => randomUUID());
    const say = (round: number) => tell(db, ...matches.map((match) => cancelled(match, `${round}`)));
    const done = async () => (await readEffects(db, handler.group)).length;
    // the tail begins where the topic ends: what it must not miss begins when it has heard every partition's last
    const isHeard = async () =>
      (await tools.broker.admin.partitionEnds('game.match')).every(
        ({ partition, endOffset }) => endOffset === 0n || tailed.has(`${partition}/${endOffset - 1n}`),
      );
    let round = 0;
    do {
      await say(round);
      round += 1;
      await eventually('before', async () => (await done()) === 5 * round);
    } while (!(await isHeard()));
    const untold = (await toldCount()) - tailed.size;
    await stack.services.kafka.stop('SIGKILL');
    for (const end = round + 5; round < end; round += 1) await say(round);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(await countRows(db, 'outbox')).toBe(25);
    expect(await countRows(db, 'outbox', 'error IS NOT NULL')).toBe(0);
    await stack.services.kafka.start();
    await eventually('everything', async () => (await done()) >= 5 * round, 120_000);
    await say(round);
    round += 1;
    await eventually('and what comes after', async () => (await done()) >= 5 * round);
    const expected = Array.from({ length: round }, (_, n) => `${n}`);
    for (const match of matches) expect(await readEffects(db, handler.group, match)).toEqual(expected);
    await eventually('readiness', () =>
      tools.broker.ping().then(
        () => true,
        () => false,
      ),
    );
    const told = await toldCount();
    await eventually('the tail missed nothing', () => tailed.size === told - untold);
    await Promise.all([consumer.stop(), tail.stop()]);
  },
);
