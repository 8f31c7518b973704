import { WorkflowNotFoundError } from '@temporalio/client';
import type { SignalDefinition } from '@temporalio/client';
import type { Temporal } from '../../platform/temporal.ts';

/** Longer than a busy server takes; after it the event waits and the signal is sent again. */
const signalDeadlineMs = 5_000;

export const withSignalDeadline = <T>({ connection }: Temporal, work: () => Promise<T>): Promise<T> =>
  connection.withDeadline(Date.now() + signalDeadlineMs, work);

/**
 * Signals a story that may be over, or not begun: both are the same error, and both are fine, because what the signal
 * announces is a row that the story reads before it waits. Answers whether anybody was there.
 */
export async function nudge(
  temporal: Temporal,
  workflowId: string,
  signal: SignalDefinition,
): Promise<boolean> {
  try {
    await withSignalDeadline(temporal, () => temporal.client.workflow.getHandle(workflowId).signal(signal));
    return true;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}
