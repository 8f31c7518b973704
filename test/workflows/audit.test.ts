import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { AuditActivities, BeginAuditReply, CheckRuleReply } from '../../activities/audit/types.ts';
import { auditStart, searchKeys } from '../../workflows/messages.ts';
import type { AuditInput, AuditResult } from '../../workflows/messages.ts';
import { failing } from './trade-fakes.ts';
import { detailsOf, timeSkippingWorld } from './world.ts';

const world = timeSkippingWorld('economy', ['beginAudit', 'checkRule', 'finishAudit']);

const plan: BeginAuditReply = {
  after: '100',
  until: '140',
  checks: [
    { rule: 'assets_conserved', after: '100' },
    { rule: 'wallet_counters', after: '100' },
    { rule: 'locks_owned', after: '0' },
  ],
};
const holds = {
  violationCount: 0,
  openedCount: 0,
  closedCount: 0,
  durationMs: 7,
  subjects: [],
  closedValve: null,
};

/** Records what each rule is asked to look at; `found` are the rules that do not hold. */
function fakes(
  found: Partial<Record<string, Partial<CheckRuleReply>>> = {},
  overrides: Partial<AuditActivities> = {},
) {
  const calls: string[] = [];
  const finished: Parameters<AuditActivities['finishAudit']>[0][] = [];
  const activities: AuditActivities = {
    beginAudit: async () => plan,
    checkRule: async ({ rule, after }) => {
      calls.push(`${rule} ${after}`);
      return { ...holds, rule, after, ...found[rule] };
    },
    finishAudit: async (input) => void finished.push(input),
    ...overrides,
  };
  return { calls, finished, activities };
}

function start(taskQueue: string, mode: AuditInput['mode'] = 'incremental') {
  const input: AuditInput = { mode, actor: 'client:ops' };
  return world.env.client.workflow.start<(input: AuditInput) => Promise<AuditResult>>('audit', {
    ...auditStart(randomUUID(), input),
    taskQueue,
  });
}

test('checks rule by rule, says so in its details and writes down how far it came', async () => {
  const { calls, finished, activities } = fakes({ locks_owned: { closedCount: 1 } });
  await world.withActivities(activities, async (taskQueue) => {
    const handle = await start(taskQueue);
    expect(await handle.result()).toEqual({ ruleCount: 3, violationCount: 0 });
    await world.keep('audit-holds', handle);
    expect(calls).toEqual(['assets_conserved 100', 'wallet_counters 100', 'locks_owned 0']);
    expect(finished).toMatchObject([{ auditId: handle.workflowId.slice('audit-'.length), until: '140' }]);
    expect(finished[0]!.results.map(({ rule }) => rule)).toEqual(plan.checks.map(({ rule }) => rule));
    const details = await detailsOf(handle);
    expect(details).toContain('journals above 100 up to 140 · asked for by `client:ops`');
    expect(details).toContain('- `wallet_counters`: holds (7 ms)');
    expect(details).toContain('- `locks_owned`: holds, 1 findings closed (7 ms)');
    expect(details).toContain('- all rules hold');
    expect((await handle.describe()).typedSearchAttributes.get(searchKeys.sagaStatus)).toBe('completed');
  });
});

test('names what it found and the valve that a tripwire closed', async () => {
  const two = { violationCount: 2, openedCount: 1, subjects: ['item a'], closedValve: 'channel:market' };
  const { activities } = fakes({ locks_owned: two });
  await world.withActivities(activities, async (taskQueue) => {
    const handle = await start(taskQueue, 'full');
    expect(await handle.result()).toEqual({ ruleCount: 3, violationCount: 2 });
    await world.keep('audit-found', handle);
    const details = await detailsOf(handle);
    expect(details).toContain('### Audit, full');
    expect(details).toContain(
      '`locks_owned`: **2 violations**, 1 new: item a, …; its tripwire closed the valve `channel:market` (7 ms)',
    );
    expect(details).toContain('**2 violations**, see [findings](/v1/findings)');
  });
});

test('an asset that is off is followed by a look at every account, once', async () => {
  const { calls, activities } = fakes({
    assets_conserved: { violationCount: 1, openedCount: 1, subjects: ['gold'] },
  });
  await world.withActivities(activities, async (taskQueue) => {
    const handle = await start(taskQueue);
    expect(await handle.result()).toMatchObject({ ruleCount: 4, violationCount: 1 });
    await world.keep('audit-followed-up', handle);
    expect(calls).toEqual(['assets_conserved 100', 'wallet_counters 0', 'folded_totals 0', 'locks_owned 0']);
  });
});

test('waits for a long transaction and survives a database that is away', async () => {
  const { finished, activities } = fakes({}, { beginAudit: failing(3, plan) });
  const { checkRule } = activities;
  let failedCount = 0;
  activities.checkRule = (input) =>
    ++failedCount <= 2 ? Promise.reject(new Error('the database is away')) : checkRule(input);
  await world.withActivities(activities, async (taskQueue) => {
    const handle = await start(taskQueue);
    expect(await handle.result()).toEqual({ ruleCount: 3, violationCount: 0 });
    await world.keep('audit-stalled', handle);
    expect(finished).toHaveLength(1);
  });
});
