import type { Output } from './output.ts';

/** A stage that did not hold: what, why and where to look. */
export class StageError extends Error {
  override readonly name = 'StageError';
  readonly stage: string;

  constructor(stage: string, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.stage = stage;
  }
}

export type RunStage = <T>(
  title: string,
  work: () => Promise<T>,
  limit?: { minutesMax: number },
) => Promise<T>;

/** No stage may hang; building servers on a cold machine is given longer. */
const minutesMaxDefault = 2;

/** Prints a stage's title, runs it and prints how long it took. */
export function createStages(output: Output): {
  run: RunStage;
  times: { title: string; durationMs: number }[];
} {
  const times: { title: string; durationMs: number }[] = [];
  const run: RunStage = async (title, work, { minutesMax } = { minutesMax: minutesMaxDefault }) => {
    output.line();
    output.line(output.paint('bold', `${times.length + 1}. ${title}`));
    const startedMs = performance.now();
    try {
      return await withLimit(work(), minutesMax * 60_000);
    } catch (error) {
      throw new StageError(title, error);
    } finally {
      const durationMs = performance.now() - startedMs;
      times.push({ title, durationMs });
      output.line(output.paint('dim', `   ${(durationMs / 1_000).toFixed(1)} s`));
    }
  };
  return { run, times };
}

async function withLimit<T>(work: Promise<T>, limitMs: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not over after ${limitMs / 1_000} s`)), limitMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Asks again and again until the answer is there; says what it waited for when it never comes. */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined>,
  timeoutMs = 30_000,
): Promise<T> {
  const deadlineMs = performance.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > deadlineMs) throw new Error(`${what}: not within ${timeoutMs / 1_000} s`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The demo's assertion: a sentence that must be true, shown to the reader when it is not. */
export function expect(isTrue: boolean, sentence: string): void {
  if (!isTrue) throw new Error(`expected, but not so: ${sentence}`);
}
