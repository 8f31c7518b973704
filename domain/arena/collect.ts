import { score, scored } from './score.ts';
import { resourcesAt, withoutPile, withPlayer } from './state.ts';
import type { LivingPlayer, MatchState, Step } from './types.ts';

/** Takes everything from the player's tile. Node and drop together are one collection. */
export function collect(state: MatchState, player: LivingPlayer): Step {
  const { at, seat } = player;
  const resources = resourcesAt(state.nodes, at) + resourcesAt(state.drops, at);
  if (resources === 0) return { rejected: 'nothing_to_collect' };

  const emptied = { ...state, nodes: withoutPile(state.nodes, at), drops: withoutPile(state.drops, at) };
  const richer = { ...scored(player, score.collection), resources: player.resources + resources };
  return { state: withPlayer(emptied, richer), effect: { type: 'collected', seat, resources } };
}
