import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { ChunkView, ClawbackActivities, ClawbackView } from '../../activities/clawback/types.ts';
import type { StuckActivities } from '../../activities/stuck.ts';
import { clawbackDecided, clawbackStart, retryUndo, searchKeys } from '../../workflows/messages.ts';
import type { ClawbackInput, ClawbackStoryResult } from '../../workflows/messages.ts';
import { recorded } from './recorded.ts';
import { failing } from './trade-fakes.ts';
import { detailsOf, timeSkippingWorld, tookMs, untilDetails } from './world.ts';

type Fakes = ClawbackActivities & StuckActivities;

const hourMs = 3_600_000;
const view = (state: ClawbackView['state'], overrides: Partial<ClawbackView> = {}): ClawbackView => ({
  state,
  requestedBy: 'client:studio',
  approvedBy: state === 'waiting' || state === 'examining' ? null : 'client:ops',
  reportHash: 'h1',
  grantCount: 3,
  reversedCount: 0,
  facts: '300 gold granted: 200 taken back, 100 debt',
  leftMs: 72 * hourMs,
  ...overrides,
});
const chunk = (lastJournalId: string | null, overrides: Partial<ChunkView> = {}): ChunkView => ({
  lastJournalId,
  reversedCount: lastJournalId === null ? 0 : 1,
  waiting: [],
  refused: [],
  ...overrides,
});

/** Answers one after another, the last one again and again. */
const inTurn = <T>(...answers: T[]): (() => Promise<T>) => {
  let turn = 0;
  return async () => answers[Math.min(turn++, answers.length - 1)]!;
};

/** Approved at the first look and done in one chunk, unless overridden. */
function fakes(overrides: Partial<Fakes> = {}) {
  const answers: Fakes = {
    examineClawback: async () => view('waiting'),
    readClawback: async () => view('approved'),
    beginReversal: async () => view('reversing'),
    reverseChunk: inTurn(chunk('7'), chunk(null)),
    finishClawback: async () => view('completed', { reversedCount: 3 }),
    expireClawback: async () => view('expired'),
    dropClawback: async () => view('cancelled'),
    reportStuck: async () => {},
    reportUnstuck: async () => {},
    ...overrides,
  };
  return recorded(answers);
}

const world = timeSkippingWorld('economy', Object.keys(fakes().activities));

const start = (taskQueue: string, resume?: ClawbackInput['resume']) => {
  const options = clawbackStart(randomUUID());
  const [input] = options.args;
  return world.env.client.workflow.start<(input: ClawbackInput) => Promise<ClawbackStoryResult>>('clawback', {
    ...options,
    args: [{ ...input, ...(resume && { resume }) }],
    taskQueue,
  });
};
type Handle = Awaited<ReturnType<typeof start>>;

/** `meanwhile` runs in real time while the story waits; `name`: the branch under which its history is kept. */
const run = (overrides: Partial<Fakes>, name?: string, meanwhile?: (handle: Handle) => Promise<unknown>) => {
  const { calls, activities } = fakes(overrides);
  return world.withActivities(activities, async (taskQueue) => {
    const handle = await start(taskQueue);
    await meanwhile?.(handle);
    const result = await handle.result();
    if (name !== undefined) await world.keep(name, handle);
    return { calls, result, handle, details: await detailsOf(handle) };
  });
};

const decide = async (handle: Handle) => {
  await untilDetails(handle, 'for an approval');
  await handle.signal(clawbackDecided);
};
const reads = (state: ClawbackView['state']) => ({ readClawback: async () => view(state) });

