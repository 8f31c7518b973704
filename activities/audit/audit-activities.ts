import { heartbeat } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { Config } from '../../platform/config.ts';
import type { Log } from '../../platform/log.ts';
import type { Metrics } from '../../platform/metrics.ts';
import { beginAudit } from '../../store/auditor/begin-audit.ts';
import { findViolations } from '../../store/auditor/find-violations.ts';
import { finishAudit } from '../../store/auditor/finish-audit.ts';
import { recordFindings } from '../../store/auditor/record-findings.ts';
import type { Recorded } from '../../store/auditor/record-findings.ts';
import type { Db } from '../../store/db.ts';
import { orFailure } from '../failures.ts';
import type { AuditActivities, CheckRuleInput } from './types.ts';

type Deps = {
  db: Db;
  log: Log;
  metrics: Metrics;
  config: Pick<Config, 'REWARD_REVIEW_LIMIT_MS' | 'AUDIT_GRACE_MS'>;
};

const heartbeatEveryMs = 5_000;
/** In the Web UI a story names so many of a rule's findings; all are in the table. */
const subjectCountMax = 5;

export function createAuditActivities({ db, log, metrics, config }: Deps): AuditActivities {
  const scopeOf = (after: string) => ({
    after: BigInt(after),
    graceMs: config.AUDIT_GRACE_MS,
    reviewLimitMs: config.REWARD_REVIEW_LIMIT_MS,
    holdGraceMs: config.AUDIT_GRACE_MS,
  });

  function tell({ rule, auditId }: CheckRuleInput, { opened, closedValve }: Recorded): void {
    for (const { subject, detail, detectedAfterMs } of opened) {
      log.error(
        { rule, subject, detail, auditId, detectedAfterMs, closedValve },
        'the auditor found something',
      );
      if (detectedAfterMs !== null) metrics.ledgerFindingDetection.observe({ rule }, detectedAfterMs / 1_000);
    }
  }

  return {
    beginAudit: (input) =>
      orFailure(async () => {
        const plan = await beginAudit(db, input);
        if (plan === null)
          throw ApplicationFailure.retryable('a long transaction is in the way', 'unsettled');
        const { after, until, checks } = plan;
        return {
          after: after.toString(),
          until: until.toString(),
          checks: checks.map((check) => ({ rule: check.rule, after: check.after.toString() })),
        };
      }),

    checkRule: (input) =>
      orFailure(async () => {
        const { rule, after } = input;
        const startedAtMs = performance.now();
        const found = await beating(() => findViolations(db, rule, scopeOf(after), (at) => heartbeat(at)));
        const recorded = await db.transaction((tx) =>
          recordFindings(tx, rule, found, { everything: after === '0' }),
        );
        tell(input, recorded);
        return {
          rule,
          after,
          violationCount: found.violationCount,
          openedCount: recorded.opened.length,
          closedCount: recorded.closedCount,
          durationMs: Math.round(performance.now() - startedAtMs),
          subjects: found.violations.slice(0, subjectCountMax).map(({ subject }) => subject),
          closedValve: recorded.closedValve,
        };
      }),

    finishAudit: ({ auditId, until, results }) =>
      orFailure(async () => {
        await finishAudit(db, { auditId, until: BigInt(until), results });
        const violationCount = results.reduce((sum, result) => sum + result.violationCount, 0);
        log.info({ auditId, until, violationCount }, 'audited');
      }),
  };
}

/** One statement over a large ledger says nothing on its way. */
async function beating<T>(work: () => Promise<T>): Promise<T> {
  const timer = setInterval(() => heartbeat(), heartbeatEveryMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
