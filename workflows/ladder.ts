import type { ActivityOptions, LocalActivityOptions, UntypedActivities } from '@temporalio/common';
import {
  ActivityFailure,
  ApplicationFailure,
  isCancellation,
  proxyActivities,
  proxyLocalActivities,
} from '@temporalio/workflow';
import { localStep, localUndo, patientStep, patientUndo } from './timeouts.ts';

/**
 * The ladder for short steps. First a local activity: four of them cost a tenth of four regular ones. When it fails, the
 * same activity with the same key as a regular one, which may be tried for ever and shows attempt and last failure in the
 * Web UI. A stalled local activity would show nothing there.
 */
export type Ladder<Steps> = {
  readonly [Name in keyof Steps]: Steps[Name] extends (input: infer Input) => Promise<infer Reply>
    ? (input: Input, summary: string) => Promise<Reply>
    : never;
};

type Listener = {
  /** The first rung failed; the second is being tried. */
  stalled?(step: string, failure: string): void;
  /** The second rung answered. */
  resumed?(step: string): void;
};

type Rungs = { local: LocalActivityOptions; regular: ActivityOptions };
const stepRungs: Rungs = { local: localStep, regular: patientStep };
const undoRungs: Rungs = { local: localUndo, regular: patientUndo };

/** Steps that are tried until they answer. */
export const ladder = <Steps>(listener: Listener = {}): Ladder<Steps> => climb<Steps>(stepRungs, listener);

/** Undo steps: they give up after `patientUndo`, so that their story can say it is stuck. */
export const undoLadder = <Steps>(listener: Listener = {}): Ladder<Steps> =>
  climb<Steps>(undoRungs, listener);

function climb<Steps>(rungs: Rungs, listener: Listener): Ladder<Steps> {
  const local = proxyLocalActivities<UntypedActivities>(rungs.local);
  const regular = proxyActivities<UntypedActivities>(rungs.regular);

  async function take(step: string, input: unknown, summary: string): Promise<unknown> {
    try {
      return await local[step]?.executeWithOptions({ summary }, [input]);
    } catch (error) {
      if (isCancellation(error) || isFinal(error)) throw error;
      listener.stalled?.(step, reasonOf(error));
    }
    const reply: unknown = await regular[step]?.executeWithOptions({ summary }, [input]);
    listener.resumed?.(step);
    return reply;
  }

  return new Proxy({} as Ladder<Steps>, {
    get: (_, step) =>
      typeof step === 'string' ? (input: unknown, summary: string) => take(step, input, summary) : undefined,
  });
}

/** A bug of ours said by the activity itself: another try cannot answer otherwise. */
function isFinal(error: unknown): boolean {
  const cause = causeOf(error);
  return cause instanceof ApplicationFailure && cause.nonRetryable === true;
}

/** What went wrong in one line: the activity's own message, not Temporal's wrapping. */
export function reasonOf(error: unknown): string {
  const cause = causeOf(error);
  return cause instanceof Error ? cause.message : String(cause);
}

/** A regular activity's failure comes wrapped, a local one's bare. */
const causeOf = (error: unknown): unknown =>
  error instanceof ActivityFailure && error.cause !== undefined ? error.cause : error;
