import { z } from '@hono/zod-openapi';
import { WorkflowNotFoundError } from '@temporalio/client';
import { LootError } from '../../../domain/errors.ts';
import { appendAudit } from '../../../store/audit/append-audit.ts';
import { readMatch } from '../../../store/matches/reads.ts';
import { matchFinished, retryUndo, rewardGrantStart, taskQueues } from '../../../workflows/messages.ts';
import { operator, principalName } from '../../auth/policy.ts';
import { callTemporal } from '../../call-temporal.ts';
import { defineRoute } from '../../define-route.ts';
import type { Services } from '../../deps.ts';
import { Id } from '../../schemas.ts';

const Story = z.strictObject({ workflowId: z.string(), workflowUrl: z.url() }).openapi('Story');

const common = {
  method: 'post',
  tag: 'operate',
  auth: operator('stories:write'),
  mutation: 'keyed',
  limit: 'write',
} as const;

const retry = defineRoute(
  {
    ...common,
    path: '/v1/workflows/{workflowId}/retry-undo',
    operationId: 'retryUndo',
    summary: 'Tell a stuck story that its cause is repaired: it tries the undo again',
    params: z.strictObject({ workflowId: z.string().max(200) }),
    answers: { 202: { description: 'The story has been told', schema: Story } },
    errors: ['not_found'],
  },
  async ({ deps, principal, params: { workflowId }, eventContext, requestId }) => {
    await audit(deps, principalName(principal), 'story.retry-undo', workflowId, {
      ...eventContext,
      requestId,
    });
    await callTemporal(deps, ({ workflow }) => workflow.getHandle(workflowId).signal(retryUndo)).catch(
      (error: unknown) => {
        if (error instanceof WorkflowNotFoundError)
          throw new LootError('not_found', 'No story of this id is running.');
        throw error;
      },
    );
    return { status: 202, body: viewOf(deps, workflowId) };
  },
);

const pay = defineRoute(
  {
    ...common,
    path: '/v1/rewards/{matchId}/retry',
    operationId: 'retryRewards',
    summary: "Start a match's rewards again, without Kafka; what is paid stays paid once",
    params: z.strictObject({ matchId: Id }),
    answers: { 202: { description: 'The story runs', schema: Story } },
    errors: ['not_found', 'match_not_finished'],
  },
  async ({ deps, principal, params: { matchId }, eventContext, requestId }) => {
    const match = await readMatch(deps.db, matchId);
    if (match === null) throw new LootError('not_found', 'There is no such match.');
    if (match.status !== 'finished')
      throw new LootError('match_not_finished', `The match is ${match.status}; only finished ones are paid.`);
    await audit(deps, principalName(principal), 'rewards.retry', matchId, { ...eventContext, requestId });
    const playerIds = match.players.map(({ playerId }) => playerId);
    const start = rewardGrantStart({ matchId, playerIds });
    const taskQueue = deps.temporal.taskQueue(taskQueues.economy);
    await callTemporal(deps, ({ workflow }) =>
      workflow.signalWithStart('rewardGrant', {
        ...start,
        // a run that has ended may have left a line waiting for a repair: the ledger's keys guard against paying twice
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        taskQueue,
        signal: matchFinished,
        signalArgs: [],
      }),
    );
    return { status: 202, body: viewOf(deps, start.workflowId) };
  },
);

const audit = (
  { db }: Services,
  actor: string,
  action: string,
  target: string,
  context: Parameters<typeof appendAudit>[2],
) => db.transaction((tx) => appendAudit(tx, { actor, action, target, detail: {} }, context));

const viewOf = ({ temporal }: Services, workflowId: string) => ({
  workflowId,
  workflowUrl: temporal.workflowUrl(workflowId),
});

export const storyRoutes = [retry, pay];
