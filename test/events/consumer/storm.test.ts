/** @module-tag once */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, inject, test } from 'vitest';
import { consume } from '../../../events/consumer/consume.ts';
import type { Running } from '../../../events/consumer/handler.ts';
import { createMetrics } from '../../../platform/metrics.ts';
import type { CrashingOptions } from '../crashing-process.ts';
import { cancelled, createEffects, readEffects, recordingMany } from '../recording.ts';
import { faultRun, outcomeOf } from '../../support/fault-run.ts';
import { countRows, duplicateCountOf, eventTools, eventually, relayFor, tell } from '../support.ts';

const tools = await eventTools(['game.match'], 6);
const { db, broker } = tools;
await createEffects(tools.url);
relayFor(tools);
const metrics = createMetrics();
const handler = recordingMany(() => new Promise((resolve) => setTimeout(resolve, 10)));
const { group } = handler;
const members: Running[] = [];
afterAll(() => Promise.all(members.map((member) => member.stop())));

const join = () => void members.push(consume({ ...tools, metrics }, handler, { batchCountMax: 50 }));

/** A member in a process of its own, which dies of SIGKILL at the given passage between an effect and its offset. */
function joinAndDie(passage: number): Promise<unknown[]> {
  const options: CrashingOptions = {
    role: 'batches',
    url: tools.url,
    prefix: tools.prefix,
    brokers: inject('servers').kafkaBrokers,
    group,
    crashPoint: `after-effect-before-offset:${passage}`,
  };
  const script = fileURLToPath(new URL('../crashing-process.ts', import.meta.url));
  return once(spawn(process.execPath, [script, JSON.stringify(options)], { stdio: 'inherit' }), 'exit');
}

/** Tells the next of every match again and again until stopped; answers how many of each. */
function startLoad(matches: readonly string[]) {
  let roundCount = 0;
  let isStopped = false;
  const telling = (async () => {
    while (!isStopped) {
      await tell(db, ...matches.map((match) => cancelled(match, `${roundCount}`)));
      roundCount += 1;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  })();
  return {
    async stop() {
      isStopped = true;
      await telling;
      return roundCount;
    },
  };
}

async function isAllRead(): Promise<boolean> {
  const [ends, offsets] = await Promise.all([
    broker.admin.partitionEnds('game.match'),
    broker.admin.groupOffsets(group, 'game.match'),
  ]);
  return ends.every(
    ({ partition, endOffset }) =>
      endOffset === 0n ||
      offsets.some((entry) => entry.partition === partition && entry.offset === endOffset),
  );
}

test(
  'members join, leave and are killed under load: each effect once, every order kept, though much is delivered again',
  { timeout: 240_000 },
  async () => {
    const matches = Array.from({ length: 40 }, () => randomUUID());
    const run = faultRun('rebalance storm', 20261123);
    const load = startLoad(matches);
    join();
    for (const passage of [1, 4, 2]) {
      const killed = joinAndDie(passage);
      // one comes and one goes while the other process is still joining
      join();
      await members[0]?.stop();
      members.shift();
      expect(await killed).toEqual([null, 'SIGKILL']);
      run.fault('member killed');
      run.fault('member leaves');
      run.fault('member joins', 2);
      join();
    }
    const roundCount = await load.stop();
    await eventually('all is published', async () => (await countRows(db, 'outbox')) === 0);
    await eventually('all is read', isAllRead, 120_000);
    const expected = Array.from({ length: roundCount }, (_, round) => `${round}`);
    const effects = await Promise.all(matches.map((match) => readEffects(db, group, match)));
    const duplicateCount = await duplicateCountOf(metrics);
    run.count('ok', roundCount);
    run.tell(
      outcomeOf(
        effects.map((seen) => ({ expected, seen })),
        duplicateCount,
      ),
    );
    for (const seen of effects) expect(seen).toEqual(expected);
    expect(await countRows(db, 'dead_letters')).toBe(0);
    // else the run proved nothing: what a killed member had done came again
    expect(duplicateCount).toBeGreaterThan(0);
  },
);
