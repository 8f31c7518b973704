import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { CrashPoint } from '../../../platform/crash-points.ts';
import { sleep } from '../../../events/patience.ts';
import { waitingCountMax } from '../../../store/subscriptions/queue-limit.ts';
import { createSubscription } from '../../../store/subscriptions/create-subscription.ts';
import type { SubscriptionMethod } from '../../../store/subscriptions/types.ts';
import { createEffects, readEffects, recording } from '../recording.ts';
import { countRows, eventTools, readTopic } from '../support.ts';
import { openNew, recordOf, replayDeps, replayOf, runToEnd } from './support.ts';

const tools = await eventTools(['game.match'], 3);
const { db, broker } = tools;
await createEffects(tools.url);

const matches = Array.from({ length: 6 }, () => randomUUID());
const twice = recordOf(tools, matches[0]!, 'told twice');
const written = [
  ...Array.from({ length: 4 }, (_, round) =>
    matches.map((match) => recordOf(tools, match, `${round}`)),
  ).flat(),
  twice,
  recordOf(tools, matches[1]!, 'between'),
  twice,
];
await broker.send(written, 10_000);
const expected = [
  ...Array.from({ length: 4 }, (_, round) => matches.map(() => `${round}`)).flat(),
  'told twice',
  'between',
];

test('a topic of its own gets every record as it was, in order per key, and the replay in a header', async () => {
  const replayId = await openNew(tools, { kind: 'topic' });
  const replay = await runToEnd(replayDeps(tools), replayId);
  expect(replay).toMatchObject({
    state: 'completed',
    totalCount: written.length,
    doneCount: written.length,
    handledCount: written.length,
    failedCount: 0,
  });
  const [copies, originals] = [
    await readTopic(broker, 'game.match.replay'),
    await readTopic(broker, 'game.match'),
  ];
  const bare = copies.map(
    ({ headers: { ce_replayid: _replayId, ...headers }, partition, offset, key, value }) => ({
      partition,
      offset,
      key,
      value,
      headers,
    }),
  );
  expect(bare).toEqual(
    originals.map(({ partition, offset, key, value, headers }) => ({
      partition,
      offset,
      key,
      value,
      headers,
    })),
  );
  expect(new Set(copies.map(({ headers }) => String(headers['ce_replayid'])))).toEqual(new Set([replayId]));
  await broker.admin.deleteTopics(['game.match.replay']);
});

test('a handler that is safe has each effect once for the replay, also of what Kafka holds twice', async () => {
  const handler = recording(undefined, { replaySafe: true });
  const replayId = await openNew(tools, { kind: 'handler', group: handler.group, mode: 'real' });
  const replay = await runToEnd(replayDeps(tools, [handler]), replayId);
  expect(replay).toMatchObject({ state: 'completed', handledCount: expected.length, duplicateCount: 1 });
  expect((await readEffects(db, handler.group)).toSorted()).toEqual(expected.toSorted());
  for (const match of matches.slice(2))
    expect(await readEffects(db, handler.group, match)).toEqual(['0', '1', '2', '3']);
  expect(await countRows(db, 'inbox')).toBe(0);

  const again = await openNew(tools, { kind: 'handler', group: handler.group, mode: 'real' });
  expect(await runToEnd(replayDeps(tools, [handler]), again)).toMatchObject({
    handledCount: expected.length,
  });
});

test.each(['topic', 'handler'] as const)(
  'what breaks off between the effect on a %s and the step is taken again',
  async (kind) => {
    const handler = recording(undefined, { replaySafe: true });
    const target = kind === 'topic' ? { kind } : { kind, group: handler.group, mode: 'real' as const };
    const replayId = await openNew(tools, target, { filter: { key: matches[4]! } });
    const deps = replayDeps(tools, [handler]);
    const gone = (point: CrashPoint) => {
      if (point === 'after-replay-effect-before-step') throw new Error('as if the process had died');
    };
    await expect(runToEnd({ ...deps, crash: gone }, replayId)).rejects.toThrow('as if the process had died');
    expect(await replayOf(tools, replayId)).toMatchObject({ handledCount: 0 });
    const replay = await runToEnd(deps, replayId);
    if (kind === 'handler') {
      expect(replay).toMatchObject({ handledCount: 0, duplicateCount: 4 });
      expect(await readEffects(db, handler.group)).toEqual(['0', '1', '2', '3']);
      expect(handler.signals).toEqual([...handler.signals.slice(0, 4), ...handler.signals.slice(0, 4)]);
    } else {
      const ids = (await readTopic(broker, 'game.match.replay')).map(({ headers }) =>
        String(headers['ce_id']),
      );
      expect([ids.length, new Set(ids).size]).toEqual([8, 4]);
      await broker.admin.deleteTopics(['game.match.replay']);
    }
  },
);

test('a shadow leaves nothing behind, signals nobody, and says what would have failed', async () => {
  const handler = recording((reason) => {
    if (reason === 'between') throw new RangeError('no such thing');
  });
  const replayId = await openNew(tools, { kind: 'handler', group: handler.group, mode: 'shadow' });
  const replay = await runToEnd(replayDeps(tools, [handler]), replayId);
  expect(replay).toMatchObject({ state: 'completed', handledCount: written.length - 1, failedCount: 1 });
  expect(replay.failures).toEqual([
    expect.objectContaining({
      errorClass: 'RangeError',
      errorMessage: 'no such thing',
      type: 'game.match.cancelled.v1',
    }),
  ]);
  expect([await readEffects(db, handler.group), handler.signals]).toEqual([[], []]);
});