describe('a clawback that is approved', () => {
  test('examines, waits, checks the report, reverses chunk by chunk and adds up; its details tell it', async () => {
    const { calls, result, details } = await run(
      { reverseChunk: inTurn(chunk('7'), chunk('8'), chunk('9'), chunk(null)) },
      'clawback-completed',
      async (handle) => {
        const waiting = await untilDetails(handle, 'for an approval');
        expect(waiting).toContain('### Clawback of 3 grants');
        expect(waiting).toContain('asked for by `client:studio` · 300 gold granted');
        expect(waiting).toContain('with report hash `h1`');
        await handle.signal(clawbackDecided);
      },
    );
    expect(result).toEqual({ status: 'completed', reversedCount: 3 });
    expect(calls).toEqual([
      'examineClawback',
      'readClawback',
      'beginReversal',
      'reverseChunk',
      'reverseChunk',
      'reverseChunk',
      'reverseChunk',
      'finishClawback',
    ]);
    expect(details).toMatch(
      /`client:ops` approved the report `h1`\n- 3 of 3 grants are taken back\n- completed: 300 gold/,
    );
  });

  test('does not wait when the approval came before the story looked', async () => {
    const { calls, result } = await run(
      { examineClawback: async () => view('approved') },
      'clawback-approved-before',
    );
    expect(result.status).toBe('completed');
    expect(calls).not.toContain('readClawback');
  });

  test('is found without its nudge', async () => {
    const { result } = await run({}, 'clawback-nudge-lost');
    expect(result.status).toBe('completed');
  });

  test('needs another approval when the report has changed meanwhile', async () => {
    const { calls, details } = await run(
      {
        beginReversal: inTurn(view('waiting', { reportHash: 'h2' }), view('reversing')),
        readClawback: async () => view('approved'),
      },
      'clawback-stale',
    );
    expect(calls.filter((name) => name === 'beginReversal')).toHaveLength(2);
    expect(details).toContain('the report has changed since it was approved');
  });
});

describe('a clawback that is not begun', () => {
  test('completes at once when nothing is left to take back', async () => {
    const { calls } = await run(
      { examineClawback: async () => view('completed', { grantCount: 0 }) },
      'clawback-nothing',
    );
    expect(calls).toEqual(['examineClawback']);
  });

  test('ends when an operator cancels it', async () => {
    const { calls, result, handle } = await run(reads('cancelled'), 'clawback-cancelled', decide);
    expect(result).toEqual({ status: 'cancelled', reversedCount: 0 });
    expect(calls).toEqual(['examineClawback', 'readClawback']);
    const { typedSearchAttributes } = await handle.describe();
    expect(typedSearchAttributes.get(searchKeys.sagaStatus)).toBe('failed');
  });

  test('expires when nobody approves in time, and not earlier', async () => {
    let leftMs = 2.5 * hourMs;
    const { calls, result, handle } = await run(
      {
        examineClawback: async () => view('waiting', { leftMs }),
        readClawback: async () => view('waiting', { leftMs: (leftMs -= hourMs) }),
      },
      'clawback-expired',
    );
    expect(result.status).toBe('expired');
    expect(calls.at(-1)).toBe('expireClawback');
    expect(await tookMs(handle)).toBeGreaterThanOrEqual(2.5 * hourMs);
  });

  test('an approval of the last moment stands', async () => {
    const { result } = await run(
      {
        examineClawback: async () => view('waiting', { leftMs: 1_000 }),
        expireClawback: async () => view('approved'),
      },
      'clawback-approved-at-last',
    );
    expect(result.status).toBe('completed');
  });

  test('is dropped when its workflow is cancelled: nothing is taken back', async () => {
    const { calls, result } = await run(reads('waiting'), 'clawback-dropped', async (handle) => {
      await untilDetails(handle, 'for an approval');
      await handle.cancel();
    });
    expect(result.status).toBe('cancelled');
    expect(calls).toEqual(['examineClawback', 'dropClawback']);
  });
});

