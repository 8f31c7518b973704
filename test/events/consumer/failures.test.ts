import { KafkaJSConnectionError, KafkaJSNumberOfRetriesExceeded, KafkaJSProtocolError } from 'kafkajs';
import { describe, expect, test } from 'vitest';
import { LootError } from '../../../domain/errors.ts';
import { DeadEvent, errorClassOf, failureKind } from '../../../events/consumer/failures.ts';

const coded = (code: string | number, name = 'Error') =>
  Object.assign(new Error('as a driver reports it'), { code, name });
const caused = (cause: Error) => new Error('while handling', { cause });

describe('what is not the event’s fault is waited for, without end', () => {
  test.each([
    '08006',
    '28P01',
    '3D000',
    '40001',
    '40003',
    '40P01',
    '53300',
    '55P03',
    '57014',
    '57P01',
    '57P03',
    '58030',
    '25P03',
    '25P04',
    '25006',
    '26000',
  ])('PostgreSQL says %s', (code) => {
    expect(failureKind(coded(code, 'DatabaseError'))).toBe('fault');
    expect(failureKind(caused(coded(code, 'DatabaseError')))).toBe('fault');
  });

  test.each([
    'Connection terminated unexpectedly',
    'Connection terminated due to connection timeout',
    'timeout exceeded when trying to connect',
    'timeout expired',
    'Query read timeout',
    'Client has encountered a connection error and is not queryable',
    'Cannot use a pool after calling end on the pool',
    'cached plan must not change result type',
  ])('the PostgreSQL driver says "%s", without a code', (message) => {
    expect(failureKind(new Error(message))).toBe('fault');
  });

  test.each([
    'ECONNREFUSED',
    'ECONNRESET',
    'EPIPE',
    'ETIMEDOUT',
    'ENOTFOUND',
    'EAI_AGAIN',
    'EHOSTDOWN',
    'EMFILE',
    'ERR_SOCKET_CLOSED',
    'ERR_STREAM_PREMATURE_CLOSE',
    'CERT_HAS_EXPIRED',
    'P1001',
    'P2024',
    'P2034',
    'UND_ERR_CONNECT_TIMEOUT',
    'UND_ERR_HEADERS_TIMEOUT',
    'UND_ERR_SOCKET',
  ])('the network, fetch or Prisma says %s', (code) => {
    expect(failureKind(caused(coded(code)))).toBe('fault');
  });

  test.each([1, 4, 7, 8, 10, 13, 14, 16])('gRPC, and so Temporal, says %i', (code) => {
    expect(failureKind(caused(coded(code, 'ServiceError')))).toBe('fault');
  });

  test('Kafka’s client says that it may be tried again, or has tried for long', () => {
    const away = new KafkaJSConnectionError('no broker');
    const tried = new KafkaJSNumberOfRetriesExceeded(away, { retryCount: 5, retryTime: 1_000 });
    expect([failureKind(away), failureKind(tried)]).toEqual(['fault', 'fault']);
    const moved = new KafkaJSProtocolError({ message: 'leader moved', code: 6, retriable: true } as never);
    expect(failureKind(moved)).toBe('fault');
  });

  test('deadlines, aborts, and every address of a host at once', () => {
    expect(failureKind(AbortSignal.abort().reason)).toBe('fault');
    expect(failureKind(AbortSignal.timeout(0).reason ?? coded(23, 'TimeoutError'))).toBe('fault');
    expect(failureKind(new AggregateError([coded('ECONNREFUSED'), coded('ENETUNREACH')]))).toBe('fault');
    expect(failureKind(coded('x', 'NamespaceNotFoundError'))).toBe('fault');
    expect(failureKind(new LootError('overloaded', 'too much'))).toBe('fault');
    expect(failureKind(new LootError('dependency_unavailable', 'away'))).toBe('fault');
  });
});

describe('what is the event’s or the handler’s is not', () => {
  test.each(['23505', '22P02', '42703', '42P01', 'P0001', 'P2002', 'UND_ERR_INVALID_ARG', 'ENOENT'])(
    'code %s',
    (code) => expect(failureKind(coded(code, 'DatabaseError'))).toBe('handler'),
  );

  test('errors of code, refusals, and what Kafka refuses for good', () => {
    expect(failureKind(new TypeError('no such field'))).toBe('handler');
    expect(failureKind(new LootError('insufficient_funds', 'too poor'))).toBe('handler');
    expect(failureKind(coded(5, 'ServiceError'))).toBe('handler');
    const tooLarge = new KafkaJSProtocolError({ message: 'too large', code: 10, retriable: false } as never);
    expect(failureKind(tooLarge)).toBe('handler');
    expect(failureKind('a string')).toBe('handler');
  });

  test('a dead event is dead at once, whatever caused it', () => {
    const dead = new DeadEvent('undecodable', 'no', { cause: coded('ECONNRESET') });
    expect([failureKind(dead), errorClassOf(dead)]).toEqual(['dead', 'undecodable']);
  });
});
