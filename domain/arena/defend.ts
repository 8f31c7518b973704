import { withPlayer } from './state.ts';
import type { LivingPlayer, MatchState, Step } from './types.ts';

const SHIELD = 20;

/** Every hit received after this one in the same tick is reduced by the shield; none uses it up, and none stack. */
export const defend = (state: MatchState, player: LivingPlayer): Step => ({
  state: withPlayer(state, { ...player, shield: SHIELD }),
  effect: { type: 'defended', seat: player.seat },
});

/** Shields last until the next tick begins. Without one the state stays the same object: most ticks are such. */
export function lowerShields(state: MatchState): MatchState {
  if (state.players.every(({ shield }) => shield === 0)) return state;
  return {
    ...state,
    players: state.players.map((player) => (player.alive ? { ...player, shield: 0 } : player)),
  };
}
