import { storableText } from '../../domain/storable-text.ts';
import type { ReplayFailure } from '../../domain/replays/types.ts';
import type { Queryable } from '../../store/db.ts';
import { advanceReplay } from '../../store/replays/advance-replay.ts';
import type { DeliveredRecord } from '../kafka/broker.ts';
import { headerText, typeOf } from '../codec/envelope.ts';
import { errorClassOf, errorMessageOf } from '../consumer/failures.ts';
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

const nameCharsMax = 200;
const messageCharsMax = 500;

export const failureOf = (record: DeliveredRecord, error: unknown): ReplayFailure => ({
  partition: record.partition,
  offset: record.offset.toString(),
  eventId: nameIn(headerText(record.headers, 'ce_id')),
  type: nameIn(typeOf(record.headers)),
  errorClass: errorClassOf(error),
  errorMessage: errorMessageOf(error, messageCharsMax),
});

const nameIn = (header: string | undefined): string | null =>
  header === undefined ? null : storableText(header, nameCharsMax);
