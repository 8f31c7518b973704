import { cancellationSignal, heartbeat } from '@temporalio/activity';
import { LootError, isLootError } from '../../domain/errors.ts';
import { progressOf } from '../../domain/replays/progress.ts';
import { describeTarget, isOver } from '../../domain/replays/types.ts';
import { prepareReplay } from '../../events/replay/prepare-replay.ts';
import { runReplay } from '../../events/replay/run-replay.ts';
import { ReplayBroken } from '../../events/replay/types.ts';
import type { ReplayDeps } from '../../events/replay/types.ts';
import { decideReplay } from '../../store/replays/decide-replay.ts';
import { finishReplay, forgetSeen } from '../../store/replays/finish-replay.ts';
import { findReplay } from '../../store/replays/reads.ts';
import type { Replay } from '../../store/replays/reads.ts';
import { causeOfStep } from '../cause.ts';
import { orFailure } from '../failures.ts';
import type { EventReplayActivities, ReplayView } from './types.ts';

const heartbeatEveryMs = 1_000;
/** Then the story may hand over to another run: what it tells of a replay of days would outgrow its history. */
const stretchMsMax = 3_600_000;

/** Runs where the handlers are: in the consumers' process, on task queue `events`. */
export function createEventReplayActivities(
  deps: ReplayDeps,
  { stretchMs = stretchMsMax }: { stretchMs?: number } = {},
): EventReplayActivities {
  const { db, log } = deps;

  /** What can never be is the replay's end, not the activity's failure. */
  async function orBroken(replay: Replay, work: () => Promise<unknown>): Promise<ReplayView> {
    const { replayId } = replay;
    try {
      await work();
    } catch (error) {
      if (!(error instanceof ReplayBroken)) throw error;
      log.warn({ replayId, reason: error.message }, 'a replay cannot go on');
      const end = { state: 'failed', reason: error.message } as const;
      return viewOf(await finishReplay(db, replayId, end, contextOfStep()));
    }
    return viewOf(await required(db, replayId));
  }

  return {
    prepareReplay: ({ replayId }) =>
      orFailure(async () => {
        const replay = await required(db, replayId);
        if (replay.state !== 'pinning') return viewOf(replay);
        return orBroken(replay, () => prepareReplay(deps, replay));
      }),

    runReplay: ({ replayId }) =>
      orFailure(async () => {
        const replay = await required(db, replayId);
        if (replay.state !== 'running') return viewOf(replay);
        const stop = AbortSignal.any([cancellationSignal(), AbortSignal.timeout(stretchMs)]);
        return orBroken(replay, () =>
          beating(deps, replayId, async () => {
            if ((await runReplay(deps, replay, stop)) === 'ended')
              await finishReplay(db, replayId, { state: 'completed' }, contextOfStep());
          }),
        );
      }),

    readReplay: ({ replayId }) => orFailure(async () => viewOf(await required(db, replayId))),

    dropReplay: ({ replayId }) =>
      orFailure(async () => {
        const cancel = { replayId, decision: 'cancel', actor: 'workflow' } as const;
        const { state } = await required(db, replayId);
        if (!isOver(state))
          await decideReplay(db, cancel, contextOfStep()).catch((error: unknown) => {
            // it has ended meanwhile
            if (!isLootError(error) || error.code !== 'replay_closed') throw error;
          });
        return viewOf(await required(db, replayId));
      }),

    closeReplay: ({ replayId }) =>
      orFailure(async () => {
        const replay = await required(db, replayId);
        if (isOver(replay.state)) await forgetSeen(db, replayId);
        const { state, matchedCount, handledCount, failedCount } = replay;
        log.info({ replayId, state, matchedCount, handledCount, failedCount }, 'event replay over');
        return viewOf(replay);
      }),
  };
}

const contextOfStep = () => causeOfStep('system:replays').context;

/** Says where it is: a worker that falls silent is missed soon, and its successor goes on from there. */
async function beating(
  { db }: Pick<ReplayDeps, 'db'>,
  replayId: string,
  work: () => Promise<void>,
): Promise<void> {
  const beat = async () => {
    const replay = await findReplay(db, replayId).catch(() => null);
    heartbeat(replay === null ? undefined : { done: replay.doneCount, of: replay.totalCount });
  };
  const timer = setInterval(() => void beat(), heartbeatEveryMs);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
}

async function required(db: ReplayDeps['db'], replayId: string): Promise<Replay> {
  const replay = await findReplay(db, replayId);
  if (replay === null) throw new LootError('not_found', `There is no replay ${replayId}.`);
  return replay;
}

const viewOf = (replay: Replay): ReplayView => ({
  topic: replay.topic,
  target: describeTarget(replay.target, replay.topic),
  requestedBy: replay.requestedBy,
  state: replay.state,
  reason: replay.reason,
  warnings: replay.warnings,
  totalCount: replay.totalCount,
  doneCount: replay.doneCount,
  matchedCount: replay.matchedCount,
  handledCount: replay.handledCount,
  failedCount: replay.failedCount,
  duplicateCount: replay.duplicateCount,
  ...progressOf(replay),
});
