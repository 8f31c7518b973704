import { ApplicationFailure } from '@temporalio/common';
import { errorCodes, isLootError } from '../domain/errors.ts';
import type { ErrorCode } from '../domain/errors.ts';
import type { Refusal } from '../domain/market/types.ts';

/**
 * The one mapper from our errors to Temporal. A refusal that a story has an answer to is a value; everything else is a
 * fault, thrown and tried again, unless no try can end otherwise: a missing row is a bug of ours.
 */
export async function asValue<Reply>(work: () => Promise<Reply>): Promise<Reply | Refusal> {
  try {
    return await work();
  } catch (error) {
    if (isLootError(error) && isRefusal(error.code))
      return { done: false, code: error.code, detail: error.message };
    throw asFailure(error);
  }
}

/** For activities whose story has no refusal to expect. */
export async function orFailure<Reply>(work: () => Promise<Reply>): Promise<Reply> {
  try {
    return await work();
  } catch (error) {
    throw asFailure(error);
  }
}

const isRefusal = (code: ErrorCode): boolean => code !== 'not_found' && errorCodes[code].status < 500;

function asFailure(error: unknown): unknown {
  if (!isLootError(error)) return error;
  return ApplicationFailure.create({
    type: error.code,
    message: error.message,
    nonRetryable: isRefusal(error.code) || error.code === 'not_found',
    details: [error.extra],
    ...(error.retryAfterMs !== undefined && { nextRetryDelay: error.retryAfterMs }),
    cause: error,
  });
}
