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

/** Tells of every match again and again until stopped; answers how often. */
function startLoad(matches: readonly string[]) {
  let isStopped = false;
  const load = { roundCount: 0, stop };
  const telling = (async () => {
    while (!isStopped) {
      await tell(db, ...matches.map((match) => cancelled(match, `${load.roundCount}`)));
      load.roundCount += 1;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  })();
  async function stop(): Promise<number> {
    isStopped = true;
    await telling;
    return load.roundCount;
  }
  return load;
}

test(
  'Kafka is killed, and restarted, under load: writes go on, everything arrives once and in order, nothing is refused',
  { timeout: 300_000 },
  async () => {
    const refused: unknown[] = [];
    let failedCount = 0;
    const hear = (_fields: unknown, text: string) => void (failedCount += Number(/did not take/.test(text)));
    const log = Object.assign(Object.create(tools.log) as typeof tools.log, {
      error: (fields: unknown) => void refused.push(fields),
      warn: hear,
      debug: hear,
    });
    relayFor({ ...tools, log });
    const handler = recording();
    const tailed = new Set<string>();
    const tail = tailTopics(tools, ['game.match'], ({ partition, offset }) =>
      tailed.add(`${partition}/${offset}`),
    );
    const consumer = consume(tools, handler);
    const endsOf = () => tools.broker.admin.partitionEnds('game.match');
    const toldCount = async () => (await endsOf()).reduce((sum, { endOffset }) => sum + Number(endOffset), 0);
    const matches = Array.from({ length: 5 }, () => randomUUID());
    const done = () => countRows(db, 'effects', `"group" = '${handler.group}'`);
    const load = startLoad(matches);
    await eventually('the handler is at work', async () => (await done()) > 0);
    // the tail began where the topic ended; from what it heard first of a partition on, it must miss nothing
    await eventually('the tail hears of every partition', async () => {
      const heard = new Set([...tailed].map((place) => place.split('/')[0]));
      return (await endsOf()).every(
        ({ partition, endOffset }) => endOffset === 0n || heard.has(`${partition}`),
      );
    });
    const first = new Map<string, number>();
    for (const [partition = '', offset] of [...tailed].map((place) => place.split('/')))
      if (!first.has(partition)) first.set(partition, Number(offset));
    const untoldCount = [...first.values()].reduce((sum, offset) => sum + offset, 0);

    for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
      await stack.services.kafka.stop(signal);
      const failedBefore = failedCount;
      await eventually('it piles up', async () => (await countRows(db, 'outbox')) >= 100);
      await eventually('the same rows are tried again', () => failedCount >= failedBefore + 3);
      await stack.services.kafka.start();
      const soFar = load.roundCount * matches.length;
      await eventually('what has waited', async () => (await done()) >= soFar, 120_000);
    }
    const roundCount = await load.stop();
    await eventually('everything', async () => (await done()) >= matches.length * roundCount);
    const expected = Array.from({ length: roundCount }, (_, n) => `${n}`);
    for (const match of matches) expect(await readEffects(db, handler.group, match)).toEqual(expected);
    expect(refused).toEqual([]);
    expect(await countRows(db, 'dead_letters')).toBe(0);
    await eventually('readiness', () =>
      tools.broker.ping().then(
        () => true,
        () => false,
      ),
    );
    const told = await toldCount();
    await eventually('the tail missed nothing', () => tailed.size === told - untoldCount);
    await Promise.all([consumer.stop(), tail.stop()]);
  },
);
