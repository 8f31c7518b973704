import { createHash, randomBytes } from 'node:crypto';
import { canonicalBytes } from '../../domain/canonical-json.ts';
import type { JsonValue } from '../../domain/canonical-json.ts';
import { LootError } from '../../domain/errors.ts';
import type { EventContext } from '../../domain/events.ts';
import { derivedId } from '../../domain/ids.ts';
import { needsReview, planRewards } from '../../domain/rewards/plan-rewards.ts';
import type { RewardInput } from '../../domain/rewards/plan-rewards.ts';
import type { Outcome, RewardPlan } from '../../domain/rewards/types.ts';
import type { Db, Tx } from '../db.ts';
import { currentEconomy } from '../economy/reads.ts';
import { sha256 } from '../matches/sha256.ts';
import { appendEvents } from '../outbox/append-events.ts';
import { keepDraws } from './keep-draws.ts';
import { readRewardInputs } from './read-inputs.ts';
import type { Finisher } from './read-inputs.ts';

export type ExternalPlayer = {
  playerId: string;
  outcome: Outcome;
  placement?: number | null;
  score?: number | null;
  /** What the reward rule multiplies. */
  resources?: bigint;
};
export type ExternalResult = {
  clientId: string;
  /** The client's own id of this call, unique for ever. */
  reference: string;
  externalMatchId: string;
  mode: string;
  /** In the client's order, which gives the seats of the rolls. */
  players: readonly ExternalPlayer[];
};

/**
 * A result that another game reports: a finished match of mode `external` with plans pinned under the current economy and a
 * seed of ours, and the same `game.match.finished` our own matches tell. Both the client's match id and its reference are
 * unique for ever; the same report again answers the same match.
 * Throws `exists_with_different_body` for another report under either of them, `overflow` when the rule makes more of it
 * than a wallet holds.
 */
export async function recordExternalResult(
  db: Db,
  result: ExternalResult,
  options: { context?: EventContext; drawSeed?: () => Buffer } = {},
): Promise<{ matchId: string; seedHash: string; replayed: boolean }> {
  return db.transaction((tx) => recordExternalResultIn(tx, result, options));
}

/** The same inside a handler's transaction. */
export async function recordExternalResultIn(
  tx: Tx,
  result: ExternalResult,
  {
    context = {},
    drawSeed = () => randomBytes(32),
  }: { context?: EventContext; drawSeed?: () => Buffer } = {},
): Promise<{ matchId: string; seedHash: string; replayed: boolean }> {
  const matchId = derivedId(sha256, 'external-match', result.clientId, result.externalMatchId);
  const bodyHash = hex(canonicalBytes(bodyOf(result)));
  const seed = drawSeed();
  const { economy, version } = await currentEconomy(tx);
  const players = result.players.map((player, seat) => ({
    ...player,
    seat,
    resources: player.resources ?? 0n,
    placement: player.placement ?? placementOf(player.outcome, result.players),
  }));
  const ranked = players.map(({ playerId, outcome, placement, score }) => ({
    playerId,
    outcome,
    placement,
    score: score ?? 0,
  }));
  const stored = {
    endTick: 0,
    players: ranked.map((player, seat) => ({
      ...player,
      seat,
      resources: players[seat]?.resources.toString() ?? '0',
    })),
  };
  // first the row that only one report can write: what is read of the players is counted once
  const { clientId, externalMatchId, reference, mode } = result;
  const config = { mode, bodyHash };
  const columns = [matchId, config, version, seed, hex(seed), clientId, externalMatchId, reference, stored];
  const { rowCount } = await tx.query(insertSql, columns);
  if (rowCount === 0) return readRecorded(tx, matchId, bodyHash);
  const { plans, reviewRequired } = await pinPlans(tx, {
    economy,
    economyVersion: version,
    seed,
    matchId,
    mode: result.mode,
    players,
  });

  await tx.query(
    `INSERT INTO seats (match_id, player_id, seat, confirmed_at)
     SELECT $1, p.id, p.n - 1, clock_timestamp() FROM unnest($2::uuid[]) WITH ORDINALITY AS p(id, n)`,
    [matchId, ranked.map(({ playerId }) => playerId)],
  );
  const data = {
    matchId,
    mode: result.mode,
    clientId: result.clientId,
    seed: seed.toString('hex'),
    endTick: null,
    players: ranked,
    plans,
    reviewRequired,
  };
  await appendEvents(tx, [{ type: 'game.match.finished.v1', key: matchId, data }], context);
  return { matchId, seedHash: hex(seed), replayed: false };
}

type Pinning = Omit<RewardInput, 'players'> & { mode: string; players: readonly Finisher[] };

async function pinPlans(tx: Tx, { mode, players, ...input }: Pinning) {
  const { economy, matchId } = input;
  const read = await readRewardInputs(tx, { economy, matchId, mode, players, equipped: 'loadout' });
  const plans = planRewards({ ...input, players: read }, sha256);
  assertPayable(plans);
  const reviewRequired = needsReview(economy, plans);
  await tx.query('UPDATE matches SET plans = $2, review_required = $3 WHERE id = $1', [
    matchId,
    JSON.stringify(plans),
    reviewRequired,
  ]);
  await keepDraws(tx, economy, plans);
  return { plans, reviewRequired };
}

const amountMax = 2n ** 63n - 1n;

/** Of a new result only: one that was recorded answers the same under any later economy. */
function assertPayable(plans: readonly RewardPlan[]): void {
  for (const { playerId, lines } of plans) {
    const above = lines.find(({ amount }) => BigInt(amount) > amountMax);
    if (above === undefined) continue;
    const detail = `Player ${playerId} would be paid ${above.amount} ${above.asset}; a line pays at most ${amountMax}.`;
    throw new LootError('overflow', detail);
  }
}

const insertSql = `
  INSERT INTO matches (id, mode, region, status, config, economy_version, seed, seed_hash, client_id, external_id, reference,
    result, started_at, ended_at)
  VALUES ($1, 'external', 'external', 'finished', $2, $3, $4, $5, $6, $7, $8, $9, clock_timestamp(), clock_timestamp())
  ON CONFLICT DO NOTHING`;

async function readRecorded(tx: Tx, matchId: string, bodyHash: string) {
  const { rows } = await tx.query<{ bodyHash: string; seedHash: string }>(
    // a result that came back from Kafka after a restore is what was told, whatever was reported
    `SELECT CASE WHEN config ? 'restored' THEN $2 ELSE config ->> 'bodyHash' END AS "bodyHash", seed_hash AS "seedHash"
     FROM matches WHERE id = $1`,
    [matchId, bodyHash],
  );
  const recorded = rows[0];
  if (recorded?.bodyHash !== bodyHash) {
    const what = recorded === undefined ? 'reference' : 'match';
    throw new LootError('exists_with_different_body', `Another result was reported under this ${what}.`);
  }
  return { matchId, seedHash: recorded.seedHash, replayed: true };
}

const bodyOf = (result: ExternalResult): JsonValue => ({
  reference: result.reference,
  externalMatchId: result.externalMatchId,
  mode: result.mode,
  players: result.players.map((player) => ({
    playerId: player.playerId,
    outcome: player.outcome,
    placement: player.placement ?? null,
    score: player.score ?? null,
    resources: (player.resources ?? 0n).toString(),
  })),
});

const rank = { winner: 0, survivor: 1, eliminated: 2 } as const;

/** Where the game names no place: winners first, then survivors, equals share one. */
const placementOf = (outcome: Outcome, players: readonly { outcome: Outcome }[]): number =>
  1 + players.filter((other) => rank[other.outcome] < rank[outcome]).length;

const hex = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
