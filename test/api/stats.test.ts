import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { consume } from '../../events/consumer/consume.ts';
import { defineHandler } from '../../events/handlers/define.ts';
import type { Running } from '../../events/consumer/handler.ts';
import { startStatsReports } from '../../events/consumer/report-stats.ts';
import { createMetrics } from '../../platform/metrics.ts';
import { foldStats } from '../../store/consumer-stats/report-stats.ts';
import { eventually } from '../events/support.ts';
import type { KafkaApi } from './kafka-api.ts';
import { kafkaApi } from './kafka-api.ts';

let api: KafkaApi;
let token: string;
const running: Running[] = [];
beforeAll(async () => {
  api = await kafkaApi(['trust.verdict']);
  token = await api.key(['events:write', 'events:read'], 'studio');
});
afterAll(() => Promise.all(running.map((part) => part.stop())));

const type = 'trust.verdict.cleared.v1';
const otherType = 'trust.verdict.rejected.v1';

async function publish(reason: string, type_: string = type): Promise<string> {
  const id = randomUUID();
  const body = { specversion: '1.0', id, type: type_, data: { subject: `match:${id}`, reason } };
  const { status } = await api.send('POST', '/v1/events', { token, key: randomUUID(), body });
  expect(status).toBe(200);
  return id;
}

type Group = { group: string; status: string; attempts: number | null; deadLetterId: string | null };
async function groupsOf(id: string): Promise<Record<string, Group>> {
  const { body } = await api.send('GET', `/v1/events/${id}`, { token });
  return Object.fromEntries((body['groups'] as Group[]).map((group) => [group.group, group]));
}

type Stats = {
  published: { total: string };
  consumed: { total: string; dead: string };
  groups: {
    group: string;
    handled: string;
    dead: string;
    failed: string;
    lag: string;
    lagSeconds: number;
    processCount: number;
    processingMs: { mean: number | null };
  }[];
};
/** A second API over the same things: nobody's memory but the database's and Kafka's. */
async function freshStats(): Promise<Stats> {
  await new Promise((resolve) => setTimeout(resolve, 2_050));
  const { status, body, text } = await api.send('GET', '/v1/stats', { token });
  expect([status, text]).toEqual([200, expect.any(String)]);
  return body as unknown as Stats;
}

/** Two processes of one group and one of another, as far as statistics can see. */
function process(group: string, fails: (reason: string) => boolean): void {
  const metrics = createMetrics();
  const deps = { ...api.deps, ...api.events, metrics, crash: () => {} };
  const handler = defineHandler({
    group,
    types: [type],
    onDeadLetter: 'park',
    handle: (_, { data: { reason } }) =>
      fails(reason) ? Promise.reject(failure(reason)) : Promise.resolve(),
  });
  running.push(startStatsReports(deps, [handler], { everyMs: 100 }), consume(deps, handler));
}

/** Refused connections are nobody's fault here: such an event is tried without end. */
const failure = (reason: string): Error =>
  Object.assign(new Error(`cannot ${reason}`), reason === 'wait' && { code: 'ECONNREFUSED' });

describe('what became of an event, and how much of it there is', () => {
  test('each group tells its own: handled, dead, parked, passed, waiting', async () => {
    process('reads-all', () => false);
    let away = true;
    process('stumbles', (reason) => reason === 'break' || (reason === 'wait' && away));
    const good = await publish('fine');
    await eventually('handled by both', async () =>
      Object.values(await groupsOf(good)).every(({ status }) => status === 'handled'),
    );
    const bad = await publish('break');
    const dead = await eventually('given up', async () => {
      const { stumbles } = await groupsOf(bad);
      return stumbles?.status === 'dead' ? stumbles : undefined;
    });
    expect(dead).toMatchObject({
      attempts: 3,
      deadLetterId: expect.any(String),
      error: 'Error: cannot break',
    });
    expect((await groupsOf(bad))['reads-all']?.status).toBe('handled');
    const held = await publish('wait');
    const trying = await eventually('tried again', async () => {
      const { stumbles } = await groupsOf(held);
      return stumbles?.status === 'retrying' ? stumbles : undefined;
    });
    expect(trying).toMatchObject({ attempts: 0, error: 'cannot wait', deadLetterId: null });
    away = false;
    await eventually('handled at last', async () => (await groupsOf(held))['stumbles']?.status === 'handled');
    const passing = await publish('not theirs', otherType);
    await eventually('passed', async () => (await groupsOf(passing))['reads-all']?.status === 'passed');
  });

  test('statistics are the sum of all processes, not of the one that is asked', async () => {
    await eventually('reported', async () => {
      const { groups, consumed } = await freshStats();
      return (
        groups.length === 2 &&
        groups.every(({ lag, processCount }) => lag === '0' && processCount === 1) &&
        Number(consumed.total) === 5
      );
    });
    const stats = await freshStats();
    const byGroup = Object.fromEntries(stats.groups.map((group) => [group.group, group]));
    expect(byGroup['reads-all']).toMatchObject({ handled: '3', dead: '0', failed: '0', lagSeconds: 0 });
    expect(byGroup['stumbles']).toMatchObject({ handled: '2', dead: '1', failed: '2' });
    expect(byGroup['stumbles']?.processingMs.mean).toBeGreaterThan(0);
    expect(stats).toMatchObject({
      kafka: 'answers',
      published: { total: '4' },
      deadLetters: { waiting: 1, parkedKeys: 1 },
      topicCount: { own: 0 },
      outbox: { waiting: expect.any(Number) },
    });
  });

  test('a group whose processes are gone keeps its totals, and its lag is found from Kafka', async () => {
    await Promise.all(running.splice(0).map((part) => part.stop()));
    const waiting = await publish('later');
    expect((await groupsOf(waiting))['reads-all']?.status).toBe('waiting');
    await api.db.query("UPDATE consumer_stats SET reported_at = now() - interval '1 hour'");
    await foldStats(api.db);
    await foldStats(api.db);
    const { groups, consumed } = await freshStats();
    expect(consumed.total).toBe('5');
    const all = groups.find(({ group }) => group === 'reads-all');
    expect(all).toMatchObject({ handled: '3', lag: '1', processCount: 0 });
    expect(all?.lagSeconds).toBeGreaterThan(0);
    expect(all?.lagSeconds).toBeLessThan(3_600);
  });

  test('topics that a key may not read are not in its statistics', async () => {
    const narrow = await api.key(['events:read'], 'narrow', { publish: [], read: ['game.*'] });
    const { body } = await api.send('GET', '/v1/stats', { token: narrow });
    expect([body['topics'], body['groups']]).toEqual([[], []]);
  });
});
