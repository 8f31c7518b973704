import { hash } from 'node:crypto';
import type { ReplayFailure } from '../../domain/replays/types.ts';
import type { Tx } from '../../store/db.ts';
import { claimSeen } from '../../store/replays/claim-seen.ts';
import type { DeliveredRecord } from '../kafka/broker.ts';
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
  const { batchCountMax, wants, signal } = effect;
  const applyIn = (tx: Tx, some: readonly Decoded<E>[]) => applyNew(tx, replayId, effect, some);

  /** The usual road: one transaction, with the step in it. Undefined when an event of the batch is at fault. */
  async function takeAtOnce(
    batch: ReplayBatch,
    decoded: readonly Decoded<E>[],
    failures: readonly ReplayFailure[],
  ): Promise<ReplayOutcome | undefined> {
    try {
      return await db.transaction(async (tx) => {
        const handledCount = await applyIn(tx, decoded);
        const outcome = { handledCount, duplicateCount: decoded.length - handledCount, failures };
        if (signal === undefined) await step(tx, replayId, batch, outcome);
        return outcome;
      });
    } catch (error) {
      if (isEventsFault(error)) return undefined;
      throw error;
    }
  }

  async function takeByHalves(decoded: readonly Decoded<E>[]) {
    let newCount = 0;
    const failed = await byHalves(
      decoded,
      async (some) => void (newCount += await db.transaction((tx) => applyIn(tx, some))),
      isEventsFault,
    );
    return { failed, duplicateCount: decoded.length - newCount - failed.length };
  }

  return {
    batchCountMax,
    wants,
    async take(batch) {
      const { decoded, failures } = await decodeAll(batch.records, effect.decode);
      const atOnce = await takeAtOnce(batch, decoded, failures);
      if (atOnce !== undefined && signal === undefined) return atOnce;

      const { failed, duplicateCount } = atOnce
        ? { failed: [], duplicateCount: atOnce.duplicateCount }
        : await takeByHalves(decoded);
      const unhandled = new Set(failed.map(({ item }) => item));
      const done = decoded.filter((each) => !unhandled.has(each));
      const unsignalled = signal === undefined ? [] : await signalAll(signal, done);
      crash('after-replay-effect-before-step');
      const lost = [...failed, ...unsignalled];
      const outcome = {
        handledCount: Math.max(0, decoded.length - duplicateCount - lost.length),
        duplicateCount,
        failures: [...failures, ...lost.map(({ item, error }) => failureOf(item.record, error))],
      };
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

/** Also those that were handled before: a crash may have come between the commit and the signal. Answers which failed. */
async function signalAll<E>(signal: (event: E) => Promise<void>, decoded: readonly Decoded<E>[]) {
  const slots = createSlots(signalCountMax);
  const failed: { item: Decoded<E>; error: unknown }[] = [];
  const one = async (item: Decoded<E>): Promise<void> => {
    try {
      await signal(item.event);
    } catch (error) {
      if (!isEventsFault(error)) throw error;
      failed.push({ item, error });
    }
  };
  await Promise.all(decoded.map((item) => slots.run(() => one(item))));
  return failed;
}

const timeOrdered = /^[0-9a-f]{8}-[0-9a-f]{4}-7/;

/** Ids of our own begin with their time: kept in front, keys of one time are neighbours in the index. */
function keyOf({ source, id }: Identified): string {
  const digest = hash('sha256', `${source}\0${id}`).slice(0, 32);
  return timeOrdered.test(id) ? id.slice(0, 8) + id.slice(9, 11) + digest.slice(10) : digest;
}
