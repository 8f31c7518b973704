import { Context, heartbeat } from '@temporalio/activity';
import { dropRedrive, runRedrive } from '../../events/redrive/run.ts';
import type { RedriveProgress } from '../../events/redrive/run.ts';
import type { RedriveDeps } from '../../events/redrive/redrive.ts';
import { orFailure } from '../failures.ts';
import type { RedriveActivities, StretchReply } from './types.ts';

/** Short enough for the details to be fresh, long enough for the story's history to stay short. */
const stretch = { letterCountMax: 50, msMax: 5_000 };

/** Runs where the handlers are: in the consumers' process, on task queue `events`. */
export function createRedriveActivities(deps: RedriveDeps): RedriveActivities {
  return {
    workOffLetters: ({ redriveId }) =>
      orFailure(async () => {
        const { cancellationSignal: signal } = Context.current();
        const alive = (releasedCount: number) => heartbeat({ releasedCount });
        return replyOf(await runRedrive(deps, redriveId, { ...stretch, signal, alive }));
      }),

    dropRedrive: ({ redriveId }) => orFailure(async () => replyOf(await dropRedrive(deps, redriveId))),
  };
}

function replyOf({ redrive, letters }: RedriveProgress): StretchReply {
  const { requestedBy, preview, discardReason, ratePerSecond, state, percent, leftMs } = redrive;
  const { letterCount, doneCount, handledCount, keptCount, releasedCount } = redrive;
  return {
    requestedBy,
    preview,
    discardReason,
    ratePerSecond,
    state,
    percent,
    leftMs,
    letterCount,
    doneCount,
    handledCount,
    keptCount,
    releasedCount,
    letters,
  };
}
