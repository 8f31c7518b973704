import {
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { errorCodes } from '../domain/errors.ts';
import type { ErrorCode } from '../domain/errors.ts';

/**
 * Whether a story has said no: its run is over (`closed`), or a validator refused and left no trace (its code). Undefined
 * for everything that says nothing about the story.
 */
export function refusalOf(error: unknown): 'closed' | ErrorCode | undefined {
  if (error instanceof WorkflowExecutionAlreadyStartedError || error instanceof WorkflowNotFoundError)
    return 'closed';
  if (!(error instanceof WorkflowUpdateFailedError)) return undefined;
  const type = error.cause instanceof ApplicationFailure ? error.cause.type : undefined;
  // An update that was accepted and met the end of its run fails without a code of ours.
  return typeof type === 'string' && Object.hasOwn(errorCodes, type) ? (type as ErrorCode) : 'closed';
}
