import { eliminate } from './elimination.ts';
import type { LivingPlayer, MatchState, Step } from './types.ts';

/** Giving up: dead at once, and nobody is credited. A lost connection is not this; its seat waits for a resume. */
export const leave = (state: MatchState, player: LivingPlayer): Step => ({
  ...eliminate(state, player, null),
  effect: { type: 'left', seat: player.seat },
});
