/**
 * Named places where a process can be made to die, so that recovery is tested at its worst moments instead of at random.
 * Off unless `CRASH_POINT` names one: `after-hold-before-lock`, or `after-hold-before-lock:3` for the third passage.
 */
export const crashPoints = [
  'after-commit-before-publish',
  'after-publish-before-mark',
  'after-effect-before-offset',
  'after-hold-before-lock',
  'after-lock-before-settle',
  'after-settle-before-complete',
  'after-grant-before-complete',
  'after-grants-before-reply',
  'after-spend-before-reply',
  'after-import-chunk-before-progress',
  'after-tick-before-broadcast',
  'after-row-before-signal',
  'after-clawback-chunk-before-progress',
  'after-replay-batch-before-next',
  'after-replay-effect-before-step',
  'after-webhook-before-mark',
] as const;

export type CrashPoint = (typeof crashPoints)[number];

/** What `CRASH_POINT` may say: a misspelt name would let a fault test pass without a fault. */
export const crashPointPattern = new RegExp(`^(${crashPoints.join('|')})(:[1-9]\\d*)?$`);

export type CrashPoints = (point: CrashPoint) => void;

export function createCrashPoints(setting: string | undefined): CrashPoints {
  if (setting === undefined) return () => {};
  const [armed, passage] = setting.split(':');
  let remaining = Number(passage ?? 1);
  return (point) => {
    if (point !== armed || --remaining > 0) return;
    // SIGKILL, not exit: nothing may be flushed, closed or rolled back politely.
    process.kill(process.pid, 'SIGKILL');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10_000);
  };
}
