import { isLootError } from '../../domain/errors.ts';
import { storableText } from '../../domain/storable-text.ts';

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

/**
 * 08 connection, 28 and 3D a server that does not know us (yet), 53 resources, 57 shutdown and cancel, 58 its disk.
 * 40001 and 40P01 lose a race, 40003 an answer; 55P03 and 25P0x wait too long; 25006 is a standby, 26000 a connection that has
 * been given another server.
 */
const faultySqlState = /^(08|28|53|57|58|3D)...$|^(40001|40003|40P01|55P03|25P03|25P04|25006|26000)$/;
const faultyPrismaCode = /^P(1000|1001|1002|1003|1008|1010|1011|1017|2024|2028|2034|2037)$/;
const faultySystemCode =
  /^(ECONN\w+|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_\w+|EHOST(UNREACH|DOWN)|ENET(UNREACH|DOWN|RESET)|EADDRNOTAVAIL|EMFILE|ENFILE|ENOBUFS|ENOMEM|ENOSPC|ERR_(SOCKET|TLS|SSL|HTTP2|STREAM)_\w+|CERT_\w+)$/;
const faultyUndiciCode = /^UND_ERR_((CONNECT|HEADERS|BODY)_TIMEOUT|SOCKET|CLOSED|DESTROYED|ABORTED)$/;
/** `cached plan` is a table that a migration has changed under a connection. */
const faultyMessage =
  /connection terminated|connection error|timeout (exceeded|expired)|query read timeout|server closed the connection|not queryable|SSL connection|after calling end on the pool|cached plan must not change/i;
/** What the drivers call a dependency that is away, whatever code they give it. */
const faultyName =
  /^(AbortError|TimeoutError|NamespaceNotFoundError|TransportError|PrismaClient(Initialization|RustPanic)Error|KafkaJS(Connection\w*|RequestTimeout|NumberOfRetriesExceeded|BrokerNotFound|MetadataNotLoaded|TopicMetadataNotLoaded|GroupCoordinatorNotFound|SASLAuthenticationError|(Lock)?Timeout)(Error)?)$/;
/**
 * CANCELLED, DEADLINE_EXCEEDED, PERMISSION_DENIED and UNAUTHENTICATED (of the connection, not of an event), RESOURCE_EXHAUSTED,
 * ABORTED, INTERNAL (a stream that was reset), UNAVAILABLE.
 */
const faultyGrpcCodes = new Set<unknown>([1, 4, 7, 8, 10, 13, 14, 16]);

/** An outage must not fill the dead letters, so what might be one counts as one. */
export function failureKind(error: unknown): FailureKind {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 8; cause = cause.cause, depth += 1) {
    if (cause instanceof DeadEvent) return 'dead';
    if (isFault(cause)) return 'fault';
    // every address of a host was tried
    if (cause instanceof AggregateError && cause.errors.some((each) => failureKind(each) === 'fault'))
      return 'fault';
  }
  return 'handler';
}

const faultyCodes = [faultySqlState, faultyPrismaCode, faultySystemCode, faultyUndiciCode];

function isFault(error: Error): boolean {
  if (isLootError(error)) return error.code === 'overloaded' || error.code === 'dependency_unavailable';
  if (faultyName.test(error.name)) return true;
  // the Kafka clients say so themselves; their codes are the broker's, which others use for other things
  if ('retriable' in error) return error.retriable === true;
  if ('canRetry' in error) return error.canRetry === true;
  const code = 'code' in error ? error.code : undefined;
  if (typeof code === 'number') return faultyGrpcCodes.has(code);
  if (typeof code === 'string' && faultyCodes.some((form) => form.test(code))) return true;
  return faultyMessage.test(error.message);
}

const nameCharsMax = 200;

/** The name a dead letter is filed under. */
export function errorClassOf(error: unknown): string {
  if (error instanceof DeadEvent) return error.errorClass;
  if (isLootError(error)) return error.code;
  return error instanceof Error ? storableText(error.name, nameCharsMax) : 'unknown';
}

/** Longer ones tell nobody more, and a dead-letter topic allows little on top of its source. */
const messageCharsMax = 2_000;

/** Fit for tables: an error may quote what it failed on, whatever that is, cut wherever that was. */
export const errorMessageOf = (error: unknown, charsMax = messageCharsMax): string =>
  storableText(error instanceof Error ? error.message : String(error), charsMax);
