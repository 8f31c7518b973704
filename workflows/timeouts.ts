/**
 * Every time limit of every story, in one place. A proxy without `startToCloseTimeout` throws when the bundle loads and
 * takes all its workflows with it, so proxies are made from these alone.
 */
const secondMs = 1_000;
const minuteMs = 60 * secondMs;

/** First rung of a short step: over in milliseconds, or given to the second rung while nobody has noticed yet. */
export const localStep = {
  scheduleToCloseTimeout: 3 * secondMs,
  startToCloseTimeout: 2 * secondMs,
  retry: { maximumAttempts: 2, initialInterval: 50 },
} as const;

/** An undo has one local try: what failed once belongs where the Web UI shows its attempts. */
export const localUndo = { ...localStep, retry: { maximumAttempts: 1 } } as const;

/** Waits 1, 2, 4, 8, 16, then 30 s. */
const backoff = { initialInterval: secondMs, backoffCoefficient: 2, maximumInterval: 30 * secondMs } as const;

/** Second rung: the same activity with the same key, tried until it answers. Longer than any transaction may take. */
export const patientStep = { startToCloseTimeout: 15 * secondMs, retry: backoff } as const;

/** After this an undo is stuck and an operator is called: long enough for a database to come back by itself. */
export const patientUndo = { ...patientStep, scheduleToCloseTimeout: 10 * minuteMs } as const;

/** Telling operators is worth some tries, never a story's life. */
export const courtesy = {
  startToCloseTimeout: 10 * secondMs,
  retry: { ...backoff, maximumAttempts: 5 },
} as const;

/** A host answers at once or is not there. */
export const claimStep = {
  scheduleToStartTimeout: 10 * secondMs,
  startToCloseTimeout: 10 * secondMs,
  retry: { ...backoff, maximumAttempts: 3 },
} as const;

/**
 * Hosting lasts as long as the match, and a silent host loses it. Every heartbeat is a write of the server: past some
 * hundred matches they come to cost more than a later discovery does.
 */
export const hostStep = (matchLimitMs: number, runningCount: number) =>
  ({
    scheduleToStartTimeout: 10 * secondMs,
    startToCloseTimeout: matchLimitMs + 2 * minuteMs,
    heartbeatTimeout: runningCount <= 200 ? 5 * secondMs : 15 * secondMs,
    retry: { maximumAttempts: 1 },
  }) as const;

/** Until a host has room, asked again at these intervals, the last one repeated. */
export const hostWaitsMs = [1, 2, 5, 10, 20].map((seconds) => seconds * secondMs);
/** Players wait no longer than this for a host. */
export const unhostedMsMax = 10 * minuteMs;

/** A buyer's hold outlives the longest review by this, so that the sweep cannot void it under a story that settles. */
export const holdMarginMs = 60 * minuteMs;

/** A grant behind a closed valve or a full cap tries again at these intervals, the last one repeated. */
export const valveWaitsMs = [30 * secondMs, minuteMs, 5 * minuteMs] as const;

/** A grant whose match has no result yet looks again, should the nudge be lost. */
export const resultWaitMs = minuteMs;

/** Some seconds of letters. It heartbeats between two events, each of which may have three attempts of ten seconds. */
export const redriveStep = {
  startToCloseTimeout: 5 * minuteMs,
  heartbeatTimeout: minuteMs,
  retry: backoff,
} as const;

/** A paused redrive looks at its row this often, should the nudge be lost. */
export const redriveLookMs = 60 * minuteMs;

/** As many journals as there are to look through; it heartbeats, and a lost worker is missed soon. */
export const examineStep = {
  startToCloseTimeout: 60 * minuteMs,
  heartbeatTimeout: minuteMs,
  retry: backoff,
} as const;

/** A hundred grants in one transaction; it heartbeats while it works, and a lost worker is missed soon. */
export const reverseStep = {
  startToCloseTimeout: 30 * secondMs,
  heartbeatTimeout: 5 * secondMs,
  retry: backoff,
} as const;

/** A clawback that waits for its approval looks at its row this often, should the nudge be lost. */
export const clawbackLookMs = 60 * minuteMs;
/** What cannot be taken back yet (its item is in a trade, a valve is closed) is looked at again at these intervals. */
export const clawbackWaitsMs = [10 * secondMs, 30 * secondMs, minuteMs, 5 * minuteMs] as const;

/** Some chunks of an import's lines; each one heartbeats, and a lost worker is missed soon. */
export const importStep = {
  startToCloseTimeout: 5 * minuteMs,
  heartbeatTimeout: 5 * secondMs,
  retry: backoff,
} as const;

/** One rule over all there is may take long; it heartbeats, and a lost worker is missed soon. */
export const auditStep = {
  startToCloseTimeout: 60 * minuteMs,
  heartbeatTimeout: 30 * secondMs,
  retry: backoff,
} as const;

/** As long as a window may take; it heartbeats, and a lost worker is missed soon. */
export const replayStep = {
  startToCloseTimeout: 24 * 60 * minuteMs,
  heartbeatTimeout: 5 * secondMs,
  retry: backoff,
} as const;
/** A running replay's details keep up at these intervals, the last one repeated. */
export const replayTellsMs = [
  2 * secondMs,
  3 * secondMs,
  5 * secondMs,
  10 * secondMs,
  30 * secondMs,
] as const;
/** A paused replay looks at its row this often, should the nudge be lost. */
export const replayLookMs = 60 * minuteMs;

/** A burst of messages to one subscriber; it heartbeats while it sends, and a lost worker is missed soon. */
export const deliverStep = {
  startToCloseTimeout: 60 * secondMs,
  heartbeatTimeout: 6 * secondMs,
  retry: backoff,
} as const;
/** A story with nothing to deliver stays this long, so that a steady trickle is one run. */
export const webhookLingerMs = minuteMs;