describe('a clawback under way', () => {
  const begun = { examineClawback: async () => view('reversing') };

  test('waits for an item in a trade and says so, then goes on from the beginning', async () => {
    const afters: string[] = [];
    const answers = inTurn(
      chunk('7', { waiting: [{ key: 'grant:match:m:p', reason: 'The item i is locked by trade:t.' }] }),
      chunk(null),
      chunk('7'),
      chunk(null),
    );
    const { result } = await run(
      { ...begun, reverseChunk: async ({ after }) => (afters.push(after), answers()) },
      'clawback-waiting',
      (handle) => untilDetails(handle, '`grant:match:m:p`: The item i is locked by trade:t.'),
    );
    expect(result.status).toBe('completed');
    expect(afters).toEqual(['0', '7', '0', '7']);
  });

  test('is stuck at a refusal until an operator has it tried again', async () => {
    const stuck: string[] = [];
    const { calls } = await run(
      {
        ...begun,
        reverseChunk: inTurn(
          chunk('7', { refused: [{ key: 'grant:match:m:p', reason: 'The ledger answered overflow.' }] }),
          chunk(null),
          chunk('7'),
          chunk(null),
        ),
        reportStuck: async ({ reason }) => void stuck.push(reason),
      },
      'clawback-stuck',
      async (handle) => {
        await untilDetails(handle, '**stuck**: `grant:match:m:p`: The ledger answered overflow.');
        expect((await handle.describe()).typedSearchAttributes.get(searchKeys.stuck)).toBe(true);
        await handle.signal(retryUndo);
      },
    );
    expect(stuck).toEqual(['`grant:match:m:p`: The ledger answered overflow.']);
    expect(calls.slice(-2)).toEqual(['reverseChunk', 'finishClawback']);
  });

  test('goes on to its end though its workflow is cancelled', async () => {
    let release: (reply: ChunkView) => void = () => {};
    const answers = inTurn(chunk('8'), chunk(null));
    let first = true;
    const { result } = await run(
      {
        ...begun,
        reverseChunk: () => {
          if (!first) return answers();
          first = false;
          return new Promise((resolve) => void (release = resolve));
        },
      },
      'clawback-not-stopped',
      async (handle) => {
        await untilDetails(handle, '0 of 3 grants are taken back');
        await handle.cancel();
        while (first) await new Promise((resolve) => setTimeout(resolve, 10));
        release(chunk('7'));
      },
    );
    expect(result.status).toBe('completed');
  });

  test('survives a database that is away', async () => {
    const { result } = await run(
      { ...begun, finishClawback: failing(3, view('completed', { reversedCount: 3 })) },
      'clawback-stalled',
    );
    expect(result).toEqual({ status: 'completed', reversedCount: 3 });
  });

  test('asks for an approval again when the database was restored to before it', async () => {
    const { calls, result } = await run(
      {
        examineClawback: inTurn(view('reversing'), view('waiting')),
        reverseChunk: inTurn(chunk(null), chunk('7'), chunk(null)),
        finishClawback: inTurn(view('waiting'), view('completed', { reversedCount: 3 })),
      },
      'clawback-restored',
    );
    expect(result.status).toBe('completed');
    expect(calls.slice(0, 5)).toEqual([
      'examineClawback',
      'reverseChunk',
      'finishClawback',
      'examineClawback',
      'readClawback',
    ]);
  });

  test('begins anew at the first grant when there are some left that it had passed', async () => {
    const afters: string[] = [];
    const { activities, calls } = fakes({
      ...begun,
      reverseChunk: async ({ after }) => (afters.push(after), chunk(after === '0' ? '7' : null)),
      finishClawback: inTurn(view('reversing'), view('completed', { reversedCount: 3 })),
    });
    await world.withActivities(activities, async (taskQueue) => {
      const handle = await start(taskQueue, { after: '500', waitingCount: 0, refusedCount: 0, reasons: [] });
      expect((await handle.result()).status).toBe('completed');
      await world.keep('clawback-resumed-too-far', handle);
    });
    expect(afters).toEqual(['500', '0', '7']);
    expect(calls.filter((name) => name === 'finishClawback')).toHaveLength(2);
  });

  test('continues as new by chunks and forgets nothing that is left', async () => {
    let count = 0;
    const afters: string[] = [];
    const { activities } = fakes({
      ...begun,
      reverseChunk: async ({ after }) => {
        afters.push(after);
        count += 1;
        if (count <= 201)
          return chunk(String(count), count === 5 ? { waiting: [{ key: 'k', reason: 'locked' }] } : {});
        return chunk(null);
      },
    });
    await world.withActivities(activities, async (taskQueue) => {
      const handle = await start(taskQueue);
      expect((await handle.result()).status).toBe('completed');
      await world.keep('clawback-continued', handle);
    });
    // the second run goes on at chunk 201, and passes once more for the one that was left in the first
    expect(afters.slice(200)).toEqual(['200', '201', '0']);
  });
});
