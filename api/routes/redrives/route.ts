import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { LootError } from '../../../domain/errors.ts';
import { decideRedrive } from '../../../store/redrives/decide-redrive.ts';
import type { RedriveDecision } from '../../../store/redrives/decide-redrive.ts';
import { openRedrive } from '../../../store/redrives/open-redrive.ts';
import { listRedriveLetters, listRedrives, readRedrive } from '../../../store/redrives/reads.ts';
import type { Redrive as StoredRedrive } from '../../../store/redrives/types.ts';
import { redriveDecided, redriveStart, taskQueues, workflowIds } from '../../../workflows/messages.ts';
import { operator, principalName } from '../../auth/policy.ts';
import type { Client } from '../../auth/policy.ts';
import { readableBy } from '../../auth/topics.ts';
import { callTemporal } from '../../call-temporal.ts';
import { defineRoute } from '../../define-route.ts';
import type { Services } from '../../deps.ts';
import type { Reply } from '../../http.ts';
import { redrivePath } from '../../links.ts';
import { acceptedReply } from '../../outcome.ts';
import { listName, pageOfRows, readPage } from '../../pages.ts';
import {
  NewRedrive,
  PageQuery,
  Redrive,
  RedriveLetters,
  RedriveParams,
  Redrives,
  letterView,
} from './schema.ts';

const common = { tag: 'events', auth: operator('redrives:write') } as const;
const answers = {
  200: { description: 'Over', schema: Redrive },
  202: { description: 'Not over yet', schema: Redrive },
} as const;

const start = defineRoute(
  {
    ...common,
    method: 'post',
    path: '/v1/redrives',
    operationId: 'startRedrive',
    summary:
      'Handle dead letters again, in order, with what was parked behind them; or preview that; or discard them',
    mutation: 'keyed',
    limit: 'write',
    body: NewRedrive,
    answers,
    errors: ['not_found', 'dead_letter_closed'],
  },
  async ({ deps, principal, body, derivedId, eventContext, requestId }) => {
    const { deadLetterIds, filter, limit } = body;
    const redrive = await openRedrive(
      deps.db,
      {
        redriveId: derivedId(),
        requestedBy: principalName(principal),
        selection: deadLetterIds === undefined ? { filter: given(filter ?? {}), limit } : { deadLetterIds },
        preview: body.preview ?? false,
        discardReason: body.discard?.reason ?? null,
        force: body.force ?? false,
        ratePerSecond: body.ratePerSecond ?? null,
      },
      { ...eventContext, requestId },
      readableBy(principal),
    );
    await nudge(deps, redrive);
    return replyOf(deps, redrive);
  },
  async ({ deps, principal, derivedId }) => replyOf(deps, await requireRedrive(deps, principal, derivedId())),
);

const list = defineRoute(
  {
    ...common,
    method: 'get',
    path: '/v1/redrives',
    operationId: 'listRedrives',
    summary: 'Redrives, previews and discards, newest first',
    mutation: false,
    limit: 'read',
    query: PageQuery,
    answers: { 200: { description: 'A page', schema: Redrives } },
    errors: ['bad_cursor'],
  },
  async ({ deps, principal, query }) => {
    const { after, limit } = await readPage(deps, 'redrives', query);
    const rows = await listRedrives(deps.db, {
      limit,
      readTopics: readableBy(principal),
      ...(after?.[0] !== undefined && { after: after[0] }),
    });
    const view = (row: StoredRedrive) => viewOf(deps, row);
    return {
      status: 200,
      body: await pageOfRows(deps, 'redrives', rows, limit, view, ({ redriveId }) => [redriveId]),
    };
  },
);

const read = defineRoute(
  {
    ...common,
    method: 'get',
    path: '/v1/redrives/{redriveId}',
    operationId: 'readRedrive',
    summary: 'How far it is, and how long it will take at its present pace',
    mutation: false,
    limit: 'read',
    params: RedriveParams,
    answers: { 200: { description: 'The redrive', schema: Redrive } },
  },
  async ({ deps, principal, params }) => ({
    status: 200,
    body: viewOf(deps, await requireRedrive(deps, principal, params.redriveId)),
  }),
);

