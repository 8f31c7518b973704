import type { ReplayFailure } from '../../domain/replays/types.ts';
import type { DeliveredRecord } from '../kafka/broker.ts';
import { failureKind } from '../consumer/failures.ts';
import { failureOf } from './step.ts';
import { ReplayStopped } from './types.ts';

export type Decoded<E> = { event: E; record: DeliveredRecord };

/** Those that can be read, and those that cannot. */
export async function decodeAll<E>(
  records: readonly DeliveredRecord[],
  decode: (record: DeliveredRecord) => Promise<E>,
): Promise<{ decoded: Decoded<E>[]; failures: ReplayFailure[] }> {
  const decoded: Decoded<E>[] = [];
  const failures: ReplayFailure[] = [];
  for (const record of records) {
    try {
      decoded.push({ event: await decode(record), record });
    } catch (error) {
      if (!isEventsFault(error)) throw error;
      failures.push(failureOf(record, error));
    }
  }
  return { decoded, failures };
}

/** What would fail again with the same event, and only with it. */
export const isEventsFault = (error: unknown): boolean =>
  !(error instanceof ReplayStopped) && failureKind(error) !== 'fault';
