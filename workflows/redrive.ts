import { allHandlersFinished, condition, proxyActivities, setHandler } from '@temporalio/workflow';
import type { RedriveActivities, RedriveLetterReply } from '../activities/redrive/types.ts';
import { setStatus, tell } from './details.ts';
import type { Tale } from './details.ts';
import { cancelRedrive, redriveProgress } from './messages.ts';
import type { RedriveInput, RedriveProgress, RedriveResult } from './messages.ts';
import { redriveStep, releaseStep } from './timeouts.ts';

const { redriveLetter } = proxyActivities<RedriveActivities>(redriveStep);
const { releaseParked } = proxyActivities<RedriveActivities>(releaseStep);

/**
 * Puts dead letters back, one after another: each goes to its own group's handler, then what waited behind it follows in
 * order. A letter that fails again stays, with the new error, and its key stays parked. Cancelling ends the run between
 * two letters.
 */
export async function redrive({
  deadLetterIds,
  actor,
  discardReason = null,
}: RedriveInput): Promise<RedriveResult> {
  const verb = discardReason === null ? 'Redrive' : 'Discard';
  const tale = tell(
    `${verb} of ${deadLetterIds.length} dead letter${deadLetterIds.length === 1 ? '' : 's'} by \`${actor}\``,
  );
  const progress: RedriveProgress = {
    total: deadLetterIds.length,
    done: 0,
    handled: 0,
    failedAgain: 0,
    current: null,
  };
  let parkedReleased = 0;
  let cancelled = false;
  setHandler(redriveProgress, () => progress);
  setHandler(cancelRedrive, () => void (cancelled = true));

  setStatus('running');
  for (const letterId of deadLetterIds) {
    if (cancelled) break;
    progress.current = letterId;
    tale.now(`letter \`${letterId}\` is with its handler`);
    const reply = await redriveLetter.executeWithOptions({ summary: `${verb} ${letterId}` }, [
      { letterId, actor, discardReason },
    ]);
    report(tale, letterId, reply);
    if (reply.status === 'failed' || reply.status === 'unknown') progress.failedAgain += 1;
    else {
      if (reply.status !== 'closed_before') progress.handled += 1;
      parkedReleased += await release(tale, letterId);
    }
    progress.done += 1;
  }
  progress.current = null;
  tale.happened(cancelled ? `cancelled after ${progress.done} of ${progress.total}` : 'done');
  setStatus('completed');
  await condition(allHandlersFinished);
  return { handled: progress.handled, failedAgain: progress.failedAgain, parkedReleased };
}

async function release(tale: Tale, letterId: string): Promise<number> {
  tale.now(`what waited behind letter \`${letterId}\` follows in order`);
  const { releasedCount, status } = await releaseParked.executeWithOptions(
    { summary: `Events parked behind ${letterId}` },
    [{ letterId }],
  );
  if (status === 'nothing_parked') return 0;
  const count = `${releasedCount} event${releasedCount === 1 ? '' : 's'} behind \`${letterId}\` handled`;
  tale.happened(
    status === 'unparked'
      ? `${count}; the key is free`
      : `${count}; the key stays parked behind another letter`,
  );
  return releasedCount;
}

function report(tale: Tale, letterId: string, reply: RedriveLetterReply): void {
  const link = `[\`${letterId}\`](/v1/dead-letters/${letterId})`;
  switch (reply.status) {
    case 'handled':
      return tale.happened(`${link}: handled`);
    case 'discarded':
      return tale.happened(`${link}: discarded`);
    case 'closed_before':
      return tale.happened(`${link}: was closed before`);
    case 'unknown':
      return tale.happened(`${link}: there is no such letter, or no handler for its group`);
    case 'failed':
      return tale.happened(`${link}: failed again, ${reply.errorClass}: ${reply.errorMessage}`);
    default:
      return reply satisfies never;
  }
}
