import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { afterAll, expect, inject, test } from 'vitest';
import { consume } from '../../events/consumer/consume.ts';
import type { Running } from '../../events/consumer/handler.ts';
import { hostEnvironment } from '../../stack/environment.ts';
import { recording } from '../events/recording.ts';
import { countRows, eventTools, eventually, readTopic } from '../events/support.ts';
import { recordOf } from '../events/replay/support.ts';
import { startReplayWorker } from '../events/replay/replay-worker.ts';

const tools = await eventTools(['game.match'], 2);
const { db, broker, prefix } = tools;
const { kafkaBrokers, temporalAddress } = inject('servers');
const settings = {
  DATABASE_URL: tools.url,
  KAFKA_BROKERS: kafkaBrokers.join(','),
  KAFKA_TOPIC_PREFIX: prefix,
  TEMPORAL_ADDRESS: temporalAddress,
  TEMPORAL_TASK_QUEUE_PREFIX: prefix,
};
const running: Running[] = [];
afterAll(() => Promise.all(running.map((part) => part.stop())));
const matches = Array.from({ length: 4 }, () => randomUUID());
await broker.send(
  matches.flatMap((match) => ['1', '2'].map((reason) => recordOf(tools, match, reason))),
  10_000,
);

function run(command: string, args: string[]): Promise<{ code: number | string | null; text: string }> {
  const env = { ...hostEnvironment(), ...settings };
  return new Promise((resolve) => {
    execFile(process.execPath, [`cli/${command}.ts`, ...args], { env }, (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, text: stdout + stderr }),
    );
  });
}
const replay = (...args: string[]) =>
  run('event-replay', ['--topic', 'game.match', '--from', '-1h', '--to', 'now', ...args]);
const reset = (...args: string[]) => run('reset-offsets', ['--topic', 'game.match', ...args]);

test('a replay is started and watched from a shell', async () => {
  running.push(await startReplayWorker(settings));
  const { code, text } = await replay('--target', 'topic', '--filter', `{"key":"${matches[0]}"}`, '--watch');
  expect({ code, text }).toMatchObject({ code: 0 });
  expect(text).toContain('completed: 100 %, 8 of 8');
  expect(text).toContain('2 matched, 2 handled, 0 handled before, 0 failed');
  expect((await readTopic(broker, 'game.match.replay')).length).toBe(2);
  await broker.admin.deleteTopics(['game.match.replay']);
  expect(await countRows(db, 'audit_entries', "actor = 'cli:event-replay'")).toBe(1);
});

test('what cannot be is said before anything starts', async () => {
  const wrong: [string[], string][] = [
    [['--target', 'topic', '--filter', '{types}'], 'is not JSON'],
    [['--target', 'topic', '--filter', '{"since":"then"}'], 'since'],
    [['--target', 'everybody'], 'is topic, topic:<name>'],
    [['--target', 'handler:leaderboard:real'], 'is not safe to replay'],
  ];
  const answers = await Promise.all(wrong.map(([args]) => replay(...args)));
  for (const [n, [, said]] of wrong.entries()) {
    expect(answers[n]?.text).toContain(said);
    expect(answers[n]?.code).toBe(1);
  }
  expect(await countRows(db, 'replays')).toBe(1);
});

test('the offsets of a group move when nobody reads, after the plan was shown, and the trail says so', async () => {
  const live = consume(
    tools,
    recording(undefined, { group: 'leaderboard', handle: () => Promise.resolve() }),
  );
  const offsets = async () =>
    (await broker.admin.groupOffsets('leaderboard', 'game.match')).map(({ offset }) => offset);
  const sum = async () => (await offsets()).reduce((all, offset) => all + (offset < 0n ? 0n : offset), 0n);
  await eventually('all is read', async () => (await sum()) === 8n);

  const refused = await reset('--group', 'leaderboard', '--to', 'earliest', '--yes');
  expect(refused).toMatchObject({ code: 1, text: expect.stringContaining('has members; stop them first') });
  expect(refused.text).toMatch(/ {2}\S+ \S+ at /);
  await live.stop();

  const plan = await reset('--group', 'leaderboard', '--to', 'earliest');
  expect(plan).toMatchObject({ code: 0, text: expect.stringContaining('nothing was changed') });
  expect(plan.text).toContain('8 offsets are read again. The inbox remembers what the group handled');
  expect([await sum(), await countRows(db, 'audit_entries', "target = 'group:leaderboard'")]).toEqual([
    8n,
    0,
  ]);

  expect(await reset('--group', 'leaderboard', '--to', 'earliest', '--yes')).toMatchObject({ code: 0 });
  expect(await sum()).toBe(0n);
  const { rows } = await db.query<{ action: string }>(
    "SELECT action FROM audit_entries WHERE target = 'group:leaderboard' ORDER BY id",
  );
  expect(rows.map(({ action }) => action)).toEqual(['group.reset_requested', 'group.reset']);
});

test('a reset of what is not there, or to nowhere, is refused', async () => {
  const answers = await Promise.all([
    reset('--group', 'nobody', '--to', 'latest', '--yes'),
    reset('--group', 'leaderboard', '--to', 'the beginning', '--yes'),
    run('reset-offsets', ['--topic', 'no.topic', '--group', 'leaderboard', '--to', 'latest', '--yes']),
  ]);
  expect(answers.map(({ code }) => code)).toEqual([1, 1, 1]);
  expect(answers.map(({ text }) => text.split('\n')[0])).toEqual([
    'there is no group nobody that has read game.match',
    expect.stringContaining('is not earliest, latest, a time'),
    'Kafka has no topic no.topic',
  ]);
});
