import { isLootError } from '../../domain/errors.ts';
import type { Tx } from '../db.ts';
import { findCurrentEconomy } from '../economy/reads.ts';
import { closeFinding } from '../findings/close-finding.ts';
import { openFinding } from '../findings/open-finding.ts';
import { openSubjects } from '../findings/reads.ts';
import { closeValve } from '../valves/set-valve.ts';
import { readValve } from '../valves/reads.ts';
import { readProgress } from './begin-audit.ts';
import type { RuleName } from './rules.ts';
import { violationCountMax } from './scope.ts';
import type { Look } from './scope.ts';

export type Recorded = {
  /** New ones, and how long they stood before they were seen: since the row says it was wrong, or since the last audit. */
  opened: { subject: string; detail: string; detectedAfterMs: number | null }[];
  closedCount: number;
  /** The valve that this rule's tripwire has closed. */
  closedValve: string | null;
};

const actor = 'system:auditor';

/**
 * Writes down what a check found: new findings, those that are no more when `everything` was looked at, and, when one is
 * new and the economy has a tripwire for the rule, the closed valve. Found again, it changes nothing.
 */
export async function recordFindings(
  tx: Tx,
  rule: RuleName,
  { violations, violationCount, lookedAt }: Look,
  { everything }: { everything: boolean },
): Promise<Recorded> {
  const { auditedAt } = await readProgress(tx);
  const opened: Recorded['opened'] = [];
  for (const { subject, detail, since } of violations) {
    const isNew = await openFinding(tx, { rule, subject, detail: { what: detail } }, { acknowledged: true });
    if (!isNew) continue;
    const wrongSince = since ?? auditedAt;
    const detectedAfterMs = wrongSince === null ? null : Math.max(0, Date.now() - wrongSince.getTime());
    opened.push({ subject, detail, detectedAfterMs });
  }
  const named = everything && violationCount <= violationCountMax;
  const closedCount = named
    ? await closeOthers(tx, rule, new Set(violations.map(({ subject }) => subject)), lookedAt)
    : 0;
  const first = opened[0];
  const closedValve = first === undefined ? null : await trip(tx, rule, first.subject);
  return { opened, closedCount, closedValve };
}

/** Only what was found before this look began: what another one has found meanwhile, this one may not have seen. */
async function closeOthers(
  tx: Tx,
  rule: RuleName,
  found: ReadonlySet<string>,
  lookedAt: string,
): Promise<number> {
  const gone = (await openSubjects(tx, rule, lookedAt)).filter((subject) => !found.has(subject));
  for (const subject of gone) await closeFinding(tx, { rule, subject });
  return gone.length;
}

/** By default a finding only alerts; the economy may say that it closes a valve, such as `source:api.grant`. */
export async function trip(tx: Tx, rule: string, subject: string): Promise<string | null> {
  const current = await findCurrentEconomy(tx);
  const name = current?.economy.tripwires?.[rule]?.close;
  if (name === undefined) return null;
  const at = name.indexOf(':');
  const [scope, id] = [name.slice(0, at), name.slice(at + 1)];
  const reason = `tripwire of ${rule}: ${subject}`;
  for (let tries = 0; tries < 3; tries++) {
    const valve = await readValve(tx, scope, id);
    if (valve === null || valve.state === 'closed') return null;
    try {
      await closeValve(tx, { scope, id, reason, actor }, valve.version);
      return name;
    } catch (error) {
      // somebody changes it at the same moment: look again
      if (!isLootError(error) || error.code !== 'precondition_failed') throw error;
    }
  }
  return null;
}
