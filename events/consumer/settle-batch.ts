import type { Entry } from './partition-lanes.ts';
import { failureKind } from './failures.ts';
import type { EventHandler } from './handler.ts';
import { backoffMs, sleep } from '../patience.ts';
import { processBatch } from './process-event.ts';
import type { Processed } from './process-event.ts';
import { faultBaseMs, faultMsMax, isTooOld, settleEvent, tellFault } from './settle-event.ts';
import type { SettleDeps, Settled } from './settle-event.ts';

/** Signals of one batch under way at once; those of a lane follow each other. */
const signalCountMax = 16;
/** Then it may be one event's affair after all (its key is not ours, say), which the others are not to wait for. */
const faultsTogetherMax = 3;

export type OnSettled = (part: readonly { entry: Entry; settled: Settled }[]) => void;

/**
 * Brings many events to an end, each as `settleEvent` would: in one transaction when nothing goes wrong. What is not the
 * events' fault is waited for with all of them, unless the database answers and it does not pass; whatever else is wrong is looked for in each half, so that one event out
 * of hundreds costs some transactions and the others none of their own. Tells each part when it is settled; what was not
 * told when the signal fires is not done.
 */
export async function settleBatch(
  deps: SettleDeps,
  handler: EventHandler,
  entries: readonly Entry[],
  onSettled: OnSettled,
): Promise<void> {
  const tooOld = entries.filter(({ record }) => isTooOld(record));
  if (tooOld.length > 0) {
    onSettled(tooOld.map((entry) => ({ entry, settled: 'too_old' })));
    const rest = entries.filter((entry) => !tooOld.includes(entry));
    return settleBatch(deps, handler, rest, onSettled);
  }
  const [first] = entries;
  if (first === undefined) return;
  if (entries.length === 1) {
    const settled = await settleEvent(deps, handler, first.record);
    if (settled !== undefined) onSettled([{ entry: first, settled }]);
    return;
  }
  const records = entries.map(({ record }) => record);
  for (let faultCount = 1; !deps.signal.aborted; faultCount += 1) {
    try {
      const unsignalled = await deps.slots.run(async () => {
        const processed = await processBatch(deps, handler, records);
        return signalAll(entries, processed, onSettled);
      });
      return await eachLane(unsignalled, (lane) =>
        inTurn(
          lane.map((entry) => [entry]),
          settle,
        ),
      );
    } catch (error) {
      if (failureKind(error) !== 'fault') break;
      tellFault(deps, handler, first.record, error, faultCount, entries.length);
      await sleep(backoffMs(faultCount, faultBaseMs, faultMsMax), deps.signal);
      if (isTooMuch(error) || (faultCount >= faultsTogetherMax && (await answers(deps)))) break;
    }
  }
  const [lanes, one] = [lanesOf(entries), entries];
  // halves of several lanes know nothing of each other, those of one lane are in order
  if (lanes.length > 1) await Promise.all(halves(lanes).map((half) => settle(half.flat())));
  else await inTurn(halves(one), settle);

  function settle(part: readonly Entry[]): Promise<void> {
    return deps.signal.aborted ? Promise.resolve() : settleBatch(deps, handler, part, onSettled);
  }
}

/** Sends what is due, tells what is done, and answers what is not: from each lane's first failure on. */
async function signalAll(
  entries: readonly Entry[],
  processed: readonly Processed[],
  onSettled: OnSettled,
): Promise<Entry[]> {
  const all = entries.map((entry, n) => {
    const { outcome, signal } = processed[n] as Processed;
    return { entry, outcome, signal };
  });
  const unsignalled: Entry[] = [];
  if (all.some(({ signal }) => signal !== undefined)) {
    const lanes = [...Map.groupBy(all, ({ entry }) => entry.lane).values()];
    const rest = lanes.values();
    const work = async () => {
      for (const lane of rest) {
        const doneCount = await signalLane(lane);
        unsignalled.push(...lane.slice(doneCount).map(({ entry }) => entry));
      }
    };
    await Promise.all(Array.from({ length: Math.min(signalCountMax, lanes.length) }, work));
  }
  const left = new Set(unsignalled);
  onSettled(all.flatMap(({ entry, outcome }) => (left.has(entry) ? [] : [{ entry, settled: outcome }])));
  return unsignalled;
}

/** Why a signal failed is found out by the event alone, with its attempts. */
async function signalLane(lane: readonly Processed[]): Promise<number> {
  for (const [n, { signal }] of lane.entries()) {
    try {
      await signal?.();
    } catch {
      return n;
    }
  }
  return lane.length;
}

const lanesOf = (entries: readonly Entry[]): Entry[][] => [
  ...Map.groupBy(entries, ({ lane }) => lane).values(),
];

const eachLane = async (entries: readonly Entry[], work: (lane: Entry[]) => Promise<void>): Promise<void> =>
  void (await Promise.all(lanesOf(entries).map(work)));

async function inTurn(
  parts: readonly (readonly Entry[])[],
  settle: (part: readonly Entry[]) => Promise<void>,
): Promise<void> {
  for (const part of parts) await settle(part);
}

const halves = <T>(list: readonly T[]): [T[], T[]] => {
  const middle = Math.ceil(list.length / 2);
  return [list.slice(0, middle), list.slice(middle)];
};

/** A database that is away is away for all of them: apart, they would only knock more often. */
const answers = ({ db }: SettleDeps): Promise<boolean> =>
  db.query('SELECT 1').then(
    () => true,
    () => false,
  );

/** Deadlocks, locks and times that ran out: fewer at once may get through where all of them never will. */
function isTooMuch(error: unknown): boolean {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 8; cause = cause.cause, depth += 1)
    if ('code' in cause && /^(40001|40P01|55P03|57014|25P0[34])$/.test(String(cause.code))) return true;
  return false;
}
