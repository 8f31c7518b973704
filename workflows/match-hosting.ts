import {
  ActivityFailure,
  ApplicationFailure,
  TimeoutFailure,
  isCancellation,
  proxyActivities,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import type { HostActivities, HostedEnd } from '../activities/match/types.ts';
import type { HostClaim } from '../store/matches/claim-host.ts';
import type { Tale } from './details.ts';
import { reasonOf } from './ladder.ts';
import { taskQueues } from './messages.ts';
import type { MatchInput } from './messages.ts';
import { claimStep, hostStep, hostWaitsMs, unhostedMsMax } from './timeouts.ts';

/** More hosts than this do not die under one match by chance. */
const lossCountMax = 5;

type Claimed = Extract<HostClaim, { result: 'claimed' }>;
type Played = { status: 'played' } | { status: 'voided'; reason: string };

/**
 * Has the match played by a host, by another when that one is lost, until its log has an end. Each claim draws a new fence,
 * so that a host which is only thought dead can no longer write; if it is well, it keeps the match under the new claim and
 * its players notice nothing.
 */
export async function untilPlayed({ matchId, matchLimitMs }: MatchInput, tale: Tale): Promise<Played> {
  let lossCount = 0;
  let lastHostId: string | null = null;
  let silence: string | null = null;
  while (lossCount <= lossCountMax) {
    const claim = await claimSomeHost(matchId, lossCount, tale);
    if (claim === 'not_running') return { status: 'played' };
    if (claim === null) return { status: 'voided', reason: 'no_host' };
    // A host that was silent towards Temporal but has kept its lease was not lost.
    if (silence !== null && claim.hostId !== lastHostId) lossCount++;
    lastHostId = claim.hostId;
    tale.now(`played on host \`${claim.hostId}\` (${claim.url}), fence ${claim.fence}`);

    const end = await hostOn(claim, matchId, matchLimitMs);
    if ('failure' in end) {
      silence = end.isSilence ? end.failure : null;
      if (!end.isSilence) lossCount++;
      tale.happened(`host \`${claim.hostId}\` (fence ${claim.fence}) was lost: ${end.failure}`);
      continue;
    }
    silence = null;
    if (end.status === 'finished') return { status: 'played' };
    if (end.status === 'over') return { status: 'voided', reason: 'voided elsewhere' };
    tale.happened(
      `host \`${claim.hostId}\` (fence ${claim.fence}) ${end.status === 'draining' ? 'is stopping' : 'was replaced'}`,
    );
  }
  return { status: 'voided', reason: 'too_many_host_losses' };
}

/** This deployment's name of a queue: the workflow's own queue is `<prefix>match`. */
function queueOf(name: string): string {
  return workflowInfo().taskQueue.replace(/match$/, '') + name;
}

/** Asks until a host has room. Null: nobody had for too long. */
async function claimSomeHost(
  matchId: string,
  lossCount: number,
  tale: Tale,
): Promise<Claimed | 'not_running' | null> {
  const { claimHost } = proxyActivities<HostActivities>({
    ...claimStep,
    taskQueue: queueOf(taskQueues.matchHost),
  });
  const untilMs = Date.now() + unhostedMsMax;
  for (let tries = 0; ; tries++) {
    let reason: string;
    try {
      const summary = tries === 0 ? 'Who has room?' : `Who has room? (asked ${tries + 1} times)`;
      const claim = await claimHost.executeWithOptions({ summary }, [{ matchId, lossCount }]);
      if (claim.result === 'claimed') return claim;
      if (claim.result === 'not_running') return 'not_running';
      reason = 'no host has room';
    } catch (error) {
      if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
      reason = error.cause instanceof TimeoutFailure ? 'no host is running' : reasonOf(error);
    }
    if (Date.now() >= untilMs) return null;
    tale.now(`waits for a match host: ${reason}`);
    await sleep(hostWaitsMs[Math.min(tries, hostWaitsMs.length - 1)] ?? 0, {
      summary: `Until a host has room: ${reason}`,
    });
  }
}

type Lost = { failure: string; isSilence: boolean };

async function hostOn(
  { hostId, fence, url, runningCount }: Claimed,
  matchId: string,
  matchLimitMs: number,
): Promise<HostedEnd | Lost> {
  const { hostMatch } = proxyActivities<HostActivities>({
    ...hostStep(matchLimitMs, runningCount),
    taskQueue: queueOf(taskQueues.matchHostOf(hostId)),
  });
  try {
    return await hostMatch.executeWithOptions({ summary: `Play on ${url}, fence ${fence}` }, [
      { matchId, fence },
    ]);
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
    const { cause } = error;
    if (cause instanceof TimeoutFailure) {
      const neverBegan = cause.timeoutType === 'SCHEDULE_TO_START';
      return { failure: neverBegan ? 'it did not begin' : 'it fell silent', isSilence: !neverBegan };
    }
    if (cause instanceof ApplicationFailure) return { failure: reasonOf(error), isSilence: false };
    return { failure: reasonOf(error), isSilence: true };
  }
}
