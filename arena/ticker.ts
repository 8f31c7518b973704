import type { CrashPoints } from '../platform/crash-points.ts';
import type { Log } from '../platform/log.ts';
import type { Metrics } from '../platform/metrics.ts';
import type { Db } from '../store/db.ts';
import { commitTicks } from '../store/matches/commit-tick.ts';
import type { TickCommit, TickReceipt } from '../store/matches/commit-tick.ts';
import { createHopeJudge } from './hopeless-tick.ts';
import type { RunningMatch } from './running-match.ts';

type TickerDeps = {
  db: Db;
  log: Log;
  metrics: Metrics;
  crash: CrashPoints;
  hostId: string;
  matches: ReadonlyMap<string, RunningMatch>;
  /** The fence has moved on: adopt the new one, or let the match go. */
  reread(match: RunningMatch): Promise<void>;
  /** A match that cannot go on here. */
  fail(match: RunningMatch): void;
};

/** One tick of every match: resolve all, commit together, then tell. */
export function createTicker(deps: TickerDeps): { step(dueMs: number): Promise<void> } {
  const { db, log, metrics, hostId, matches } = deps;
  const isHopeless = createHopeJudge();

  async function step(dueMs: number): Promise<void> {
    const commits = [...matches.values()].flatMap(resolve);
    if (commits.length === 0) return;
    const startedAtMs = performance.now();
    const receipts = await commit(commits);
    const durationSeconds = (performance.now() - startedAtMs) / 1_000;
    deps.crash('after-tick-before-broadcast');
    for (const { matchId, seals } of commits) {
      const match = matches.get(matchId);
      const receipt = receipts.get(matchId);
      if (match === undefined || receipt === undefined) continue;
      if (receipt.result === 'fenced') {
        await deps
          .reread(match)
          .catch((error: unknown) => log.warn({ err: error, matchId }, 'match not reread'));
        continue;
      }
      match.committed(receipt);
      metrics.matchCommitDuration.observe({ mode: match.mode }, durationSeconds);
      metrics.matchTickDelay.observe({ mode: match.mode }, (performance.now() - dueMs) / 1_000);
      metrics.stampsSpent.inc(seals.filter(({ status }) => status === 'posted').length);
      metrics.stampsVoided.inc(seals.filter(({ status }) => status === 'voided').length);
    }
  }

  function resolve(match: RunningMatch): TickCommit[] {
    try {
      const before = match.tick;
      const commit = match.resolveNext();
      if (commit !== null || match.tick !== before) metrics.matchTicks.inc({ mode: match.mode });
      return commit === null ? [] : [commit];
    } catch (error) {
      // A bug in one match must not stop the others; its workflow tries it elsewhere.
      log.error({ err: error, matchId: match.matchId }, 'tick failed');
      deps.fail(match);
      return [];
    }
  }

  /**
   * A tick that could not be committed stays in hand and is tried again with the next one; alone if others were in it. One
   * that can never be committed is given up with its match: a host that loads it anew has not got what spoiled it.
   */
  async function commit(commits: readonly TickCommit[]): Promise<Map<string, TickReceipt>> {
    if (commits.length > 1) {
      try {
        return await commitTicks(db, hostId, commits);
      } catch (error) {
        log.warn({ err: error, matchCount: commits.length }, 'ticks not committed');
      }
    }
    const alone = await Promise.all(commits.map(commitAlone));
    return new Map(alone.flatMap((receipts) => [...receipts]));
  }

  async function commitAlone(single: TickCommit): Promise<Map<string, TickReceipt>> {
    try {
      return await commitTicks(db, hostId, [single]);
    } catch (error) {
      const { matchId, tick } = single;
      const match = matches.get(matchId);
      if (isHopeless(single, error) && match !== undefined) {
        log.error({ err: error, matchId, tick }, 'tick cannot be committed');
        deps.fail(match);
      } else log.warn({ err: error, matchId, tick }, 'tick not committed');
      return new Map();
    }
  }

  return { step };
}
