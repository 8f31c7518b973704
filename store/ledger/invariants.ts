import { rules } from '../auditor/rules.ts';
import { atRest } from '../auditor/scope.ts';
import type { Queryable } from '../db.ts';

/** `detail` is one sentence: how much was checked, or the first thing that is wrong. */
export type InvariantResult = { rule: string; ok: boolean; detail: string };

/** The auditor's rules over everything there is; meant for a system at rest: a payment under way is not paid yet. */
export async function checkInvariants(db: Queryable): Promise<InvariantResult[]> {
  const results: InvariantResult[] = [];
  for (const { title, holds, find } of rules) {
    const { violations, violationCount } = await find(db, atRest);
    const first = violations[0];
    const others = violationCount > 1 ? ` and ${violationCount - 1} more` : '';
    results.push({
      rule: title,
      ok: first === undefined,
      detail: first ? `${[first.subject, first.detail].filter(Boolean).join(' ')}${others}` : holds,
    });
  }
  return results;
}
