import { recompute } from '../domain/arena/recording.ts';
import { seedHash } from '../domain/arena/random.ts';
import { canonicalJson } from '../domain/canonical-json.ts';
import { planRewards } from '../domain/rewards/plan-rewards.ts';
import { loadConfig } from '../platform/config.ts';
import { openDb } from '../store/db.ts';
import type { Db } from '../store/db.ts';
import { economyAt } from '../store/economy/reads.ts';
import { readRecording } from '../store/matches/reads.ts';
import { readSettled } from '../store/matches/read-settled.ts';
import { sha256 } from '../store/matches/sha256.ts';

/** What was checked and whether it held; the first thing that did not is named. */
export type MatchVerdict =
  | { equal: true; tickCount: number; rollCount: number }
  | { equal: false; difference: string };

/** Plays a finished match again from its seed and inputs, and draws its rolls again. Null for a match that has not finished. */
export async function verifyMatch(db: Db, matchId: string): Promise<MatchVerdict | null> {
  const [recording, settled] = await Promise.all([readRecording(db, matchId), readSettled(db, matchId)]);
  if (recording === null || settled === null) return null;
  if (seedHash(recording.seed, sha256) !== settled.seedHash)
    return differs('the seed is not the one that was promised');

  const verdict = recompute(recording, sha256);
  if (!verdict.equal) return differs(`the first tick that differs is ${verdict.firstDifferentTick}`);
  const { phase } = verdict.state;
  if (phase.status !== 'finished') return differs('the match does not end');
  const results = settled.result.players.map(({ placement: _placement, ...player }) => player);
  if (canonicalJson(results) !== canonicalJson(phase.outcomes))
    return differs('the stored result is another one');

  const { economy } = await economyAt(db, settled.economyVersion);
  // what was read of the players cannot be read again: it is taken from the plans, and everything else computed
  const players = phase.outcomes.map((player, i) => ({
    ...settled.plans[i]?.input,
    ...player,
    resources: BigInt(player.resources),
  }));
  const seed = Buffer.from(recording.seed, 'hex');
  const plans = planRewards(
    { economy, economyVersion: settled.economyVersion, seed, matchId, players },
    sha256,
  );
  if (canonicalJson(plans) !== canonicalJson(settled.plans))
    return differs('the pinned rewards are other ones');
  return {
    equal: true,
    tickCount: recording.ticks.length,
    rollCount: plans.flatMap(({ draws = [] }) => draws).length,
  };
}

const differs = (difference: string): MatchVerdict => ({ equal: false, difference });

async function main(matchId: string | undefined): Promise<number> {
  if (matchId === undefined) {
    console.error('Usage: npm run verify-match <match id>');
    return 2;
  }
  const db = openDb({
    url: loadConfig().DATABASE_URL,
    connectionCountMax: 2,
    applicationName: 'lootledger-verify',
  });
  try {
    const verdict = await verifyMatch(db, matchId);
    if (verdict === null)
      console.error(`Match ${matchId} has no recording: it is unknown, has not finished, or was brought in.`);
    else if (!verdict.equal) console.error(`different: ${verdict.difference}`);
    else console.log(`equal: ${verdict.tickCount} logged ticks and ${verdict.rollCount} rolls recomputed`);
    return verdict?.equal === true ? 0 : 1;
  } finally {
    await db.close();
  }
}

if (import.meta.main) process.exitCode = await main(process.argv[2]);
