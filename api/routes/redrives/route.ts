import { z } from '@hono/zod-openapi';
import { WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import { LootError } from '../../../domain/errors.ts';
import { appendAudit } from '../../../store/audit/append-audit.ts';
import { isParkedBehind, readDeadLetter } from '../../../store/dead-letters/reads.ts';
import { redriveProgress, taskQueues, workflowIds } from '../../../workflows/messages.ts';
import type { RedriveInput, RedriveProgress } from '../../../workflows/messages.ts';
import { operator, principalName } from '../../auth/policy.ts';
import { callTemporal } from '../../call-temporal.ts';
import { defineRoute } from '../../define-route.ts';
import type { Services } from '../../deps.ts';
import type { Reply } from '../../http.ts';
import { redrivePath } from '../../links.ts';
import { acceptedReply } from '../../outcome.ts';
import { Id } from '../../schemas.ts';

const letterCountMax = 100;
const progressDeadlineMs = 1_000;

const NewRedrive = z
  .strictObject({ deadLetterIds: z.array(Id).min(1).max(letterCountMax) })
  .refine(({ deadLetterIds }) => new Set(deadLetterIds).size === deadLetterIds.length, {
    path: ['deadLetterIds'],
    message: 'each id once',
  })
  .openapi('NewRedrive');
const Count = z.number().int();
const Redrive = z
  .strictObject({
    redriveId: Id,
    status: z.enum(['running', 'completed', 'failed']),
    progress: z
      .strictObject({ total: Count, done: Count, handled: Count, failedAgain: Count, current: Id.nullable() })
      .nullable(),
    workflowId: z.string(),
    workflowUrl: z.url(),
  })
  .openapi('Redrive');

const common = { tag: 'events', auth: operator('redrives:write') } as const;

const start = defineRoute(
  {
    ...common,
    method: 'post',
    path: '/v1/redrives',
    operationId: 'startRedrive',
    summary: 'Handle dead letters again, in order, with what was parked behind them',
    mutation: 'keyed',
    limit: 'write',
    body: NewRedrive,
    answers: {
      200: { description: 'Over', schema: Redrive },
      202: { description: 'Started', schema: Redrive },
    },
    errors: ['not_found', 'dead_letter_closed'],
  },
  async ({ deps, principal, body, derivedId, eventContext, requestId }) => {
    const redriveId = derivedId();
    // a retry whose first answer was lost: by now the story may have closed the letters itself
    const begun = await findRedrive(deps, redriveId);
    if (begun !== undefined) return begun;
    for (const id of body.deadLetterIds) await assertRedrivable(deps, id);
    const actor = principalName(principal);
    await deps.db.transaction((tx) =>
      appendAudit(
        tx,
        {
          actor,
          action: 'redrive.requested',
          target: redriveId,
          detail: { deadLetterIds: body.deadLetterIds },
        },
        { ...eventContext, requestId },
      ),
    );
    await startRedrive(deps, { redriveId, deadLetterIds: body.deadLetterIds, actor });
    return acceptedReply(viewOf(deps, redriveId, 'running', null), redrivePath(redriveId));
  },
  async ({ deps, derivedId }) => readRedrive(deps, derivedId()),
);

const read = defineRoute(
  {
    ...common,
    method: 'get',
    path: '/v1/redrives/{redriveId}',
    operationId: 'readRedrive',
    summary: 'How far it is',
    mutation: false,
    limit: 'read',
    params: z.strictObject({ redriveId: Id }),
    answers: { 200: { description: 'The redrive', schema: Redrive } },
  },
  async ({ deps, params }) => ({ ...(await readRedrive(deps, params.redriveId)), status: 200 }),
);

/** A closed letter may have left its key parked, if its redrive was ended before the release: then there is work left. */
async function assertRedrivable({ db }: Services, id: string): Promise<void> {
  const letter = await readDeadLetter(db, id);
  if (letter === undefined) throw new LootError('not_found', `There is no dead letter ${id}.`);
  if (letter.status !== 'waiting' && !(await isParkedBehind(db, letter)))
    throw new LootError('dead_letter_closed', `The dead letter ${id} is ${letter.status}.`);
}

async function startRedrive(services: Services, input: RedriveInput): Promise<void> {
  const options = {
    workflowId: workflowIds.redrive(input.redriveId),
    taskQueue: services.temporal.taskQueue(taskQueues.events),
    args: [input],
    workflowIdReusePolicy: 'REJECT_DUPLICATE' as const,
    staticSummary: `Redrive of ${input.deadLetterIds.length} dead letters by ${input.actor}`,
  };
  try {
    await callTemporal(services, ({ workflow }) => workflow.start('redrive', options));
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}

async function readRedrive(services: Services, redriveId: string): Promise<Reply> {
  const reply = await findRedrive(services, redriveId);
  if (reply === undefined) throw new LootError('not_found', 'There is no such redrive.');
  return reply;
}

async function findRedrive(services: Services, redriveId: string): Promise<Reply | undefined> {
  const handle = services.temporal.client.workflow.getHandle(workflowIds.redrive(redriveId));
  const status = await callTemporal(services, async () => (await handle.describe()).status.name).catch(
    (error: unknown) => {
      if (error instanceof WorkflowNotFoundError) return undefined;
      throw error;
    },
  );
  if (status === undefined) return undefined;
  // Needs a worker; without one the status is still worth telling.
  const progress = await services.temporal.connection
    .withDeadline(Date.now() + progressDeadlineMs, () => handle.query(redriveProgress))
    .catch(() => null);
  const isOver = status !== 'RUNNING' && status !== 'CONTINUED_AS_NEW';
  const view = viewOf(
    services,
    redriveId,
    isOver ? (status === 'COMPLETED' ? 'completed' : 'failed') : 'running',
    progress,
  );
  return isOver ? { status: 200, body: view } : acceptedReply(view, redrivePath(redriveId));
}

const viewOf = (
  { temporal }: Services,
  redriveId: string,
  status: 'running' | 'completed' | 'failed',
  progress: RedriveProgress | null,
) => ({
  redriveId,
  status,
  progress,
  workflowId: workflowIds.redrive(redriveId),
  workflowUrl: temporal.workflowUrl(workflowIds.redrive(redriveId)),
});

export const redriveRoutes = [start, read];
