import {
  CancellationScope,
  TemporalFailure,
  allHandlersFinished,
  condition,
  continueAsNew,
  isCancellation,
  proxyActivities,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import type { EventReplayActivities, ReplayView } from '../activities/event-replay/types.ts';
import { setStatus, tell, timeIn } from './details.ts';
import type { Tale } from './details.ts';
import { replayDecided } from './messages.ts';
import type { EventReplayInput, EventReplayResult } from './messages.ts';
import { redriveStep, replayLookMs, replayStep, replayTellsMs } from './timeouts.ts';

const { prepareReplay, readReplay, closeReplay, dropReplay } =
  proxyActivities<EventReplayActivities>(redriveStep);
const { runReplay } = proxyActivities<EventReplayActivities>(replayStep);

type Story = { replayId: string; tale: Tale; nudged: boolean };

/**
 * Reads a past window of a topic once more. The row says whether it is to run, to wait or to end; the story does so, and
 * says how far it is. A worker that dies is missed within seconds, and the next one reads on from the last step.
 */
export async function eventReplay({ replayId }: EventReplayInput): Promise<EventReplayResult> {
  const story: Story = { replayId, tale: tell(`Event replay \`${replayId}\``), nudged: false };
  setHandler(replayDecided, () => void (story.nudged = true));
  let view: ReplayView;
  try {
    view = await untilOver(story);
  } catch (error) {
    if (!(error instanceof TemporalFailure) || !isCancellation(error)) throw error;
    story.tale.happened('an operator cancelled the workflow');
    view = await CancellationScope.nonCancellable(() =>
      dropReplay.executeWithOptions({ summary: 'End it where it is' }, [{ replayId }]),
    );
  }
  await CancellationScope.nonCancellable(() =>
    closeReplay.executeWithOptions({ summary: 'Forget what it has seen' }, [{ replayId }]),
  );
  conclude(story.tale, view);
  setStatus(view.state === 'failed' ? 'failed' : 'completed');
  await CancellationScope.nonCancellable(() => condition(allHandlersFinished));
  const { state, matchedCount, handledCount, failedCount, duplicateCount } = view;
  return { state, matchedCount, handledCount, failedCount, duplicateCount };
}

async function untilOver(story: Story): Promise<ReplayView> {
  const { replayId, tale } = story;
  tale.now('the window is being pinned');
  let view = await prepareReplay.executeWithOptions({ summary: 'Pin the window' }, [{ replayId }]);
  introduce(tale, view);
  while (view.state === 'running' || view.state === 'paused') {
    view = view.state === 'running' ? await run(story, view) : await wait(story, view);
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof eventReplay>({ replayId });
  }
  return view;
}

/** Until its end, or until somebody pauses or cancels it; meanwhile the details keep up. */
async function run({ replayId, tale }: Story, view: ReplayView): Promise<ReplayView> {
  setStatus('running');
  tale.now(progressText(view));
  const telling = new CancellationScope();
  const told = telling.run(() => keepTelling(replayId, tale)).catch(unlessCancelled);
  try {
    return await runReplay.executeWithOptions({ summary: `Read ${view.topic}` }, [{ replayId }]);
  } finally {
    telling.cancel();
    await told;
  }
}

async function keepTelling(replayId: string, tale: Tale): Promise<void> {
  for (let count = 0; ; count += 1) {
    const waitMs = replayTellsMs[Math.min(count, replayTellsMs.length - 1)] ?? 0;
    await sleep(waitMs, { summary: 'Say how far it is' });
    tale.now(progressText(await readReplay.executeWithOptions({ summary: 'How far it is' }, [{ replayId }])));
  }
}

async function wait(story: Story, before: ReplayView): Promise<ReplayView> {
  const { replayId, tale } = story;
  setStatus('waiting');
  tale.now(`paused at ${progressText(before)}`);
  await condition(() => story.nudged, replayLookMs);
  story.nudged = false;
  return readReplay.executeWithOptions({ summary: 'What was decided' }, [{ replayId }]);
}

function introduce(
  tale: Tale,
  { topic, target, requestedBy, totalCount, warnings, state }: ReplayView,
): void {
  tale.about(
    `Event replay: \`${topic}\` to ${target}`,
    `${totalCount} offsets · asked for by \`${requestedBy}\``,
  );
  for (const warning of warnings) tale.happened(`note: ${warning}`);
  if (totalCount === 0 && state === 'running') tale.happened('the window holds nothing');
}

function conclude(tale: Tale, { state, reason, ...counts }: ReplayView): void {
  const { matchedCount, handledCount, failedCount, duplicateCount } = counts;
  const numbers = `${matchedCount} matched, ${handledCount} handled, ${duplicateCount} handled before, ${failedCount} failed`;
  tale.happened(reason === null ? `${state}: ${numbers}` : `**${state}**: ${reason}; ${numbers}`);
}

function progressText({ percent, doneCount, totalCount, etaSeconds, failedCount }: ReplayView): string {
  const failed = failedCount === 0 ? '' : `, ${failedCount} failed`;
  const eta = etaSeconds === null ? '' : `, done about ${timeIn(etaSeconds * 1_000)}`;
  return `${percent} %, ${doneCount} of ${totalCount}${failed}${eta}`;
}

function unlessCancelled(error: unknown): void {
  if (!isCancellation(error)) throw error;
}
