import { proxySinks, workflowInfo } from '@temporalio/workflow';
import type { Sinks, WorkflowInterceptors } from '@temporalio/workflow';

export interface ResultSinks extends Sinks {
  replayed: { result(workflowId: string, result: unknown): void };
}

/** Tells what a replayed story returned: replay alone compares commands, not their content. */
export const interceptors = (): WorkflowInterceptors => ({
  inbound: [
    {
      async execute(input, next) {
        const result = await next(input);
        proxySinks<ResultSinks>().replayed.result(workflowInfo().workflowId, result);
        return result;
      },
    },
  ],
});
