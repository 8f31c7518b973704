import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { LootError } from '../../../domain/errors.ts';
import { approveClawback, cancelClawback } from '../../../store/clawbacks/decide-clawback.ts';
import { openClawback } from '../../../store/clawbacks/open-clawback.ts';
import { readClawback, readClawbacks } from '../../../store/clawbacks/reads.ts';
import type { Clawback as StoredClawback } from '../../../store/clawbacks/reads.ts';
import { clawbackDecided, clawbackStart, taskQueues, workflowIds } from '../../../workflows/messages.ts';
import { operator, principalName } from '../../auth/policy.ts';
import { callTemporal } from '../../call-temporal.ts';
import { defineRoute } from '../../define-route.ts';
import type { Services } from '../../deps.ts';
import { clawbackPath } from '../../links.ts';
import { acceptedReply } from '../../outcome.ts';
import { pageOfRows, readPage } from '../../pages.ts';
import {
  Clawback,
  ClawbackApproval,
  ClawbackParams,
  ClawbackQuery,
  Clawbacks,
  NewClawback,
} from './schema.ts';

/** A report may wait this long for its approval. */
const approvalLimitMs = 72 * 3_600_000;

const common = { tag: 'operate', auth: operator('clawbacks:write') } as const;
const answers = {
  200: { description: 'Over', schema: Clawback },
  202: { description: 'Not over yet', schema: Clawback },
} as const;

const request = defineRoute(
  {
    ...common,
    method: 'post',
    path: '/v1/clawbacks',
    operationId: 'requestClawback',
    summary: 'Have a clawback of grants examined; nothing is taken back before its report is approved',
    mutation: 'keyed',
    limit: 'write',
    body: NewClawback,
    answers,
  },
  async ({ deps, principal, body, derivedId, eventContext, requestId }) => {
    const clawback = await openClawback(
      deps.db,
      {
        clawbackId: derivedId(),
        selection: body.select,
        reason: body.reason,
        requestedBy: principalName(principal),
        approvalLimitMs,
      },
      { ...eventContext, requestId },
    );
    await nudge(deps, clawback);
    return replyOf(deps, clawback);
  },
  async ({ deps, derivedId }) => replyOf(deps, await requireClawback(deps, derivedId())),
);

const list = defineRoute(
  {
    ...common,
    method: 'get',
    path: '/v1/clawbacks',
    operationId: 'listClawbacks',
    summary: 'Clawbacks, newest first',
    mutation: false,
    limit: 'read',
    query: ClawbackQuery,
    answers: { 200: { description: 'A page', schema: Clawbacks } },
    errors: ['bad_cursor'],
  },
  async ({ deps, query }) => {
    const { after, limit } = await readPage(deps, 'clawbacks', query);
    const rows = await readClawbacks(deps.db, {
      limit,
      ...(after?.[0] !== undefined && { after: { clawbackId: after[0] } }),
    });
    const view = (row: StoredClawback) => viewOf(deps, row);
    const body = await pageOfRows(deps, 'clawbacks', rows, limit, view, (row) => [row.clawbackId]);
    return { status: 200, body };
  },
);

const read = defineRoute(
  {
    ...common,
    method: 'get',
    path: '/v1/clawbacks/{clawbackId}',
    operationId: 'readClawback',
    summary: 'The report that an approval names, how far it is, and in the end the result',
    mutation: false,
    limit: 'read',
    params: ClawbackParams,
    answers: { 200: { description: 'The clawback', schema: Clawback } },
  },
  async ({ deps, params }) => ({
    status: 200,
    body: viewOf(deps, await requireClawback(deps, params.clawbackId)),
  }),
);

const approve = defineRoute(
  {
    ...common,
    method: 'post',
    path: '/v1/clawbacks/{clawbackId}/approve',
    operationId: 'approveClawback',
    summary: 'Let it happen, exactly as the report with this hash says',
    mutation: 'keyed',
    limit: 'write',
    params: ClawbackParams,
    body: ClawbackApproval,
    answers,
    errors: ['not_found', 'precondition_failed', 'clawback_closed'],
  },
  async ({ deps, principal, params, body, eventContext, requestId }) => {
    const decision = { ...params, ...body, actor: principalName(principal) };
    const clawback = await approveClawback(deps.db, decision, { ...eventContext, requestId });
    await nudge(deps, clawback);
    return replyOf(deps, clawback);
  },
  async ({ deps, params }) => replyOf(deps, await requireClawback(deps, params.clawbackId)),
);

const cancel = defineRoute(
  {
    ...common,
    method: 'post',
    path: '/v1/clawbacks/{clawbackId}/cancel',
    operationId: 'cancelClawback',
    summary: 'End it before it is approved; nothing is taken back',
    mutation: 'keyed',
    limit: 'write',
    params: ClawbackParams,
    answers: { 200: { description: 'Cancelled', schema: Clawback } },
    errors: ['not_found', 'clawback_closed'],
  },
  async ({ deps, principal, params, eventContext, requestId }) => {
    const decision = { ...params, actor: principalName(principal) };
    const clawback = await cancelClawback(deps.db, decision, { ...eventContext, requestId });
    await nudge(deps, clawback);
    return { status: 200, body: viewOf(deps, clawback) };
  },
);

/** Starts its story, or wakes it: one that was lost is started again by whoever decides next. */
async function nudge(deps: Services, { clawbackId }: StoredClawback): Promise<void> {
  const start = clawbackStart(clawbackId);
  const taskQueue = deps.temporal.taskQueue(taskQueues.economy);
  try {
    await callTemporal(deps, ({ workflow }) =>
      workflow.signalWithStart('clawback', { ...start, taskQueue, signal: clawbackDecided, signalArgs: [] }),
    );
  } catch (error) {
    // it has ended, and knows
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}

async function requireClawback({ db }: Services, clawbackId: string): Promise<StoredClawback> {
  const clawback = await readClawback(db, clawbackId);
  if (clawback === null) throw new LootError('not_found', 'There is no such clawback.');
  return clawback;
}

function replyOf(deps: Services, clawback: StoredClawback) {
  const body = viewOf(deps, clawback);
  return clawback.endedAt === null
    ? acceptedReply(body, clawbackPath(clawback.clawbackId))
    : { status: 200, body };
}

const viewOf = ({ temporal }: Services, clawback: StoredClawback) => {
  const { selection, approvedHash: _, leftMs: __, ...shown } = clawback;
  const workflowId = workflowIds.clawback(clawback.clawbackId);
  return {
    ...shown,
    select: selection,
    createdAt: clawback.createdAt.toISOString(),
    expiresAt: clawback.expiresAt.toISOString(),
    endedAt: clawback.endedAt?.toISOString() ?? null,
    workflowId,
    workflowUrl: temporal.workflowUrl(workflowId),
  };
};

export const clawbackRoutes = [request, list, read, approve, cancel];
