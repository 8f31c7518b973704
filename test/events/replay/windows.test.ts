import { randomUUID } from 'node:crypto';
import kafkajs from 'kafkajs';
import { expect, inject, test } from 'vitest';
import { decideReplay } from '../../../store/replays/decide-replay.ts';
import { prepareReplay } from '../../../events/replay/prepare-replay.ts';
import { runReplay } from '../../../events/replay/run-replay.ts';
import { createEffects, readEffects, recording } from '../recording.ts';
import { eventTools, eventually } from '../support.ts';
import { openNew, recordOf, replayDeps, replayOf, runToEnd } from './support.ts';

const tools = await eventTools(['game.match'], 2);
const { db, broker } = tools;
await createEffects(tools.url);
const match = randomUUID();
const never = new AbortController().signal;

const handler = () => recording(undefined, { replaySafe: true });
const send = async (...reasons: string[]) => {
  const [last] = (
    await broker.send(
      reasons.map((reason) => recordOf(tools, match, reason)),
      10_000,
    )
  ).slice(-1);
  return last!;
};
/** Kafka's clock counts in milliseconds: what comes after this is at least one later. */
const momentBetween = async (): Promise<string> => {
  await new Promise((resolve) => setTimeout(resolve, 5));
  const at = new Date().toISOString();
  await new Promise((resolve) => setTimeout(resolve, 5));
  return at;
};

async function endOffsets(): Promise<bigint> {
  const ends = await broker.admin.partitionEnds('game.match');
  return ends.reduce((sum, { endOffset }) => sum + endOffset, 0n);
}

test('a window of times holds what Kafka took in between, and nothing else', async () => {
  await send('before');
  const from = await momentBetween();
  await send('a', 'b');
  const to = await momentBetween();
  await send('after');
  const live = handler();
  const window = { from: { time: from }, to: { time: to } };
  const replayId = await openNew(tools, { kind: 'handler', group: live.group, mode: 'real' }, { window });
  expect(await runToEnd(replayDeps(tools, [live]), replayId)).toMatchObject({ totalCount: 2, warnings: [] });
  expect(await readEffects(db, live.group)).toEqual(['a', 'b']);
});

test('a window of offsets reads the partitions it names', async () => {
  const { partition, offset } = await send('x', 'y', 'z');
  const live = handler();
  const target = { kind: 'handler', group: live.group, mode: 'real' } as const;
  const at = (value: bigint) => ({ offsets: { [String(partition)]: value.toString() } });
  const window = { from: at(offset - 2n), to: at(offset) };
  const replay = await runToEnd(replayDeps(tools, [live]), await openNew(tools, target, { window }));
  expect(replay).toMatchObject({ totalCount: 2, handledCount: 2 });
  expect(await readEffects(db, live.group)).toEqual(['x', 'y']);

  const unknown = { from: { offsets: { '7': '0' } }, to: { offsets: { '7': '9' } } };
  const nowhere = await openNew(tools, target, { window: unknown });
  await expect(runToEnd(replayDeps(tools, [live]), nowhere)).rejects.toThrow('game.match has no partition 7');
});

test('a window with nothing in it is over at once', async () => {
  const at = await momentBetween();
  const window = { from: { time: at }, to: { time: new Date(Date.now() + 60_000).toISOString() } };
  const live = handler();
  const target = { kind: 'handler', group: live.group, mode: 'real' } as const;
  const replay = await runToEnd(replayDeps(tools, [live]), await openNew(tools, target, { window }));
  expect(replay).toMatchObject({ state: 'completed', totalCount: 0, matchedCount: 0 });
});

