import type { ReplayFailure } from '../../domain/replays/types.ts';
import type { Queryable } from '../../store/db.ts';
import { advanceReplay } from '../../store/replays/advance-replay.ts';
import type { DeliveredRecord } from '../broker.ts';
import { headerText, typeOf } from '../envelope.ts';
import { errorClassOf, errorMessageOf } from '../failures.ts';
import { ReplayStopped } from './types.ts';
import type { ReplayBatch, ReplayOutcome } from './types.ts';

/** Moves the replay on by a batch, or throws ReplayStopped and so undoes the transaction it is in. */
export async function step(
  on: Queryable,
  replayId: string,
  { partition, expectedOffset, nextOffset, records }: ReplayBatch,
  outcome: ReplayOutcome,
): Promise<void> {
  const moved = await advanceReplay(on, replayId, {
    partition,
    expectedOffset,
    nextOffset,
    matchedCount: records.length,
    handledCount: outcome.handledCount,
    duplicateCount: outcome.duplicateCount,
    failedCount: outcome.failures.length,
    failures: outcome.failures,
  });
  if (!moved) throw new ReplayStopped('the replay is over, or run by another worker');
}

const messageLengthMax = 500;

export const failureOf = (record: DeliveredRecord, error: unknown): ReplayFailure => ({
  partition: record.partition,
  offset: record.offset.toString(),
  eventId: headerText(record.headers, 'ce_id') ?? null,
  type: typeOf(record.headers) ?? null,
  errorClass: errorClassOf(error),
  errorMessage: errorMessageOf(error).slice(0, messageLengthMax),
});
