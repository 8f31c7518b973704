import { proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { AuditActivities, BeginAuditReply, CheckRuleReply } from '../activities/audit/types.ts';
import { setStatus, tell } from './details.ts';
import type { Tale } from './details.ts';
import { auditIdOf } from './messages.ts';
import type { AuditInput, AuditResult } from './messages.ts';
import { auditStep, redriveStep } from './timeouts.ts';

const { beginAudit, finishAudit } = proxyActivities<AuditActivities>(redriveStep);
const { checkRule } = proxyActivities<AuditActivities>(auditStep);

/** When an asset is off, these name the account, if they look at all of them. */
const namesTheAccount = ['wallet_counters', 'folded_totals'] as const;

/**
 * One look at the books: rule by rule over the journals since the last look, or over everything. Each rule writes its own
 * findings; the story is which rules held.
 */
export async function audit({ mode, actor }: AuditInput): Promise<AuditResult> {
  const auditId = auditIdOf(workflowInfo().workflowId);
  const tale = tell(`Audit, ${mode}`);
  setStatus('running');
  tale.now('waits until nothing can change any more below the newest journal');
  const plan = await beginAudit.executeWithOptions({ summary: 'Where to begin and end' }, [
    { auditId, mode, actor },
  ]);
  tale.about(`Audit, ${mode}`, scopeOf(plan, actor));

  const results: CheckRuleReply[] = [];
  const checks = [...plan.checks];
  for (let check = checks.shift(); check !== undefined; check = checks.shift()) {
    const { rule, after } = check;
    tale.now(`\`${rule}\` is being checked`);
    const result = await checkRule.executeWithOptions({ summary: rule }, [{ auditId, rule, after }]);
    results.push(result);
    report(tale, result);
    if (rule !== 'assets_conserved' || result.violationCount === 0) continue;
    // instead of their look at what is new
    const others = checks.filter((other) => !namesTheAccount.some((name) => name === other.rule));
    checks.splice(
      0,
      checks.length,
      ...namesTheAccount.map((name) => ({ rule: name, after: '0' })),
      ...others,
    );
  }

  const outcomes = results.map(({ subjects: _subjects, closedValve: _closedValve, ...outcome }) => outcome);
  await finishAudit.executeWithOptions({ summary: 'Write down how far the books are looked through' }, [
    { auditId, until: plan.until, results: outcomes },
  ]);
  const violationCount = results.reduce((sum, result) => sum + result.violationCount, 0);
  tale.happened(
    violationCount === 0
      ? 'all rules hold'
      : `**${violationCount} violations**, see [findings](/v1/findings)`,
  );
  setStatus('completed');
  return { ruleCount: results.length, violationCount };
}

const scopeOf = ({ after, until }: BeginAuditReply, actor: string): string =>
  `journals above ${after} up to ${until} · asked for by \`${actor}\``;

function report(tale: Tale, result: CheckRuleReply): void {
  const { rule, violationCount, openedCount, closedCount, subjects, closedValve, durationMs } = result;
  const found =
    violationCount === 0
      ? 'holds'
      : `**${violationCount} violations**, ${openedCount} new: ${subjects.join(', ')}${violationCount > subjects.length ? ', …' : ''}`;
  const closed = closedCount === 0 ? '' : `, ${closedCount} findings closed`;
  const tripped = closedValve === null ? '' : `; its tripwire closed the valve \`${closedValve}\``;
  tale.happened(`\`${rule}\`: ${found}${closed}${tripped} (${durationMs} ms)`);
}
