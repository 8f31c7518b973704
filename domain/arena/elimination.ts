import { withPile, withPlayer } from './state.ts';
import type { Elimination, FallenPlayer, LivingPlayer, MatchState } from './types.ts';

/**
 * Takes a player off the grid. Half of what they carry, rounded down, falls on their tile for anyone to collect; the
 * rest is theirs and is paid at the end.
 */
export function eliminate(
  state: MatchState,
  victim: LivingPlayer,
  by: number | null,
): { state: MatchState; elimination: Elimination } {
  const dropped = Math.floor(victim.resources / 2);
  const fallen: FallenPlayer = {
    ...victim,
    alive: false,
    hp: 0,
    shield: 0,
    at: null,
    resources: victim.resources - dropped,
  };
  return {
    state: { ...withPlayer(state, fallen), drops: withPile(state.drops, victim.at, dropped) },
    elimination: { type: 'eliminated', seat: victim.seat, by, at: victim.at, dropped },
  };
}
