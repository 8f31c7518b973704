import { z } from '@hono/zod-openapi';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { LootError } from '../../../domain/errors.ts';
import { appendAudit } from '../../../store/audit/append-audit.ts';
import { requestAudit } from '../../../store/auditor/request-audit.ts';
import { readAudit } from '../../../store/auditor/reads.ts';
import { auditStart, taskQueues, workflowIds } from '../../../workflows/messages.ts';
import type { AuditInput } from '../../../workflows/messages.ts';
import { operator, principalName } from '../../auth/policy.ts';
import { callTemporal } from '../../call-temporal.ts';
import { defineRoute } from '../../define-route.ts';
import type { Services } from '../../deps.ts';
import type { Reply } from '../../http.ts';
import { auditPath } from '../../links.ts';
import { acceptedReply } from '../../outcome.ts';
import { Time } from '../../schemas.ts';

const Mode = z.enum(['incremental', 'full']);
const NewAudit = z.strictObject({ mode: Mode }).openapi('NewAudit');
/** Ours, or with the time of a scheduled run. */
const AuditId = z.string().regex(/^[A-Za-z0-9._:-]{1,200}$/, 'must be the id of an audit');
const JournalId = z.string().nullable();
const Count = z.number().int();
const Audit = z
  .strictObject({
    auditId: AuditId,
    mode: Mode,
    status: z.enum(['running', 'completed']),
    requestedBy: z.string(),
    afterJournalId: JournalId,
    untilJournalId: JournalId,
    results: z
      .array(
        z.strictObject({
          rule: z.string(),
          after: z.string(),
          violationCount: Count,
          openedCount: Count,
          closedCount: Count,
          durationMs: Count,
        }),
      )
      .nullable(),
    startedAt: Time,
    endedAt: Time.nullable(),
    workflowId: z.string(),
    workflowUrl: z.url(),
  })
  .openapi('Audit');

const common = { tag: 'operate', auth: operator('audits:write') } as const;

const start = defineRoute(
  {
    ...common,
    method: 'post',
    path: '/v1/audits',
    operationId: 'startAudit',
    summary: 'Look at the books now: at what is new, or at everything',
    mutation: 'keyed',
    limit: 'write',
    body: NewAudit,
    answers: {
      200: { description: 'Over', schema: Audit },
      202: { description: 'Started', schema: Audit },
    },
  },
  async ({ deps, principal, body, derivedId, eventContext, requestId }) => {
    const auditId = derivedId();
    const actor = principalName(principal);
    await deps.db.transaction(async (tx) => {
      if (!(await requestAudit(tx, { auditId, mode: body.mode, actor }))) return;
      const entry = { actor, action: 'audit.requested', target: auditId, detail: { mode: body.mode } };
      await appendAudit(tx, entry, { ...eventContext, requestId });
    });
    await startAudit(deps, auditId, { mode: body.mode, actor });
    return readReply(deps, auditId);
  },
  async ({ deps, derivedId }) => readReply(deps, derivedId()),
);

const read = defineRoute(
  {
    ...common,
    method: 'get',
    path: '/v1/audits/{auditId}',
    operationId: 'readAudit',
    summary: 'What it looked at, and rule by rule what it found',
    mutation: false,
    limit: 'read',
    params: z.strictObject({ auditId: AuditId }),
    answers: { 200: { description: 'The audit', schema: Audit } },
  },
  async ({ deps, params }) => ({ ...(await readReply(deps, params.auditId)), status: 200 }),
);

async function startAudit(services: Services, auditId: string, input: AuditInput): Promise<void> {
  const taskQueue = services.temporal.taskQueue(taskQueues.economy);
  try {
    await callTemporal(services, ({ workflow }) =>
      workflow.start('audit', { ...auditStart(auditId, input), taskQueue }),
    );
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}

async function readReply({ db, temporal }: Services, auditId: string): Promise<Reply> {
  const audit = await readAudit(db, auditId);
  if (audit === null) throw new LootError('not_found', 'There is no such audit.');
  const workflowId = workflowIds.audit(auditId);
  const view = {
    auditId,
    mode: audit.mode,
    status: audit.endedAt === null ? 'running' : 'completed',
    requestedBy: audit.actor,
    afterJournalId: audit.afterJournalId?.toString() ?? null,
    untilJournalId: audit.untilJournalId?.toString() ?? null,
    results: audit.results,
    startedAt: audit.startedAt.toISOString(),
    endedAt: audit.endedAt?.toISOString() ?? null,
    workflowId,
    workflowUrl: temporal.workflowUrl(workflowId),
  };
  return audit.endedAt === null ? acceptedReply(view, auditPath(auditId)) : { status: 200, body: view };
}

export const auditRoutes = [start, read];
