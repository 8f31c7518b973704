import {
  CancellationScope,
  TemporalFailure,
  condition,
  proxyActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { StuckActivities } from '../activities/stuck.ts';
import type { Tale } from './details.ts';
import { setStuck } from './details.ts';
import { reasonOf } from './ladder.ts';
import { retryUndo } from './messages.ts';
import { courtesy } from './timeouts.ts';

/**
 * What a saga must take back, last in first out. Each undo is registered **before** its step runs: a timeout does not stop
 * a statement, so a step that answered nothing may still happen, and its undo has to claim the step's key either way.
 */
export type UndoStack = {
  /** Call before the step. `name` reads on after "undo:", such as "give the buyer's hold back". */
  before(name: string, undo: () => Promise<unknown>): void;
  /**
   * Runs all undos, also when the workflow is cancelled. One that cannot succeed does not end the story: it is stuck, says
   * so, and waits for an operator's `retryUndo`.
   */
  run(): Promise<void>;
};

const operators = proxyActivities<StuckActivities>(courtesy);

export function createUndoStack(tale: Tale): UndoStack {
  const undos: { name: string; undo: () => Promise<unknown> }[] = [];
  let retryCount = 0;
  setHandler(retryUndo, () => void retryCount++);

  async function untilUndone(name: string, undo: () => Promise<unknown>): Promise<void> {
    for (;;) {
      tale.now(`undo: ${name}`);
      try {
        await undo();
        return;
      } catch (error) {
        if (!(error instanceof TemporalFailure)) throw error;
        await waitStuck(name, reasonOf(error));
      }
    }
  }

  async function waitStuck(name: string, reason: string): Promise<void> {
    const { workflowId } = workflowInfo();
    const seen = retryCount;
    setStuck(true);
    tale.now(
      `**stuck** at undo: ${name} (${reason}). An operator repairs the cause, then \`POST /v1/workflows/${workflowId}/retry-undo\``,
    );
    // the search attribute is what alerts rely on; the finding is a courtesy, and the same database may be what fails
    await operators.reportStuck({ workflowId, step: name, reason }).catch(ignoreFailure);
    await condition(() => retryCount > seen);
    setStuck(false);
    tale.happened('an operator asked for the undo to be tried again');
    await operators.reportUnstuck({ workflowId }).catch(ignoreFailure);
  }

  return {
    before: (name, undo) => void undos.push({ name, undo }),
    run: () =>
      CancellationScope.nonCancellable(async () => {
        for (let next = undos.pop(); next !== undefined; next = undos.pop()) {
          await untilUndone(next.name, next.undo);
          tale.happened(`undone: ${next.name}`);
        }
      }),
  };
}

function ignoreFailure(error: unknown): void {
  if (!(error instanceof TemporalFailure)) throw error;
}
