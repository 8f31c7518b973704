import { CancelledFailure, cancellationSignal, heartbeat } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { MatchHost } from '../../arena/match-host.ts';
import type { Db } from '../../store/db.ts';
import { claimHost } from '../../store/matches/claim-host.ts';
import { causeOfStep } from '../cause.ts';
import { orFailure } from '../failures.ts';
import type { HostActivities } from './types.ts';

/** Well within the shortest heartbeat timeout of 5 s. */
const heartbeatMs = 1_000;

/** The host is an argument: only its process wires the two. */
export const createHostActivities = ({ db, host }: { db: Db; host: MatchHost }): HostActivities => ({
  claimHost: ({ matchId, lossCount }) =>
    orFailure(() => claimHost(db, { matchId, lossCount, candidateId: host.hostId })),

  async hostMatch({ matchId, fence }) {
    const { ended, isAlive } = await orFailure(() =>
      host.host(matchId, fence, causeOfStep('system:match-host').context),
    );
    // Silence is the signal: a host whose ticks do not commit shall lose the match, whatever else still works in it.
    const beat = setInterval(() => isAlive() && heartbeat(), heartbeatMs);
    try {
      const end = await Promise.race([ended, untilCancelled()]);
      if (end.status === 'failed')
        throw ApplicationFailure.create({ type: 'host_failed', message: 'the host could not go on' });
      return end.status === 'finished' ? end : { status: end.status };
    } finally {
      clearInterval(beat);
    }
  },
});

/** The match itself goes on: only its row decides who runs it, or that nobody does. */
const untilCancelled = () =>
  new Promise<never>((_, reject) => {
    const signal = cancellationSignal();
    signal.addEventListener('abort', () => reject(new CancelledFailure('hosting was cancelled')), {
      once: true,
    });
  });
