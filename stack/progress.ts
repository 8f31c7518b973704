import type { OnProgress, Progress } from './types.ts';

/** Reports one service's phases; while a phase lasts it is repeated every few seconds with the time since the start. */
export interface Reporter {
  report(phase: Progress['phase'], detail: string): void;
  /** Must be called when nothing more is to come, or the timer keeps repeating the last phase. */
  end(): void;
}

const REPEAT_MS = 3_000;

export function createReporter(service: Progress['service'], onProgress: OnProgress | undefined): Reporter {
  const startedMs = performance.now();
  let last: { phase: Progress['phase']; detail: string } | undefined;
  const emit = (): void => {
    if (last === undefined) return;
    onProgress?.({ service, ...last, elapsedMs: Math.round(performance.now() - startedMs) });
  };
  const timer = setInterval(emit, REPEAT_MS);
  timer.unref();
  return {
    report(phase, detail) {
      // What changes during a phase (packages compiled so far) is shown by the next tick, not by a line each.
      const isNewPhase = last?.phase !== phase;
      last = { phase, detail };
      if (isNewPhase) emit();
      if (phase === 'ready' || phase === 'failed') clearInterval(timer);
    },
    end: () => clearInterval(timer),
  };
}

/** One plain line per report: `kafka      starting      1.2 s  127.0.0.1:9092`. */
export function progressLine({ service, phase, elapsedMs, detail }: Progress): string {
  return `${service.padEnd(12)}${phase.padEnd(14)}${(elapsedMs / 1000).toFixed(1).padStart(6)} s  ${detail}`;
}
