import { eliminate } from './elimination.ts';
import { distance, wallBetween } from './grid.ts';
import { drawBelow } from './random.ts';
import { score, scored } from './score.ts';
import { withPlayer } from './state.ts';
import type { ArenaRejection, LivingPlayer, MatchState, Player, Sha256, Step } from './types.ts';

const BASE_DAMAGE = 20;
const CRITICAL_FACTOR = 2;
/** One valid attack in ten is critical. */
const CRITICAL_ONE_IN = 10;

export function attack(state: MatchState, attacker: LivingPlayer, targetId: string, hash: Sha256): Step {
  const target = judge(state, attacker, targetId);
  if (typeof target === 'string') return { rejected: target };

  const critical =
    drawBelow(state.seed, `crit/${attacker.seat}`, attacker.attackCount, CRITICAL_ONE_IN, hash) === 0;
  const blow = (BASE_DAMAGE + attacker.weaponBonus) * (critical ? CRITICAL_FACTOR : 1);
  const damage = Math.min(target.hp, Math.max(0, blow - target.shield));
  const hit: LivingPlayer = { ...target, hp: target.hp - damage };
  const credited = scored({ ...attacker, attackCount: attacker.attackCount + 1 }, damage * score.perHpTaken);
  const effect = {
    type: 'attacked',
    seat: attacker.seat,
    targetSeat: target.seat,
    damage,
    critical,
  } as const;

  if (hit.hp > 0) return { state: withPlayer(withPlayer(state, credited), hit), effect };

  const rewarded = withPlayer(state, scored(credited, score.elimination));
  return { ...eliminate(rewarded, hit, attacker.seat), effect };
}

/** The target, or the first of the reasons against it; their order is part of the rules. */
function judge(state: MatchState, attacker: LivingPlayer, targetId: string): LivingPlayer | ArenaRejection {
  if (targetId === attacker.playerId) return 'target_self';
  const target: Player | undefined = state.players.find(({ playerId }) => playerId === targetId);
  if (target === undefined) return 'target_not_found';
  if (!target.alive) return 'target_dead';
  if (distance(attacker.at, target.at) > state.config.attackReachTiles) return 'target_out_of_range';
  // cannot bind while the reach is one tile; kept for maps with more
  if (wallBetween(attacker.at, target.at)) return 'no_line_of_sight';
  return target;
}
