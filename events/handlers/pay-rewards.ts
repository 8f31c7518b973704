import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { Temporal } from '../../platform/temporal.ts';
import { matchFinished, rewardGrantStart, taskQueues } from '../../workflows/messages.ts';
import { defineBatchHandler } from './define.ts';
import { withSignalDeadline } from './nudge.ts';

/** A finished match, ours or brought in, starts the story that pays it, or nudges the one that runs. */
export const payRewards = ({ temporal }: { temporal: Temporal }) =>
  defineBatchHandler({
    group: 'rewards',
    types: ['game.match.finished.v1'],
    onDeadLetter: 'park',
    // the plans are pinned on the match's row already: all there is to do is to start
    handleMany: () => Promise.resolve(),
    signal: ({ data: { matchId, plans } }) =>
      startGrant(temporal, { matchId, playerIds: plans.map(({ playerId }) => playerId) }),
  });

async function startGrant(
  temporal: Temporal,
  grant: { matchId: string; playerIds: string[] },
): Promise<void> {
  const start = rewardGrantStart(grant);
  const taskQueue = temporal.taskQueue(taskQueues.economy);
  try {
    await withSignalDeadline(temporal, () =>
      temporal.client.workflow.signalWithStart('rewardGrant', {
        ...start,
        taskQueue,
        signal: matchFinished,
        signalArgs: [],
      }),
    );
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    await assertUnderWayOrDone(temporal, start.workflowId);
  }
}

/** Refused as a duplicate is not yet success: the server says the same about runs that were terminated. */
async function assertUnderWayOrDone(temporal: Temporal, workflowId: string): Promise<void> {
  const handle = temporal.client.workflow.getHandle(workflowId);
  const { status } = await withSignalDeadline(temporal, () => handle.describe());
  if (status.name === 'RUNNING' || status.name === 'COMPLETED' || status.name === 'CONTINUED_AS_NEW') return;
  throw new Error(`${workflowId} cannot be started again and is ${status.name}`);
}
