import { ServiceError, WorkflowUpdateRPCTimeoutOrCancelledError } from '@temporalio/client';
import { BrokenCircuitError, TaskCancelledError } from 'cockatiel';
import { LootError, isLootError } from '../domain/errors.ts';

/**
 * What an error of a dependency means. `refused`: it did not happen. `unknown`: the answer was lost. `busy`: it is up but
 * cannot take this now. Anything else is a bug of ours.
 */
type Meaning = 'refused' | 'unknown' | 'busy' | undefined;

const notConnected = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  '57P03',
  '53300',
  'P1001',
  'P1008',
  'P2024',
]);
const cutOff = new Set([
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  '57P01',
  '57P02',
  '08000',
  '08003',
  '08006',
  'P1017',
]);
const busy = new Set(['55P03', '40001', '40P01', '25P03', '25P04', '57014', 'P2028', 'P2034']);
const cutOffTexts = [
  'Connection terminated',
  'Client has encountered a connection error',
  'Connection ended',
];

/** gRPC's own numbers: DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, UNAVAILABLE, CANCELLED. */
const grpc = { cancelled: 1, deadlineExceeded: 4, resourceExhausted: 8, unavailable: 14 };

/** A call that was sent to a dependency which then went away: whether it arrived is not known. */
export class LostInFlight extends Error {
  override name = 'LostInFlight';
}

export function meaningOf(error: unknown): Meaning {
  if (isLootError(error)) return error.code === 'dependency_unavailable' ? 'refused' : undefined;
  if (error instanceof BrokenCircuitError) return 'refused';
  if (
    error instanceof LostInFlight ||
    error instanceof TaskCancelledError ||
    error instanceof WorkflowUpdateRPCTimeoutOrCancelledError
  )
    return 'unknown';
  if (error instanceof AggregateError)
    return error.errors.map(meaningOf).find((meaning) => meaning !== undefined);
  if (!(error instanceof Error)) return undefined;
  const code = 'code' in error ? error.code : undefined;
  if (typeof code === 'number') return grpcMeaning(code);
  if (typeof code === 'string') {
    if (notConnected.has(code)) return 'refused';
    if (cutOff.has(code)) return 'unknown';
    if (busy.has(code)) return 'busy';
  }
  if (error.message.includes('timeout exceeded when trying to connect')) return 'refused';
  if (cutOffTexts.some((text) => error.message.includes(text))) return 'unknown';
  return error instanceof ServiceError || error.cause instanceof Error ? meaningOf(error.cause) : undefined;
}

const grpcMeaning = (code: number): Meaning => {
  if (code === grpc.unavailable) return 'refused';
  if (code === grpc.deadlineExceeded || code === grpc.cancelled) return 'unknown';
  return code === grpc.resourceExhausted ? 'busy' : undefined;
};

/** For breakers: silence and broken connections count, refusals and contention do not. */
export const isDown = (error: unknown): boolean => {
  const meaning = meaningOf(error);
  return meaning === 'refused' || meaning === 'unknown';
};

const retryAfterMs = 1_000;

/** The error a caller is told. A read whose answer was lost did nothing; a mutation may have happened. */
export function toLootError(error: unknown, mutates: boolean): LootError {
  if (isLootError(error)) return error;
  const options = { cause: error, retryAfterMs };
  switch (meaningOf(error)) {
    case 'refused':
      return new LootError(
        'dependency_unavailable',
        'A dependency does not answer; nothing was done. Try again shortly.',
        options,
      );
    case 'busy':
      return new LootError(
        'overloaded',
        'Too much is going on; nothing was done. Try again shortly.',
        options,
      );
    case 'unknown':
      return mutates
        ? new LootError(
            'outcome_unknown',
            'The answer was lost on the way. Send the same request with the same key to learn the outcome.',
            options,
          )
        : new LootError(
            'dependency_unavailable',
            'A dependency does not answer. Try again shortly.',
            options,
          );
    case undefined:
      return new LootError('internal', 'Something failed on our side. The request id finds it in our logs.', {
        cause: error,
      });
  }
}
