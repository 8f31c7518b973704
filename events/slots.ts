/** At most `countMax` pieces of work at once; the others wait their turn in order. */
export type Slots = {
  run<T>(work: () => Promise<T>): Promise<T>;
  /** Whether `run` would begin at once. */
  readonly isFree: boolean;
};

/** `onFree` is called when a piece of work has ended and none waits. */
export function createSlots(countMax: number, onFree: () => void = () => {}): Slots {
  let freeCount = countMax;
  const waiting: (() => void)[] = [];

  function release(): void {
    const next = waiting.shift();
    if (next !== undefined) return next();
    freeCount += 1;
    onFree();
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
    get isFree() {
      return freeCount > 0;
    },
  };
}
