import type { LoggedTick, Recording } from '../../domain/arena/recording.ts';
import type { ActionResult, Input, MatchConfig, Outcome } from '../../domain/arena/types.ts';
import type { ActionAnswer } from '../../domain/arena/protocol.ts';
import type { Queryable } from '../db.ts';
import type { MatchStatus, StoredResult } from './types.ts';

export type MatchView = {
  matchId: string;
  mode: string;
  region: string;
  status: MatchStatus;
  joinCode: string | null;
  config: MatchConfig;
  economyVersion: number;
  /** When the lobby closes at the latest. */
  startsAt: Date | null;
  startedAt: Date | null;
  endedAt: Date | null;
  seedHash: string | null;
  /** Published once the match is over. */
  seed: string | null;
  reviewRequired: boolean;
  /** Confirmed seats, by number. */
  players: MatchPlayer[];
  createdAt: Date;
};
export type MatchPlayer = {
  playerId: string;
  seat: number | null;
  weaponItemId: string | null;
  weaponBonus: number;
  outcome: Outcome | null;
  placement: number | null;
  score: number | null;
};

type MatchRow = {
  id: string;
  mode: string;
  region: string;
  status: MatchStatus;
  join_code: string | null;
  config: MatchConfig;
  economy_version: number;
  lobby_ends_at: Date | null;
  started_at: Date | null;
  ended_at: Date | null;
  seed: Buffer | null;
  seed_hash: string | null;
  review_required: boolean;
  created_at: Date;
  result: StoredResult | null;
  seats: { player_id: string; seat: number | null; weapon_item_id: string | null; weapon_bonus: number }[];
};

const matchColumns = `m.id, m.mode, m.region, m.status, m.join_code, m.config, m.economy_version, m.lobby_ends_at,
  m.started_at, m.ended_at, m.seed, m.seed_hash, m.review_required, m.created_at, m.result,
  coalesce((SELECT jsonb_agg(jsonb_build_object('player_id', s.player_id, 'seat', s.seat,
      'weapon_item_id', s.weapon_item_id, 'weapon_bonus', s.weapon_bonus) ORDER BY s.seat)
    FROM seats s WHERE s.match_id = m.id AND s.confirmed_at IS NOT NULL), '[]'::jsonb) AS seats`;

export async function readMatch(db: Queryable, matchId: string): Promise<MatchView | null> {
  const { rows } = await db.query<MatchRow>(`SELECT ${matchColumns} FROM matches m WHERE m.id = $1`, [
    matchId,
  ]);
  return rows[0] ? toView(rows[0]) : null;
}

export type Page = { limit: number; after?: { id: string } };

/** A player's matches, newest first. */
export async function readMatchesOf(db: Queryable, playerId: string, page: Page): Promise<MatchView[]> {
  const { rows } = await db.query<MatchRow>(
    `SELECT ${matchColumns} FROM matches m JOIN seats mine ON mine.match_id = m.id AND mine.player_id = $1
     WHERE $2::uuid IS NULL OR (m.created_at, m.id) < (SELECT created_at, id FROM matches WHERE id = $2)
     ORDER BY m.created_at DESC, m.id DESC LIMIT $3`,
    [playerId, page.after?.id ?? null, page.limit],
  );
  return rows.map(toView);
}

function toView(row: MatchRow): MatchView {
  const results = new Map(row.result?.players.map((player) => [player.playerId, player]));
  return {
    matchId: row.id,
    mode: row.mode,
    region: row.region,
    status: row.status,
    joinCode: row.join_code,
    config: row.config,
    economyVersion: row.economy_version,
    startsAt: row.lobby_ends_at,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    seedHash: row.seed_hash,
    seed: row.status === 'finished' && row.seed !== null ? row.seed.toString('hex') : null,
    reviewRequired: row.review_required,
    players: row.seats.map((seat) => {
      const result = results.get(seat.player_id);
      return {
        playerId: seat.player_id,
        seat: seat.seat,
        weaponItemId: seat.weapon_item_id,
        weaponBonus: seat.weapon_bonus,
        outcome: result?.outcome ?? null,
        placement: result?.placement ?? null,
        score: result?.score ?? null,
      };
    }),
    createdAt: row.created_at,
  };
}

/** Where to forward an action: the live host of a running match, else null. */
export async function readHostOf(
  db: Queryable,
  matchId: string,
): Promise<{ hostId: string; internalUrl: string } | null> {
  const { rows } = await db.query<{ id: string; internal_url: string }>(
    `SELECT h.id, h.internal_url FROM matches m JOIN match_hosts h ON h.id = m.host_id
     WHERE m.id = $1 AND m.status = 'running' AND h.lease_until > clock_timestamp() AND NOT h.draining`,
    [matchId],
  );
  return rows[0] ? { hostId: rows[0].id, internalUrl: rows[0].internal_url } : null;
}

export type SealedRecord = {
  bodyHash: string;
  status: 'held' | 'posted' | 'voided';
  tick: number | null;
  /** What was answered; null while the action waits for its tick. */
  outcome: ActionAnswer | null;
};

/** The permanent receipt of a sealed action, readable after the match: a repeat is answered from here. */
export async function readSealedAction(
  db: Queryable,
  matchId: string,
  playerId: string,
  actionKey: string,
): Promise<SealedRecord | null> {
  const { rows } = await db.query<{
    body_hash: string;
    status: SealedRecord['status'];
    tick: number | null;
    outcome: ActionAnswer | null;
  }>(
    'SELECT body_hash, status, tick, outcome FROM sealed_actions WHERE match_id = $1 AND player_id = $2 AND action_key = $3',
    [matchId, playerId, actionKey],
  );
  const row = rows[0];
  return row ? { bodyHash: row.body_hash, status: row.status, tick: row.tick, outcome: row.outcome } : null;
}

/** Seed, inputs and hashes of a finished match; null before its end, and for a result that was brought in. */
export async function readRecording(db: Queryable, matchId: string): Promise<Recording | null> {
  const { rows } = await db.query<{ seed: Buffer; config: MatchConfig; seats: Recording['seats'] }>(
    `SELECT m.seed, m.config,
       (SELECT jsonb_agg(jsonb_build_object('playerId', s.player_id, 'weaponBonus', s.weapon_bonus) ORDER BY s.seat)
        FROM seats s WHERE s.match_id = m.id) AS seats
     FROM matches m WHERE m.id = $1 AND m.status = 'finished' AND m.mode <> 'external'`,
    [matchId],
  );
  const match = rows[0];
  if (match === undefined) return null;
  return {
    seed: match.seed.toString('hex'),
    config: match.config,
    seats: match.seats,
    ticks: await readTicks(db, matchId),
  };
}

/** The tick log after `afterTick`, in order. */
export async function readTicks(db: Queryable, matchId: string, afterTick = 0): Promise<LoggedTick[]> {
  const { rows } = await db.query<{
    tick: number;
    inputs: Input[];
    results: ActionResult[];
    state_hash: Buffer;
  }>(
    'SELECT tick, inputs, results, state_hash FROM tick_log WHERE match_id = $1 AND tick > $2 ORDER BY tick',
    [matchId, afterTick],
  );
  return rows.map(({ tick, inputs, results, state_hash }) => ({
    tick,
    inputs,
    results,
    stateHash: state_hash.toString('hex'),
  }));
}