const letters = defineRoute(
  {
    ...common,
    method: 'get',
    path: '/v1/redrives/{redriveId}/letters',
    operationId: 'listRedriveLetters',
    summary: 'What became of each letter, or of a preview, what would; in the order of the work',
    mutation: false,
    limit: 'read',
    params: RedriveParams,
    query: PageQuery,
    answers: { 200: { description: 'A page', schema: RedriveLetters } },
    errors: ['bad_cursor'],
  },
  async ({ deps, principal, params: { redriveId }, query }) => {
    await requireRedrive(deps, principal, redriveId);
    const name = listName('redrive-letters', { redriveId });
    const { after, limit } = await readPage(deps, name, query);
    const rows = await listRedriveLetters(deps.db, { redriveId, after: Number(after?.[0] ?? 0), limit });
    return {
      status: 200,
      body: await pageOfRows(deps, name, rows, limit, letterView, ({ n }) => [String(n)]),
    };
  },
);

const decide = (decision: RedriveDecision, summary: string) =>
  defineRoute(
    {
      ...common,
      method: 'post',
      path: `/v1/redrives/{redriveId}/${decision}`,
      operationId: `${decision}Redrive`,
      summary,
      mutation: 'keyed',
      limit: 'write',
      params: RedriveParams,
      answers,
      errors: ['not_found', 'redrive_closed'],
    },
    async ({ deps, principal, params, eventContext, requestId }) => {
      await requireRedrive(deps, principal, params.redriveId);
      const redrive = await decideRedrive(
        deps.db,
        { ...params, decision, actor: principalName(principal) },
        { ...eventContext, requestId },
      );
      await nudge(deps, redrive);
      return replyOf(deps, redrive);
    },
    async ({ deps, principal, params }) =>
      replyOf(deps, await requireRedrive(deps, principal, params.redriveId)),
  );

/** Starts its story, or wakes it: one that was lost is started again by whoever decides next. */
async function nudge(deps: Services, { redriveId, letterCount, endedAt }: StoredRedrive): Promise<void> {
  if (endedAt !== null) return;
  const start = redriveStart(redriveId, letterCount);
  const taskQueue = deps.temporal.taskQueue(taskQueues.events);
  try {
    await callTemporal(deps, ({ workflow }) =>
      workflow.signalWithStart('redrive', { ...start, taskQueue, signal: redriveDecided, signalArgs: [] }),
    );
  } catch (error) {
    // it has ended, and knows
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}

/** Who may not read all the topics its letters are of does not see it. */
async function requireRedrive(
  { db }: Services,
  principal: Client,
  redriveId: string,
): Promise<StoredRedrive> {
  const redrive = await readRedrive(db, redriveId, readableBy(principal));
  if (redrive === undefined) throw new LootError('not_found', 'There is no such redrive.');
  return redrive;
}

function replyOf(deps: Services, redrive: StoredRedrive): Reply {
  const body = viewOf(deps, redrive);
  return redrive.endedAt === null
    ? acceptedReply(body, redrivePath(redrive.redriveId))
    : { status: 200, body };
}

const viewOf = ({ temporal, nowMs }: Services, redrive: StoredRedrive) => {
  const workflowId = workflowIds.redrive(redrive.redriveId);
  const { letterCount, doneCount, handledCount, keptCount, releasedCount, percent, leftMs } = redrive;
  return {
    redriveId: redrive.redriveId,
    status: redrive.state,
    preview: redrive.preview,
    discardReason: redrive.discardReason,
    force: redrive.force,
    ratePerSecond: redrive.ratePerSecond,
    requestedBy: redrive.requestedBy,
    selection: redrive.selection,
    progress: {
      letterCount,
      doneCount,
      handledCount,
      keptCount,
      releasedCount,
      percent,
      etaAt: leftMs === null ? null : new Date(nowMs() + leftMs).toISOString(),
    },
    createdAt: redrive.createdAt.toISOString(),
    endedAt: redrive.endedAt?.toISOString() ?? null,
    workflowId,
    workflowUrl: temporal.workflowUrl(workflowId),
  };
};

const given = <T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };

export const redriveRoutes = [
  start,
  list,
  read,
  letters,
  decide('pause', 'Stop before the next event; what waits keeps its order'),
  decide('resume', 'Go on where it was paused'),
  decide('cancel', 'End it before the next event; what is not done with stays as it is'),
];