test('what fails for real is set aside, and the others of its batch have their effect and their signal', async () => {
  const handler = recording(
    (reason) => {
      if (reason === '2') throw new Error('no');
    },
    { replaySafe: true },
  );
  const replayId = await openNew(tools, { kind: 'handler', group: handler.group, mode: 'real' });
  const replay = await runToEnd(replayDeps(tools, [handler]), replayId);
  expect(replay).toMatchObject({ state: 'completed', handledCount: expected.length - 6, failedCount: 6 });
  const without = expected.filter((reason) => reason !== '2').toSorted();
  expect((await readEffects(db, handler.group)).toSorted()).toEqual(without);
  expect(new Set(handler.signals)).toEqual(new Set(without));
});

const subscribe = async (method: SubscriptionMethod, types: string[], topicPattern = 'game.*') => {
  const subscriptionId = randomUUID();
  await db.transaction((tx) =>
    createSubscription(tx, {
      subscriptionId,
      method,
      types,
      topicPattern,
      clientId: 'studio',
      description: 'test',
      filter: { key: matches[4]! },
      url: method === 'webhook' ? 'https://hooks.example/in' : null,
      targetTopic: method === 'kafka' ? 'studio.events' : null,
      retryCountMax: 3,
      retryDelayMs: 1_000,
      ratePerMinute: null,
      batchEventsMax: 10,
      batchWaitMsMax: 0,
      ackRequired: true,
      startsAt: null,
      secretId: randomUUID(),
      actor: 'operator:test',
    }),
  );
  return subscriptionId;
};

test('a subscription is told again what it would have been told live, once per replay', async () => {
  const subscriptionId = await subscribe('webhook', ['game.match.cancelled.*']);
  const queued = async () =>
    (
      await db.query<{ event: string; replay_id: string }>(
        'SELECT event, replay_id FROM subscription_events WHERE subscription_id = $1 ORDER BY seq',
        [subscriptionId],
      )
    ).rows;
  const first = await openNew(tools, { kind: 'subscription', subscriptionId });
  expect(await runToEnd(replayDeps(tools), first)).toMatchObject({ state: 'completed', handledCount: 4 });
  const again = await openNew(tools, { kind: 'subscription', subscriptionId });
  await runToEnd(replayDeps(tools), again);
  const rows = await queued();
  expect(rows.map(({ replay_id }) => replay_id)).toEqual([
    first,
    first,
    first,
    first,
    again,
    again,
    again,
    again,
  ]);
  const events = rows.map(({ event }) => JSON.parse(event) as { replayid: string; data: { reason: string } });
  expect(events.map(({ data }) => data.reason)).toEqual(['0', '1', '2', '3', '0', '1', '2', '3']);
  expect(events[0]?.replayid).toBe(first);

  const elsewhere = await subscribe('webhook', [], 'market.*');
  const other = await openNew(tools, { kind: 'subscription', subscriptionId: elsewhere });
  await expect(runToEnd(replayDeps(tools), other)).rejects.toThrow('is for market.*, not for game.match');
  const gone = await openNew(tools, { kind: 'subscription', subscriptionId: randomUUID() });
  await expect(runToEnd(replayDeps(tools), gone)).rejects.toThrow('there is no subscription');
});

test('a queue that is full is waited for, and a subscription that ends meanwhile ends it', async () => {
  const subscriptionId = await subscribe('webhook', []);
  const waiting = `SELECT $1, n, 'test', n::text, '', 'x', '{}', 'waiting' FROM generate_series(1, $2::int) n`;
  await db.query(
    `INSERT INTO subscription_events (subscription_id, seq, source, event_id, replay_id, type, event, state) ${waiting}`,
    [subscriptionId, waitingCountMax + 1],
  );
  await db.query('UPDATE subscription_progress SET last_seq = $2 WHERE subscription_id = $1', [
    subscriptionId,
    waitingCountMax + 1,
  ]);
  const replayId = await openNew(tools, { kind: 'subscription', subscriptionId });
  const running = runToEnd(replayDeps(tools), replayId);
  expect(await Promise.race([running.then(() => 'over'), sleep(1_000).then(() => 'waits')])).toBe('waits');
  expect((await replayOf(tools, replayId)).handledCount).toBe(0);
  await db.query('DELETE FROM subscription_events WHERE subscription_id = $1 AND seq <= 5', [subscriptionId]);
  expect(await running).toMatchObject({ state: 'completed', handledCount: 4 });

  await db.query("UPDATE subscriptions SET state = 'disabled', state_reason = 'test' WHERE id = $1", [
    subscriptionId,
  ]);
  const other = await openNew(tools, { kind: 'subscription', subscriptionId });
  await expect(runToEnd(replayDeps(tools), other)).rejects.toThrow('is disabled');
});

test('only what the filter lets through is decoded and handed over', async () => {
  const broken = { ...recordOf(tools, matches[2]!, 'x'), value: Buffer.from('not avro') };
  const marked = recordOf(tools, matches[3]!, 'marked', { headers: { 'x-shop': Buffer.from('north') } });
  await broker.send([broken, marked], 10_000);
  const handler = recording(undefined, { replaySafe: true });
  const target = { kind: 'handler', group: handler.group, mode: 'real' } as const;
  const deps = replayDeps(tools, [handler]);
  const byHeader = await openNew(tools, target, { filter: { headers: { 'x-shop': 'north' } } });
  expect(await runToEnd(deps, byHeader)).toMatchObject({ matchedCount: 1, handledCount: 1 });
  const byKey = await openNew(tools, target, { filter: { key: matches[2]!, types: ['game.match.*'] } });
  expect(await runToEnd(deps, byKey)).toMatchObject({ matchedCount: 5, handledCount: 4, failedCount: 1 });
  const byType = await openNew(tools, target, { filter: { types: ['game.match.voided.v1'] } });
  expect(await runToEnd(deps, byType)).toMatchObject({ state: 'completed', matchedCount: 0 });
});
