/** @module-tag once */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { expect, inject, test } from 'vitest';
import { consume } from '../../../events/consumer/consume.ts';
import { createMetrics } from '../../../platform/metrics.ts';
import type { CrashingOptions } from '../crashing-process.ts';
import { cancelled, createEffects, readEffects, recording, recordingMany } from '../recording.ts';
import { faultRun, outcomeOf } from '../../support/fault-run.ts';
import {
  countRows,
  duplicateCountOf,
  eventTools,
  eventually,
  readTopic,
  relayFor,
  tell,
} from '../support.ts';

const tools = await eventTools(['game.match'], 2);
const lone = await eventTools(['game.match'], 2);
const batches = await eventTools(['game.match'], 2);
const { db, broker } = tools;
await createEffects(tools.url);
await createEffects(lone.url);
await createEffects(batches.url);

/** Resolves with the signal that ended the process. */
async function runUntilDead(
  { url, prefix }: typeof tools,
  options: Pick<CrashingOptions, 'role' | 'group' | 'crashPoint'>,
): Promise<string | null> {
  const given: CrashingOptions = { ...options, url, prefix, brokers: inject('servers').kafkaBrokers };
  const script = fileURLToPath(new URL('../crashing-process.ts', import.meta.url));
  const child = spawn(process.execPath, [script, JSON.stringify(given)], { stdio: 'inherit' });
  const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
  return signal;
}

test.each(['after-commit-before-publish', 'after-publish-before-mark'])(
  'a relay killed at %s loses nothing, and each event has one effect',
  async (crashPoint) => {
    const matches = Array.from({ length: 6 }, () => randomUUID());
    for (let round = 0; round < 3; round += 1)
      await tell(db, ...matches.map((match) => cancelled(match, `${round}`)));
    expect(await runUntilDead(tools, { role: 'relay', group: '', crashPoint })).toBe('SIGKILL');
    expect(await countRows(db, 'outbox')).toBeGreaterThan(0);
    const relay = relayFor(tools);
    await eventually('the outbox is empty', async () => (await countRows(db, 'outbox')) === 0);
    await relay.stop();
    const inKafka = (await readTopic(broker, 'game.match')).filter(({ key }) =>
      matches.some((match) => match === key?.toString()),
    );
    // shards publish side by side: when one is killed before, another may have published and not marked yet
    expect(inKafka.length).toBeGreaterThanOrEqual(crashPoint === 'after-publish-before-mark' ? 19 : 18);
    const handler = recording();
    const consumer = consume(tools, handler);
    await eventually(
      'all effects',
      async () =>
        (await Promise.all(matches.map((match) => readEffects(db, handler.group, match)))).flat().length >=
        18,
    );
    await eventually('everything is read', async () => {
      const [ends, offsets] = await Promise.all([
        broker.admin.partitionEnds('game.match'),
        broker.admin.groupOffsets(handler.group, 'game.match'),
      ]);
      return ends.every(({ partition, endOffset }) =>
        offsets.some((entry) => entry.partition === partition && entry.offset === endOffset),
      );
    });
    await consumer.stop();
    for (const match of matches) expect(await readEffects(db, handler.group, match)).toEqual(['0', '1', '2']);
  },
);

test('a consumer killed between effect and offset has one effect, and its successor signals again', async () => {
  // topics of its own: the first effect is this one
  const { db } = lone;
  relayFor(lone);
  const handler = recording();
  const match = randomUUID();
  await tell(db, cancelled(match, 'once'));
  await eventually('it is in Kafka', async () => (await countRows(db, 'outbox')) === 0);
  expect(
    await runUntilDead(lone, {
      role: 'consumer',
      group: handler.group,
      crashPoint: 'after-effect-before-offset',
    }),
  ).toBe('SIGKILL');
  await eventually('the effect', async () => (await readEffects(db, handler.group, match)).length === 1);
  const successor = consume(lone, handler);
  // the dead member is missed after its session has run out
  await eventually('the signal', () => handler.signals.includes('once'));
  expect(await readEffects(db, handler.group, match)).toEqual(['once']);
  await successor.stop();
});

test('a consumer killed after a batch and before its offset: its successor is told all of it again, and repeats nothing', async () => {
  const { db, broker } = batches;
  relayFor(batches);
  const matches = Array.from({ length: 20 }, () => randomUUID());
  for (const round of ['1', '2', '3']) await tell(db, ...matches.map((match) => cancelled(match, round)));
  await eventually('all is in Kafka', async () => (await countRows(db, 'outbox')) === 0);
  const metrics = createMetrics();
  const handler = recordingMany();
  expect(
    await runUntilDead(batches, {
      role: 'batches',
      group: handler.group,
      crashPoint: 'after-effect-before-offset',
    }),
  ).toBe('SIGKILL');
  expect((await readEffects(db, handler.group)).length).toBeGreaterThan(0);
  const successor = consume({ ...batches, metrics }, handler);
  await eventually('all is read', async () => {
    const offsets = await broker.admin.groupOffsets(handler.group, 'game.match');
    return offsets.reduce((sum, { offset }) => sum + Math.max(0, Number(offset)), 0) === 60;
  });
  await successor.stop();
  const effects = await Promise.all(matches.map((match) => readEffects(db, handler.group, match)));
  const expected = ['1', '2', '3'];
  const duplicateCount = await duplicateCountOf(metrics);
  const run = faultRun('consumer killed after a batch', 0);
  run.fault('SIGKILL after-effect-before-offset');
  run.count('ok', 3);
  run.tell(
    outcomeOf(
      effects.map((seen) => ({ expected, seen })),
      duplicateCount,
    ),
  );
  for (const seen of effects) expect(seen).toEqual(expected);
  expect(duplicateCount).toBeGreaterThan(0);
});
