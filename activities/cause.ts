import { activityInfo } from '@temporalio/activity';
import { propagation, context as active } from '@opentelemetry/api';
import type { EventContext } from '../domain/events.ts';
import type { JournalCause } from '../domain/ledger/types.ts';

/** Who did it, for the journals and events of an activity: the workflow, its step and the trace it belongs to. */
export function causeOfStep(actor: string): { cause: JournalCause; context: EventContext } {
  const { workflowExecution, activityType } = activityInfo();
  const workflowId = workflowExecution?.workflowId ?? activityType;
  const carrier: { traceparent?: string; tracestate?: string } = {};
  propagation.inject(active.active(), carrier);
  const traceId = carrier.traceparent?.split('-')[1];
  return {
    cause: { actor, workflowId, step: activityType, ...(traceId !== undefined && { traceId }) },
    context: { correlationId: workflowId, ...carrier },
  };
}
