/** At most `countMax` pieces of work at once; the others wait their turn in order. */
export type Slots = { run<T>(work: () => Promise<T>): Promise<T> };

export function createSlots(countMax: number): Slots {
  let freeCount = countMax;
  const waiting: (() => void)[] = [];

  function release(): void {
    const next = waiting.shift();
    if (next === undefined) freeCount += 1;
    else next();
  }

  return {
    async run(work) {
      if (freeCount > 0) freeCount -= 1;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      try {
        return await work();
      } finally {
        release();
      }
    },
  };
}
