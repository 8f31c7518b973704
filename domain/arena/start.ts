import { SEATS_MAX, SEATS_MIN, WEAPON_BONUS_MAX } from './config.ts';
import { nodeTiles, spawns } from './grid.ts';
import { drawBelow } from './random.ts';
import type { LivingPlayer, MatchConfig, MatchState, Pile, Position, Seat, Sha256 } from './types.ts';

export const HP_AT_START = 100;
const NODE_RESOURCES_MIN = 50;
const NODE_RESOURCES_MAX = 150;

/** The state before tick 1. Players come in the order of confirmed joins, which makes their seats 0…n−1. */
export function startMatch(
  seed: string,
  config: MatchConfig,
  seats: readonly Seat[],
  hash: Sha256,
): MatchState {
  if (seats.length < SEATS_MIN || seats.length > SEATS_MAX) {
    throw new RangeError(`a match has ${SEATS_MIN} to ${SEATS_MAX} players, got ${seats.length}`);
  }
  if (new Set(seats.map(({ playerId }) => playerId)).size !== seats.length)
    throw new RangeError('a player has one seat');

  return {
    seed,
    config,
    tick: 0,
    phase: { status: 'active' },
    players: seats.map((taken, seat) => newPlayer(taken, seat, spawnTile(seats.length, seat))),
    nodes: nodeTiles.map((at, i): Pile => ({ at, resources: rollNode(seed, i, hash) })),
    drops: [],
  };
}

function newPlayer({ playerId, weaponBonus }: Seat, seat: number, at: Position): LivingPlayer {
  if (!Number.isInteger(weaponBonus) || weaponBonus < 0 || weaponBonus > WEAPON_BONUS_MAX) {
    throw new RangeError(`a weapon bonus is 0 to ${WEAPON_BONUS_MAX}, got ${weaponBonus}`);
  }
  return {
    seat,
    playerId,
    weaponBonus,
    alive: true,
    hp: HP_AT_START,
    shield: 0,
    score: 0,
    resources: 0,
    attackCount: 0,
    at,
  };
}

function spawnTile(playerCount: number, seat: number): Position {
  const at = spawns.get(playerCount)?.[seat];
  if (at === undefined) throw new RangeError(`no spawn for seat ${seat} of ${playerCount}`);
  return at;
}

const rollNode = (seed: string, i: number, hash: Sha256): number =>
  NODE_RESOURCES_MIN + drawBelow(seed, `node/${i}`, 0, NODE_RESOURCES_MAX - NODE_RESOURCES_MIN + 1, hash);
