import { isSame } from './grid.ts';
import type { LivingPlayer, MatchState, Pile, Player, Position, PublicState } from './types.ts';

export const isLiving = (player: Player): player is LivingPlayer => player.alive;

export const playerAt = (state: PublicState, at: Position): LivingPlayer | undefined =>
  state.players.filter(isLiving).find((player) => isSame(player.at, at));

export const withPlayer = (state: MatchState, player: Player): MatchState => ({
  ...state,
  players: state.players.with(player.seat, player),
});

export const resourcesAt = (piles: readonly Pile[], at: Position): number =>
  piles.find((pile) => isSame(pile.at, at))?.resources ?? 0;

/** Keeps the list itself when nothing lies there, so that an unchanged list is recognised by identity. */
export const withoutPile = (piles: readonly Pile[], at: Position): readonly Pile[] =>
  resourcesAt(piles, at) === 0 ? piles : piles.filter((pile) => !isSame(pile.at, at));

/** Adds to a tile: piles of one kind merge, nothing makes no pile. */
export function withPile(piles: readonly Pile[], at: Position, resources: number): readonly Pile[] {
  if (resources === 0) return piles;
  return [...withoutPile(piles, at), { at, resources: resourcesAt(piles, at) + resources }];
}
