import type { Db, Tx } from '../../store/db.ts';
import { byHalves } from './by-halves.ts';
import { decodeAll, isEventsFault } from './decode-all.ts';
import type { Effect } from './effect-sink.ts';
import { failureOf, step } from './step.ts';
import type { ReplaySink } from './types.ts';

/**
 * Does what the target does and takes it back: every transaction is rolled back and nobody is signalled. An event sees what
 * those of its batch before it did, not what earlier batches did.
 */
export function shadowSink<E>(
  db: Db,
  replayId: string,
  { batchCountMax, wants, decode, apply }: Omit<Effect<E>, 'signal'>,
): ReplaySink {
  return {
    batchCountMax,
    wants,
    async take(batch) {
      const { decoded, failures } = await decodeAll(batch.records, decode);
      const failed = await byHalves(
        decoded,
        (some) =>
          rolledBack(db, (tx) =>
            apply(
              tx,
              some.map(({ event }) => event),
            ),
          ),
        isEventsFault,
      );
      const more = failed.map(({ item, error }) => failureOf(item.record, error));
      const handledCount = decoded.length - failed.length;
      const outcome = { handledCount, duplicateCount: 0, failures: [...failures, ...more] };
      await step(db, replayId, batch, outcome);
      return outcome;
    },
  };
}

class RolledBack extends Error {}

async function rolledBack(db: Db, work: (tx: Tx) => Promise<void>): Promise<void> {
  try {
    await db.transaction(async (tx) => {
      await work(tx);
      throw new RolledBack();
    });
  } catch (error) {
    if (!(error instanceof RolledBack)) throw error;
  }
}
