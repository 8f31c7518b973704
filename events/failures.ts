import { isLootError } from '../domain/errors.ts';

/** Why an event can never be handled as it is. */
export type DeadClass = 'undecodable' | 'schema_violation' | 'unknown_version' | 'unknown_source';

/** The event itself is at fault: no number of attempts helps. */
export class DeadEvent extends Error {
  override readonly name = 'DeadEvent';
  readonly errorClass: DeadClass;
  /** Where in the data, when that is known. */
  readonly places: readonly (readonly string[])[];

  constructor(
    errorClass: DeadClass,
    message: string,
    options?: ErrorOptions & { places?: readonly (readonly string[])[] },
  ) {
    super(message, options);
    this.errorClass = errorClass;
    this.places = options?.places ?? [];
  }
}

/** `fault`: something else is broken, wait for it. `dead`: the event is. `handler`: try a few times, then give up. */
export type FailureKind = 'fault' | 'dead' | 'handler';

/** 40001 and 40P01 lose a race, 55P03 and 25P0x wait too long; 08 connection, 53 resources, 57 shutdown and cancel. */
const faultySqlState = /^(08|53|57)...$|^(40001|40P01|55P03|25P03|25P04)$/;
const faultyPrismaCode = /^P(1000|1001|1002|1008|1017|2024|2028|2034|2037)$/;
const faultySystemCode =
  /^(ECONN\w+|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR\w*)$/;
const faultyMessage =
  /connection terminated|connection error|timeout exceeded when trying to connect|server closed the connection|not queryable/i;
/** CANCELLED, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, UNAVAILABLE. */
const faultyGrpcCodes = new Set<unknown>([1, 4, 8, 14]);

/** An outage must not fill the dead letters, so what might be one counts as one. */
export function failureKind(error: unknown): FailureKind {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 8; cause = cause.cause, depth += 1) {
    if (cause instanceof DeadEvent) return 'dead';
    if (isFault(cause)) return 'fault';
  }
  return 'handler';
}

function isFault(error: Error): boolean {
  if (isLootError(error)) return error.code === 'overloaded' || error.code === 'dependency_unavailable';
  if (error.name === 'AbortError' || error.name === 'TimeoutError') return true;
  const code = 'code' in error ? error.code : undefined;
  if (typeof code === 'number') return faultyGrpcCodes.has(code);
  if (
    typeof code === 'string' &&
    [faultySqlState, faultyPrismaCode, faultySystemCode].some((form) => form.test(code))
  )
    return true;
  return faultyMessage.test(error.message);
}

/** The name a dead letter is filed under. */
export function errorClassOf(error: unknown): string {
  if (error instanceof DeadEvent) return error.errorClass;
  if (isLootError(error)) return error.code;
  return error instanceof Error ? error.name : 'unknown';
}

export const errorMessageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
