import type { AuditMode } from '../../store/auditor/begin-audit.ts';
import type { RuleOutcome } from '../../store/auditor/finish-audit.ts';
import type { RuleName } from '../../store/auditor/rules.ts';

/** What the `audit` story asks for; seen by the workflow as types alone. Journal ids are decimal strings. */
export type AuditActivities = {
  /** Where it begins and ends, and which rules look at what. */
  beginAudit(input: { auditId: string; mode: AuditMode; actor: string }): Promise<BeginAuditReply>;
  /** One rule over its scope, and what became of its findings; heartbeats. */
  checkRule(input: CheckRuleInput): Promise<CheckRuleReply>;
  finishAudit(input: { auditId: string; until: string; results: RuleOutcome[] }): Promise<void>;
};

export type BeginAuditReply = {
  after: string;
  until: string;
  checks: { rule: RuleName; after: string }[];
};
export type CheckRuleInput = { auditId: string; rule: RuleName; after: string };
export type CheckRuleReply = RuleOutcome & { subjects: string[]; closedValve: string | null };
