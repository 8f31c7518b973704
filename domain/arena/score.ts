import type { Player } from './types.ts';

/** What a player's deeds are worth. A point per hp actually taken comes on top of the elimination. */
export const score = { perHpTaken: 1, elimination: 100, collection: 50, aliveAtTheEnd: 25 } as const;

export const scored = <P extends Player>(player: P, points: number): P => ({
  ...player,
  score: player.score + points,
});
