import { canonicalJson } from '../canonical-json.ts';
import { resolveTick } from './resolve-tick.ts';
import { startMatch } from './start.ts';
import { stateHash } from './state-hash.ts';
import type { ActionResult, Input, MatchConfig, MatchState, Seat, Sha256 } from './types.ts';

/** One line of the tick log. Ticks without inputs are not logged, except the last of the match. */
export type LoggedTick = {
  readonly tick: number;
  readonly inputs: readonly Input[];
  /** They follow from the inputs, so a log need not keep them; compared where it does. */
  readonly results?: readonly ActionResult[];
  readonly stateHash: string;
};

/** All that a match was: enough for anyone to play it again and find the same bytes. */
export type Recording = {
  readonly seed: string;
  readonly config: MatchConfig;
  readonly seats: readonly Seat[];
  readonly ticks: readonly LoggedTick[];
};

/** `answers` are the results of each logged tick, in its order. */
export type Verdict =
  | {
      readonly equal: true;
      readonly state: MatchState;
      readonly answers: ReadonlyArray<readonly ActionResult[]>;
    }
  | { readonly equal: false; readonly firstDifferentTick: number };

/** Judges the recording of a finished match. One whose start cannot be built differs at tick 0. */
export function recompute(recording: Recording, hash: Sha256): Verdict {
  const start = attempt(() => startMatch(recording.seed, recording.config, recording.seats, hash));
  if (start === null) return differs(0);
  const verdict = replayTicks(start, recording.ticks, hash);
  if (!verdict.equal || verdict.state.phase.status === 'finished') return verdict;
  return differs(verdict.state.tick + 1);
}

/**
 * Resolves the logged ticks, and the silent ones between them, on top of a state, comparing answers and fingerprints.
 * A new host uses it too: it goes on from the state it ends in, and repeats the answers to whoever asks again.
 */
export function replayTicks(from: MatchState, ticks: readonly LoggedTick[], hash: Sha256): Verdict {
  let state = from;
  const answers: (readonly ActionResult[])[] = [];
  for (const logged of ticks) {
    const before = skipTo(state, logged.tick - 1, hash);
    const outcome = before && attempt(() => resolveTick(before, logged.inputs, hash));
    if (outcome === null || !agrees(outcome, logged, hash)) return differs(logged.tick);
    state = outcome.state;
    answers.push(outcome.results);
  }
  return { equal: true, state, answers };
}

/** The state after `tick`, reached without inputs; null if the match ends before or the tick is already past. */
function skipTo(from: MatchState, tick: number, hash: Sha256): MatchState | null {
  let state = from;
  while (state.tick < tick && state.phase.status === 'active') state = resolveTick(state, [], hash).state;
  return state.tick === tick && state.phase.status === 'active' ? state : null;
}

const agrees = (
  outcome: { readonly state: MatchState; readonly results: readonly ActionResult[] },
  logged: LoggedTick,
  hash: Sha256,
): boolean =>
  stateHash(outcome.state, hash) === logged.stateHash &&
  (logged.results === undefined || canonicalJson(outcome.results) === canonicalJson(logged.results));

/** A forged recording may hold what no host would ever resolve; such a tick differs, it does not crash the judge. */
function attempt<T>(compute: () => T): T | null {
  try {
    return compute();
  } catch {
    return null;
  }
}

const differs = (firstDifferentTick: number): Verdict => ({ equal: false, firstDifferentTick });
