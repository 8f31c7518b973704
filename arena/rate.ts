/** Counts in whole seconds: cheap, and exact enough to tell a player from a flood. */
export function createRate(perSecondMax: number, clock: () => number): () => boolean {
  let second = 0;
  let count = 0;
  return () => {
    const now = Math.floor(clock() / 1_000);
    if (now !== second) {
      second = now;
      count = 0;
    }
    return ++count <= perSecondMax;
  };
}