test("a window that ends with a transaction's marker, which nobody is handed, still ends", async () => {
  const kafka = new kafkajs.Kafka({
    brokers: [...inject('servers').kafkaBrokers],
    logLevel: kafkajs.logLevel.NOTHING,
  });
  const producer = kafka.producer({
    transactionalId: `tx-${randomUUID()}`,
    maxInFlightRequests: 1,
    idempotent: true,
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
  });
  await producer.connect();
  const from = await momentBetween();
  const endedAt = await endOffsets();
  const transaction = await producer.transaction();
  const { topic: _, ...message } = recordOf(tools, match, 'in a transaction');
  await transaction.send({ topic: `${tools.prefix}game.match`, messages: [message] });
  await transaction.commit();
  await producer.disconnect();
  // Kafka answers a commit before it has written the marker
  await eventually('the marker', async () => (await endOffsets()) === endedAt + 2n);
  const live = handler();
  const window = { from: { time: from }, to: { time: '2100-01-01T00:00:00.000Z' } };
  const target = { kind: 'handler', group: live.group, mode: 'real' } as const;
  const replay = await runToEnd(replayDeps(tools, [live]), await openNew(tools, target, { window }));
  expect(replay).toMatchObject({ state: 'completed', totalCount: 2, doneCount: 2, handledCount: 1 });
});

test('what is asked to stop stops between two batches, and goes on from there', async () => {
  const count = 60;
  const from = await momentBetween();
  await send(...Array.from({ length: count }, (_, n) => `${n}`));
  const live = handler();
  const deps = replayDeps(tools, [live]);
  const window = { from: { time: from }, to: { time: '2100-01-01T00:00:00.000Z' } };
  const target = { kind: 'handler', group: live.group, mode: 'real' } as const;
  const replayId = await openNew(tools, target, { window, rate: 10 });
  await prepareReplay(deps, await replayOf(tools, replayId));
  const running = runReplay(deps, await replayOf(tools, replayId), never);
  await eventually('some are handled', async () => (await replayOf(tools, replayId)).handledCount > 0);
  await decideReplay(db, { replayId, decision: 'pause', actor: 'operator:test' });
  expect(await running).toBe('stopped');
  const { handledCount } = await replayOf(tools, replayId);
  expect(handledCount).toBeLessThan(count);
  expect((await readEffects(db, live.group)).length).toBe(handledCount);

  await decideReplay(db, { replayId, decision: 'resume', actor: 'operator:test' });
  await db.query('UPDATE replays SET rate = NULL WHERE id = $1', [replayId]);
  expect(await runReplay(deps, await replayOf(tools, replayId), never)).toBe('ended');
  expect(await readEffects(db, live.group)).toEqual(Array.from({ length: count }, (_, n) => `${n}`));

  await decideReplay(db, { replayId, decision: 'cancel', actor: 'operator:test' });
  await expect(
    decideReplay(db, { replayId, decision: 'resume', actor: 'operator:test' }),
  ).rejects.toMatchObject({ code: 'replay_closed' });
  const trail = await db.query<{ action: string }>(
    'SELECT action FROM audit_entries WHERE target = $1 ORDER BY id',
    [replayId],
  );
  expect(trail.rows.map(({ action }) => action)).toEqual(
    ['requested', 'paused', 'resumed', 'cancelled'].map((what) => `replay.${what}`),
  );
});

test('of two workers that believe they run a replay, one is refused, and every effect stands once', async () => {
  const from = await momentBetween();
  await send(...Array.from({ length: 40 }, (_, n) => `${n}`));
  const live = recording(() => new Promise((resolve) => setTimeout(resolve, 2)), { replaySafe: true });
  const deps = replayDeps(tools, [live]);
  const window = { from: { time: from }, to: { time: '2100-01-01T00:00:00.000Z' } };
  const replayId = await openNew(tools, { kind: 'handler', group: live.group, mode: 'real' }, { window });
  await prepareReplay(deps, await replayOf(tools, replayId));
  const replay = await replayOf(tools, replayId);
  const both = await Promise.allSettled([runReplay(deps, replay, never), runReplay(deps, replay, never)]);
  expect(both.map(({ status }) => status)).toContain('fulfilled');
  expect(await readEffects(db, live.group)).toEqual(Array.from({ length: 40 }, (_, n) => `${n}`));
  expect(await replayOf(tools, replayId)).toMatchObject({ doneCount: 40, matchedCount: 40 });
});

