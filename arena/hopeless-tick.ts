import type { TickCommit } from '../store/matches/commit-tick.ts';

/** A connection that breaks says so without a code, once; what we throw ourselves about a tick comes again each time. */
const oddCountMax = 3;

/** Tells, from each failure of a tick that was committed alone, whether it can ever be committed. */
export function createHopeJudge(): (commit: TickCommit, error: unknown) => boolean {
  const oddCounts = new WeakMap<TickCommit, number>();
  return (commit, error) => {
    const code = codeOf(error);
    if (code !== null) return isRefusal(code);
    const oddCount = (oddCounts.get(commit) ?? 0) + 1;
    oddCounts.set(commit, oddCount);
    return oddCount >= oddCountMax;
  };
}

/** The SQLSTATE, or the operating system's name of an error. */
const codeOf = (error: unknown): string | null =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;

/** Data or a constraint: the same rows are refused for ever. All other classes may pass. */
const isRefusal = (code: string): boolean => /^2[23]...$/.test(code);
