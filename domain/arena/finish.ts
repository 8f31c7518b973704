import { score, scored } from './score.ts';
import { isLiving } from './state.ts';
import type { MatchState, Outcome, Player, SeatOutcome } from './types.ts';

/**
 * Ends the match if the tick that was just resolved decided it; otherwise returns the state as it is. Asked after the
 * whole tick, so whoever strikes last has no advantage over those received later in the same tick.
 *
 * `fellThisTick` are the seats that died in it: when nobody is left, they are the ones who are ranked.
 */
export function finishIfDecided(state: MatchState, fellThisTick: readonly number[]): MatchState {
  const livingCount = state.players.filter(isLiving).length;
  if (livingCount > 1 && state.tick < state.config.maxTicks) return state;

  const players = state.players.map((player) =>
    player.alive ? scored(player, score.aliveAtTheEnd) : player,
  );
  const contenders =
    livingCount > 0 ? players.filter(isLiving) : players.filter(({ seat }) => fellThisTick.includes(seat));
  const winners = best(contenders);
  const outcomes = players.map((player): SeatOutcome => {
    const { seat, playerId, score, resources } = player;
    return { seat, playerId, outcome: outcomeOf(player, winners), score, resources };
  });
  return { ...state, players, phase: { status: 'finished', outcomes } };
}

/** Highest score, then more hp; whoever is still tied has drawn, and all of them win. */
function best(contenders: readonly Player[]): readonly Player[] {
  const highestScore = Math.max(...contenders.map(({ score }) => score));
  const leaders = contenders.filter(({ score }) => score === highestScore);
  const highestHp = Math.max(...leaders.map(({ hp }) => hp));
  return leaders.filter(({ hp }) => hp === highestHp);
}

function outcomeOf(player: Player, winners: readonly Player[]): Outcome {
  if (winners.includes(player)) return 'winner';
  return player.alive ? 'survivor' : 'eliminated';
}