test('what has fallen out of the topic meanwhile is not passed over in silence', async () => {
  const lone = await eventTools(['game.match'], 1);
  await lone.broker.send(
    ['1', '2', '3'].map((reason) => recordOf(lone, match, reason)),
    10_000,
  );
  const live = handler();
  const deps = replayDeps(lone, [live]);
  const target = { kind: 'handler', group: live.group, mode: 'shadow' } as const;
  const waiting = await openNew(lone, target);
  await prepareReplay(deps, await replayOf(lone, waiting));
  const admin = new kafkajs.Kafka({ brokers: [...inject('servers').kafkaBrokers] }).admin();
  await admin.connect();
  await admin.fetchTopicOffsets(`${lone.prefix}game.match`);
  await admin.deleteTopicRecords({
    topic: `${lone.prefix}game.match`,
    partitions: [{ partition: 0, offset: '2' }],
  });
  await admin.disconnect();
  await expect(runReplay(deps, await replayOf(lone, waiting), never)).rejects.toThrow(
    'offsets 0 to 2 have fallen out of what game.match keeps',
  );
  const late = await runToEnd(deps, await openNew(lone, target));
  expect(late).toMatchObject({ state: 'completed', totalCount: 1 });
  expect(late.warnings).toEqual([expect.stringContaining('keeps nothing before offset 2')]);
  const gone = { from: { offsets: { '0': '0' } }, to: { offsets: { '0': '2' } } };
  await expect(runToEnd(deps, await openNew(lone, target, { window: gone }))).rejects.toThrow(
    'the window has fallen out of what game.match keeps',
  );
});

test('events and errors that no table takes as they are told do not stop it', async () => {
  const from = await momentBetween();
  const untold = ['a zero character \0', `half a character ${'😀'.slice(0, 1)}`, `${'x'.repeat(499)}😀`];
  const id = Buffer.from(`a zero character \0, ${'x'.repeat(5_000)}😀`);
  await broker.send(
    [
      recordOf(tools, match, 'no', { headers: { ce_id: id } }),
      ...untold.map((reason) => recordOf(tools, match, reason)),
      recordOf(tools, match, 'good'),
    ],
    10_000,
  );
  const live = recording(
    (reason) => {
      if (reason !== 'good') throw new Error(untold.find((each) => each.slice(0, 7) === reason.slice(0, 7)));
    },
    { replaySafe: true },
  );
  const window = { from: { time: from }, to: { time: '2100-01-01T00:00:00.000Z' } };
  const target = { kind: 'handler', group: live.group, mode: 'real' } as const;
  const replay = await runToEnd(replayDeps(tools, [live]), await openNew(tools, target, { window }));
  expect(replay).toMatchObject({ state: 'completed', failedCount: 4, handledCount: 1 });
  expect(new Set(replay.failures.map(({ errorMessage }) => errorMessage))).toEqual(
    new Set([
      'the header ce_id is not a name',
      'a zero character ',
      'half a character \ufffd',
      `${'x'.repeat(499)}\ufffd`,
    ]),
  );
});

test('a topic that Kafka does not have, and a handler that this build does not have, are said', async () => {
  const live = recording();
  const deps = replayDeps(tools, [live]);
  const target = { kind: 'handler', group: live.group, mode: 'real' } as const;
  const absent = await openNew(tools, target, { topic: 'game.player' });
  await expect(runToEnd(deps, absent)).rejects.toThrow('Kafka has no topic game.player');
  await expect(runToEnd(deps, await openNew(tools, target))).rejects.toThrow('does not say that it is safe');
  const unknown = await openNew(tools, { ...target, group: 'nobody' });
  await expect(runToEnd(deps, unknown)).rejects.toThrow('no handler for the group nobody');
});
