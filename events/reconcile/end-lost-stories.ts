import { WorkflowNotFoundError } from '@temporalio/client';
import type { Temporal } from '../../platform/temporal.ts';
import type { Db } from '../../store/db.ts';
import { unknownSubjects } from '../../store/epoch/unfinished.ts';
import type { StorySubject } from '../../store/epoch/unfinished.ts';
import { taskQueues, workflowIds } from '../../workflows/messages.ts';

/** Of each kind of story: its workflow type, what its ids begin with, what it is about. */
const stories: readonly { type: string; prefix: string; subject: StorySubject; queue: string }[] = [
  { type: 'match', prefix: workflowIds.match(''), subject: 'matches', queue: taskQueues.match },
  { type: 'rewardGrant', prefix: workflowIds.rewardGrant(''), subject: 'matches', queue: taskQueues.economy },
  { type: 'trade', prefix: workflowIds.trade(''), subject: 'trades', queue: taskQueues.economy },
  { type: 'clawback', prefix: workflowIds.clawback(''), subject: 'clawbacks', queue: taskQueues.economy },
  {
    type: 'importWallets',
    prefix: workflowIds.importWallets(''),
    subject: 'imports',
    queue: taskQueues.economy,
  },
];

/**
 * Ends the stories that run about what the database has forgotten: they would ask for it for ever, or act on a namesake.
 * Their journals are lost too, so nothing is left to undo. Answers how many.
 */
export async function endLostStories(db: Db, temporal: Temporal): Promise<number> {
  let endedCount = 0;
  for (const { type, prefix, subject, queue } of stories) {
    const ids = await runningIds(temporal, { type, queue, prefix });
    for (const id of await unknownSubjects(db, subject, ids)) {
      await terminate(temporal, prefix + id);
      endedCount += 1;
    }
  }
  return endedCount;
}

async function runningIds(
  { client, taskQueue }: Temporal,
  { type, queue, prefix }: { type: string; queue: string; prefix: string },
): Promise<string[]> {
  const query = `WorkflowType = '${type}' AND ExecutionStatus = 'Running' AND TaskQueue = '${taskQueue(queue)}'`;
  const ids: string[] = [];
  for await (const { workflowId } of client.workflow.list({ query }))
    if (workflowId.startsWith(prefix)) ids.push(workflowId.slice(prefix.length));
  return ids;
}

/** One that has ended meanwhile is as good as ended. */
export async function terminate({ client }: Temporal, workflowId: string): Promise<void> {
  try {
    await client.workflow.getHandle(workflowId).terminate('the database was restored');
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
}
