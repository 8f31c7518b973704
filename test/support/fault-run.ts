import { execFileSync } from 'node:child_process';

const isExploring = (import.meta as { env?: { MODE?: string } }).env?.MODE === 'explore';

export type Draws = {
  /** True once in `n` times. */
  oneIn(n: number): boolean;
  /** Waits up to so long. */
  pause(msMax: number): Promise<void>;
};

/** What a run came to: `lost` and `duplicatedEffects` are broken promises, `duplicatedDeliveries` shows that it tried. */
export type Outcome = {
  events: number;
  lost: number;
  duplicatedEffects: number;
  duplicatedDeliveries: number;
};

/**
 * Counts what a race or a run with faults does, and says it in one line. Its randomness comes from a seed of the file's own,
 * so that two runs try the same; `--mode explore` draws another, which the line names.
 */
export function faultRun(name: string, fixedSeed: number) {
  const seed = isExploring ? Math.trunc(Math.random() * 2 ** 31) : fixedSeed;
  const operations = { ok: 0, failed: 0, unknown: 0 };
  const faults = new Map<string, number>();
  return {
    seed,
    /** Draws for the nth part of the run: parts at once must not take each other's. */
    draws: (part: number) => drawsOf(seed + part),
    count: (outcome: keyof typeof operations, count = 1) => void (operations[outcome] += count),
    fault: (kind: string, count = 1) => void faults.set(kind, (faults.get(kind) ?? 0) + count),
    /** Prints the line, also of a run whose expectations will fail: call it before them. */
    tell({ events, lost, duplicatedEffects, duplicatedDeliveries }: Outcome): void {
      const kinds = [...faults].map(([kind, count]) => `${kind} ${count}`).join(', ');
      console.log(
        [
          `${name}: seed ${seed}`,
          `commit ${commitOf()}`,
          `operations ${operations.ok} ok, ${operations.failed} failed, ${operations.unknown} unknown`,
          `events ${events}`,
          `lost ${lost}`,
          `duplicated effects ${duplicatedEffects}`,
          `duplicated deliveries ${duplicatedDeliveries}`,
          `faults: ${kinds || 'none'}`,
        ].join(' · '),
      );
    },
  };
}

/** From what each key's effects should be and what they are. */
export function outcomeOf(
  keys: readonly { expected: readonly string[]; seen: readonly string[] }[],
  duplicatedDeliveries: number,
): Outcome {
  const sum = (of: (key: (typeof keys)[number]) => number) => keys.reduce((total, key) => total + of(key), 0);
  return {
    events: sum(({ expected }) => expected.length),
    lost: sum(({ expected, seen }) => expected.filter((effect) => !seen.includes(effect)).length),
    duplicatedEffects: sum(({ seen }) => seen.length - new Set(seen).size),
    duplicatedDeliveries,
  };
}

/** Mulberry32: small, and the same on every machine. */
function drawsOf(seed: number): Draws {
  let state = seed | 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    oneIn: (n) => next() < 1 / n,
    pause: (msMax) => new Promise((resolve) => setTimeout(resolve, next() * msMax)),
  };
}

function commitOf(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { stdio: ['ignore', 'pipe', 'ignore'] })
      .toString()
      .trim();
  } catch {
    return 'unknown';
  }
}
