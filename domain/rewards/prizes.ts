import type { PrizePlace } from './types.ts';

/**
 * A pot by place. Places that nobody holds share with nobody: the percentages of those that are held are taken as the
 * whole. Each is floored, and the units left over go one each to the first places, so that the pot is paid exactly.
 */
export function splitPot(pot: bigint, percent: readonly number[], playerCount: number): bigint[] {
  const held = percent.slice(0, playerCount).map(BigInt);
  const whole = held.reduce((sum, share) => sum + share, 0n);
  if (whole === 0n) return [];
  const shares = held.map((share) => (pot * share) / whole);
  const leftOver = pot - shares.reduce((sum, share) => sum + share, 0n);
  return shares.map((share, i) => (BigInt(i) < leftOver ? share + 1n : share));
}

/** What one player gets: those who tie share what their places hold, and its last units go to the first of them. */
export function prizeOf(pot: bigint, percent: readonly number[], held: PrizePlace): bigint {
  const shares = splitPot(pot, percent, held.playerCount);
  const pool = shares
    .slice(held.place - 1, held.place - 1 + held.tiedCount)
    .reduce((sum, share) => sum + share, 0n);
  const each = BigInt(held.tiedCount);
  return pool / each + (BigInt(held.tiedIndex) < pool % each ? 1n : 0n);
}

/** Places from placements in seat order: only their order counts, and equals tie. */
export function prizePlaces(mode: string, placements: readonly number[]): PrizePlace[] {
  return placements.map((own, seat) => ({
    mode,
    place: 1 + placements.filter((other) => other < own).length,
    tiedCount: placements.filter((other) => other === own).length,
    tiedIndex: placements.slice(0, seat).filter((other) => other === own).length,
    playerCount: placements.length,
  }));
}
