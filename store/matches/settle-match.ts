import type { MatchState, SeatOutcome } from '../../domain/arena/types.ts';
import { needsReview, planRewards } from '../../domain/rewards/plan-rewards.ts';
import type { EventContext } from '../../domain/events.ts';
import type { Db, Tx } from '../db.ts';
import { economyAt } from '../economy/reads.ts';
import { appendEvents } from '../outbox/append-events.ts';
import { keepDraws } from '../rewards/keep-draws.ts';
import { readRewardInputs } from '../rewards/read-inputs.ts';
import { releaseAll } from './end-match.ts';
import { sha256 } from './sha256.ts';
import type { StoredResult } from './types.ts';

export type Settlement = StoredResult & { reviewRequired: boolean };

/**
 * The end of a match, once: result, reward plans pinned under the economy version of its start, unresolved seals voided,
 * weapons released, seats freed, and `game.match.finished`, in one transaction guarded by the match's own row. Paying is
 * another story. Settled before, it answers the same. Throws when the log has no last tick.
 */
export function settleMatch(db: Db, matchId: string, context: EventContext = {}): Promise<Settlement> {
  return db.transaction((tx) => settleIn(tx, matchId, context));
}

/** The same inside the transaction of somebody who found that the match has an end. */
export async function settleIn(tx: Tx, matchId: string, context: EventContext): Promise<Settlement> {
  // The row's lock waits for ticks and holds in flight; after it nobody can add any.
  const { rows } = await tx.query<MatchRow>(
    `UPDATE matches SET status = 'finished', ended_at = clock_timestamp() WHERE id = $1 AND status = 'running'
     RETURNING mode, client_id, seed, economy_version`,
    [matchId],
  );
  const match = rows[0];
  if (match === undefined) return readSettlement(tx, matchId);

  const result = await readResult(tx, matchId);
  const { economy } = await economyAt(tx, match.economy_version);
  const players = await readRewardInputs(tx, {
    economy,
    matchId,
    mode: match.mode,
    players: result.players.map((player) => ({ ...player, resources: BigInt(player.resources) })),
    equipped: 'seat',
  });
  const plans = planRewards(
    { economy, economyVersion: match.economy_version, seed: match.seed, matchId, players },
    sha256,
  );
  await keepDraws(tx, economy, plans);
  const reviewRequired = needsReview(economy, plans);
  await tx.query('UPDATE matches SET result = $2, plans = $3, review_required = $4 WHERE id = $1', [
    matchId,
    JSON.stringify(result),
    JSON.stringify(plans),
    reviewRequired,
  ]);
  await releaseAll(tx, matchId, match.economy_version);
  const data = {
    matchId,
    mode: match.mode,
    clientId: match.client_id,
    seed: match.seed.toString('hex'),
    endTick: result.endTick,
    players: result.players.map(({ playerId, outcome, placement, score }) => ({
      playerId,
      outcome,
      placement,
      score,
    })),
    plans,
    reviewRequired,
  };
  await appendEvents(tx, [{ type: 'game.match.finished.v1', key: matchId, data }], context);
  return { ...result, reviewRequired };
}

type MatchRow = { mode: string; client_id: string | null; seed: Buffer; economy_version: number };

async function readSettlement(tx: Tx, matchId: string): Promise<Settlement> {
  const { rows } = await tx.query<{ status: string; result: StoredResult | null; review_required: boolean }>(
    'SELECT status, result, review_required FROM matches WHERE id = $1',
    [matchId],
  );
  const match = rows[0];
  if (match?.status !== 'finished' || match.result === null) {
    throw new Error(`match ${matchId} cannot be settled: it is ${match?.status ?? 'unknown'}`);
  }
  return { ...match.result, reviewRequired: match.review_required };
}

async function readResult(tx: Tx, matchId: string): Promise<StoredResult> {
  const result = await readEnd(tx, matchId);
  if (result === null) throw new Error(`the log of match ${matchId} has no end`);
  return result;
}

/** How the match came out by its log's last tick; null while it goes on. */
export async function readEnd(tx: Tx, matchId: string): Promise<StoredResult | null> {
  const { rows } = await tx.query<{ tick: number; snapshot: MatchState | null }>(
    'SELECT tick, snapshot FROM tick_log WHERE match_id = $1 ORDER BY tick DESC LIMIT 1',
    [matchId],
  );
  const last = rows[0];
  if (last?.snapshot?.phase.status !== 'finished') return null;
  return { endTick: last.tick, players: withPlacements(last.snapshot.phase.outcomes) };
}

const rank = { winner: 0, survivor: 1, eliminated: 2 } as const;

/** Winners share the first place; after them outcome, then score, decides, and equals share a place. */
function withPlacements(outcomes: readonly SeatOutcome[]): StoredResult['players'] {
  const isAhead = (a: SeatOutcome, b: SeatOutcome) =>
    rank[a.outcome] < rank[b.outcome] ||
    (rank[a.outcome] === rank[b.outcome] && a.outcome !== 'winner' && a.score > b.score);
  return outcomes.map((own) => ({
    ...own,
    placement: 1 + outcomes.filter((other) => isAhead(other, own)).length,
  }));
}
