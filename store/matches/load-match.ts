import type { ActionAnswer } from '../../domain/arena/protocol.ts';
import { replayTicks } from '../../domain/arena/recording.ts';
import type { LoggedTick } from '../../domain/arena/recording.ts';
import { startMatch } from '../../domain/arena/start.ts';
import type { Action, MatchConfig, MatchState, Seat } from '../../domain/arena/types.ts';
import type { Db } from '../db.ts';
import { sealTermsAt } from './seal-journals.ts';
import type { SealTerms } from './seal-journals.ts';
import { readTicks } from './reads.ts';
import { sha256 } from './sha256.ts';
import type { Fenced } from './types.ts';

/**
 * A sealed action as it stands. `outcome` is null while its stamp is held and no tick has judged it: the last host accepted
 * it, the next one owes it.
 */
export type AcceptedSeal = {
  playerId: string;
  actionKey: string;
  bodyHash: string;
  action: Action;
  outcome: ActionAnswer | null;
};

export type LoadedMatch = {
  mode: string;
  seedHash: string;
  state: MatchState;
  /** All that was resolved so far; a client that asks again is answered from here. */
  ticks: LoggedTick[];
  /** In the order of acceptance. */
  sealed: AcceptedSeal[];
  sealTerms: SealTerms;
};

/**
 * Everything a host needs to go on with a match: the state after the last logged tick, from the last checkpoint and the
 * ticks after it. Null when the match is not this host's under this fence. Throws if the log does not recompute.
 */
export async function loadMatch(db: Db, { matchId, hostId, fence }: Fenced): Promise<LoadedMatch | null> {
  const { rows } = await db.query<MatchRow>(
    `SELECT mode, config, encode(seed, 'hex') AS seed, seed_hash, economy_version,
       (SELECT jsonb_agg(jsonb_build_object('playerId', player_id, 'weaponBonus', weapon_bonus) ORDER BY seat)
        FROM seats WHERE match_id = m.id) AS seats,
       (SELECT snapshot FROM tick_log WHERE match_id = m.id AND snapshot IS NOT NULL ORDER BY tick DESC LIMIT 1) AS snapshot
     FROM matches m WHERE id = $1 AND host_id = $2 AND fence = $3 AND status = 'running'`,
    [matchId, hostId, fence],
  );
  const match = rows[0];
  if (match === undefined) return null;

  const ticks = await readTicks(db, matchId);
  const from = match.snapshot ?? startMatch(match.seed, match.config, match.seats, sha256);
  const replay = replayTicks(
    from,
    ticks.filter(({ tick }) => tick > from.tick),
    sha256,
  );
  if (!replay.equal)
    throw new Error(`the log of match ${matchId} does not recompute at tick ${replay.firstDifferentTick}`);

  const { rows: sealed } = await db.query<AcceptedSeal>(
    `SELECT player_id AS "playerId", action_key AS "actionKey", body_hash AS "bodyHash", action, outcome
     FROM sealed_actions WHERE match_id = $1 ORDER BY sequence`,
    [matchId],
  );
  return {
    mode: match.mode,
    seedHash: match.seed_hash,
    state: replay.state,
    ticks,
    sealed,
    sealTerms: await sealTermsAt(db, match.economy_version),
  };
}

type MatchRow = {
  mode: string;
  config: MatchConfig;
  seed: string;
  seed_hash: string;
  economy_version: number;
  seats: Seat[];
  snapshot: MatchState | null;
};
