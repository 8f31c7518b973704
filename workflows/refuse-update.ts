import { ApplicationFailure } from '@temporalio/workflow';
import type { ErrorCode } from '../domain/errors.ts';

/** Refuses an update in its validator, without a trace in the history. The caller reads `code` from the failure's type. */
export function refuseUpdate(code: ErrorCode, detail: string): never {
  throw ApplicationFailure.nonRetryable(detail, code);
}
