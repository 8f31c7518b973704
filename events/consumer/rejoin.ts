import type { GroupMember } from '../kafka/broker.ts';
import { errorMessageOf } from './failures.ts';
import { backoffMs, sleep } from '../patience.ts';

const baseMs = 500;
const msMax = 10_000;
/** The first tries may merely be earlier than the topics. */
const sayAtAttempt = 3;
/** A membership that lasted this long was a good one: the next try is a first one again. */
const goodMs = 60_000;

/** Joins, and joins again with growing patience, until stopped. `onFailure` hears when it is worth a warning. */
export async function keepJoined(
  stop: AbortSignal,
  joinOnce: () => Promise<void>,
  onFailure: (failure: { attempt: number; reason: string; isNews: boolean }) => void,
): Promise<void> {
  for (let attempt = 1; !stop.aborted; attempt += 1) {
    const startedAtMs = performance.now();
    try {
      await joinOnce();
    } catch (error) {
      onFailure({ attempt, reason: errorMessageOf(error), isNews: attempt === sayAtAttempt });
    }
    if (stop.aborted) return;
    if (performance.now() - startedAtMs > goodMs) attempt = 1;
    await sleep(backoffMs(attempt, baseMs, msMax), stop);
  }
}

/** Undefined, or failed, when the end comes first: then whoever joins late leaves again. */
export async function joinedBefore(
  end: Promise<void>,
  joining: Promise<GroupMember>,
): Promise<GroupMember | undefined> {
  const leave = () => void joining.then((late) => late.stop()).catch(() => {});
  try {
    const joined = await Promise.race([joining, end]);
    if (joined !== undefined) return joined;
    leave();
    return undefined;
  } catch (error) {
    leave();
    throw error;
  }
}
