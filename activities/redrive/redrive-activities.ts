import { heartbeat } from '@temporalio/activity';
import { isLootError } from '../../domain/errors.ts';
import { discardLetter, redriveLetter, releaseBehind } from '../../events/redrive.ts';
import type { RedriveDeps } from '../../events/redrive.ts';
import { orFailure } from '../failures.ts';
import type { RedriveActivities } from './types.ts';

/** Runs where the handlers are: in the consumers' process, on task queue `events`. */
export function createRedriveActivities(deps: RedriveDeps): RedriveActivities {
  return {
    redriveLetter: ({ letterId, actor, discardReason }) =>
      orFailure(async () => {
        try {
          if (discardReason === null) return await redriveLetter(deps, letterId, actor);
          const { status } = await discardLetter(deps, letterId, actor, discardReason);
          return status === 'handled' ? { status: 'discarded' } : { status: 'closed_before' };
        } catch (error) {
          if (isLootError(error) && error.code === 'not_found') return { status: 'unknown' };
          throw error;
        }
      }),

    releaseParked: ({ letterId }) =>
      orFailure(() => releaseBehind(deps, letterId, (releasedCount) => heartbeat({ releasedCount }))),
  };
}
