import { hash } from 'node:crypto';
import type { ReplayFailure } from '../../domain/replays/types.ts';
import type { Tx } from '../../store/db.ts';
import { claimSeen } from '../../store/replays/claim-seen.ts';
import type { DeliveredRecord } from '../broker.ts';
import { createSlots } from '../slots.ts';
import { byHalves } from './by-halves.ts';
import { decodeAll, isEventsFault } from './decode-all.ts';
import type { Decoded } from './decode-all.ts';
import { failureOf, step } from './step.ts';
import type { ReplayBatch, ReplayDeps, ReplayOutcome, ReplaySink } from './types.ts';

/** What a target does with events in a transaction; `signal` comes after the commit, and again after a crash. */
export type Effect<E> = Pick<ReplaySink, 'batchCountMax' | 'wants'> & {
  decode(record: DeliveredRecord): Promise<E>;
  apply(tx: Tx, events: readonly E[]): Promise<void>;
  signal?: ((event: E) => Promise<void>) | undefined;
};

type Identified = { id: string; source: string };

const signalCountMax = 8;

/**
 * Effects that happen once: an event's claim in the replay's own inbox commits with its effect, and the step with both where
 * no signal has to come in between. An event that fails is counted and left; the others go on.
 */
export function effectSink<E extends Identified>(
  { db, crash }: Pick<ReplayDeps, 'db' | 'crash'>,
  replayId: string,
  effect: Effect<E>,
): ReplaySink {
  async function takeAtOnce(
    batch: ReplayBatch,
    decoded: readonly Decoded<E>[],
    failures: readonly ReplayFailure[],
  ): Promise<ReplayOutcome> {
    return db.transaction(async (tx) => {
      const handledCount = await applyNew(tx, replayId, effect, decoded);
      const outcome = { handledCount, duplicateCount: decoded.length - handledCount, failures };
      if (effect.signal === undefined) await step(tx, replayId, batch, outcome);
      return outcome;
    });
  }

  async function takeByHalves(decoded: readonly Decoded<E>[]) {
    let handledCount = 0;
    const failed = await byHalves(
      decoded,
      async (some) => {
        handledCount += await db.transaction((tx) => applyNew(tx, replayId, effect, some));
      },
      isEventsFault,
    );
    const duplicateCount = decoded.length - handledCount - failed.length;
    return { failed, handledCount, duplicateCount };
  }

  return {
    batchCountMax: effect.batchCountMax,
    wants: effect.wants,
    async take(batch) {
      const { decoded, failures } = await decodeAll(batch.records, effect.decode);
      try {
        const outcome = await takeAtOnce(batch, decoded, failures);
        if (effect.signal === undefined) return outcome;
        await signalAll(effect.signal, decoded);
        crash('after-replay-effect-before-step');
        await step(db, replayId, batch, outcome);
        return outcome;
      } catch (error) {
        if (!isEventsFault(error)) throw error;
      }
      const { failed, ...counts } = await takeByHalves(decoded);
      const unhandled = new Set(failed.map(({ item }) => item));
      if (effect.signal !== undefined)
        await signalAll(
          effect.signal,
          decoded.filter((each) => !unhandled.has(each)),
        );
      const more = failed.map(({ item, error }) => failureOf(item.record, error));
      const outcome = { ...counts, failures: [...failures, ...more] };
      await step(db, replayId, batch, outcome);
      return outcome;
    },
  };
}

/** Answers how many were new to the replay. */
async function applyNew<E extends Identified>(
  tx: Tx,
  replayId: string,
  effect: Effect<E>,
  decoded: readonly Decoded<E>[],
): Promise<number> {
  const keys = decoded.map(({ event }) => keyOf(event));
  const fresh = await claimSeen(tx, replayId, keys);
  const taken = new Set<string>();
  const events = decoded.flatMap(({ event }, n) => {
    const key = keys[n] ?? '';
    if (fresh !== null && (!fresh.has(key) || taken.has(key))) return [];
    if (fresh !== null) taken.add(key);
    return [event];
  });
  if (events.length > 0) await effect.apply(tx, events);
  return events.length;
}

/** Also those that were handled before: a crash may have come between the commit and the signal. */
async function signalAll<E>(signal: (event: E) => Promise<void>, decoded: readonly Decoded<E>[]) {
  const slots = createSlots(signalCountMax);
  await Promise.all(decoded.map(({ event }) => slots.run(() => signal(event))));
}

const keyOf = ({ source, id }: Identified): string => hash('sha256', `${source}\0${id}`).slice(0, 32);
