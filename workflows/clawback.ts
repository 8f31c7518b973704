import {
  CancellationScope,
  TemporalFailure,
  allHandlersFinished,
  condition,
  continueAsNew,
  isCancellation,
  proxyActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { ClawbackActivities, ClawbackView } from '../activities/clawback/types.ts';
import type { StuckActivities } from '../activities/stuck.ts';
import { setStatus, setStuck, tell, timeIn } from './details.ts';
import type { Tale } from './details.ts';
import { clawbackDecided, retryUndo } from './messages.ts';
import type { ClawbackInput, ClawbackStoryResult } from './messages.ts';
import {
  clawbackLookMs,
  clawbackWaitsMs,
  courtesy,
  examineStep,
  patientStep,
  reverseStep,
} from './timeouts.ts';

type Left = NonNullable<ClawbackInput['resume']>;
type Story = { clawbackId: string; nudgeCount: number; retryCount: number; tale: Tale };

/** Each is one short transaction, and a run has few of them: they are regular, for the Web UI to show. */
const steps = proxyActivities<ClawbackActivities>(patientStep);
const examining = proxyActivities<ClawbackActivities>(examineStep);
const reversing = proxyActivities<ClawbackActivities>(reverseStep);
const operators = proxyActivities<StuckActivities>(courtesy);

const grantCountMax = 100;
/** Some thousand events per run, far from the limits of a history. */
const chunkCountMax = 200;
const reasonCountMax = 3;

/**
 * Takes back what should not have been granted: examine without touching anything, wait for an operator's approval of
 * exactly that report, then reverse grant by grant. Until the reversal begins it may end with nothing done; once begun it
 * goes on until every grant is dealt with, and says what it waits for.
 */
export async function clawback({ clawbackId, resume }: ClawbackInput): Promise<ClawbackStoryResult> {
  const tale = tell(`Clawback \`${clawbackId}\``);
  const story: Story = { clawbackId, nudgeCount: 0, retryCount: 0, tale };
  setHandler(clawbackDecided, () => void story.nudgeCount++);
  setHandler(retryUndo, () => void story.retryCount++);

  let view = await untilDecided(story);
  // again only when the database was restored: to a moment before the approval, when nobody has approved, or before grants
  // that are not taken back any more; how far this run has got says nothing then
  for (let from = resume; view.state === 'reversing'; from = undefined) {
    view = await takeBack(story, view, from);
    if (!isOver(view)) view = await untilDecided(story);
  }
  introduce(story, view);
  tale.happened(view.state === 'completed' ? `completed: ${view.facts}` : view.state);
  setStatus(view.state === 'completed' ? 'completed' : 'failed');
  await CancellationScope.nonCancellable(() => condition(allHandlersFinished));
  return { status: endOf(view), reversedCount: view.reversedCount };
}

/** Half a clawback helps nobody: once begun, a cancellation of the workflow changes nothing. */
const takeBack = (story: Story, view: ClawbackView, resume: ClawbackInput['resume']): Promise<ClawbackView> =>
  CancellationScope.nonCancellable(async () => {
    await reverse(story, view, resume);
    return examining.finishClawback.executeWithOptions({ summary: 'Add up what became of every grant' }, [
      { clawbackId: story.clawbackId },
    ]);
  });

/** Until it reverses or is over. Cancelled before that, it ends with nothing taken back. */
async function untilDecided(story: Story): Promise<ClawbackView> {
  const { clawbackId, tale } = story;
  try {
    tale.now('the grants are being looked up and the clawback is played through; nothing is touched');
    const examined = await examining.examineClawback.executeWithOptions(
      { summary: 'Find the grants and play the clawback through' },
      [{ clawbackId }],
    );
    return await decide(story, examined);
  } catch (error) {
    if (!(error instanceof TemporalFailure) || !isCancellation(error)) throw error;
    return CancellationScope.nonCancellable(async () => {
      tale.happened('an operator cancelled the workflow');
      const dropped = await steps.dropClawback.executeWithOptions({ summary: 'End it with nothing done' }, [
        { clawbackId },
      ]);
      return dropped;
    });
  }
}

async function decide(story: Story, examined: ClawbackView): Promise<ClawbackView> {
  const { clawbackId, tale } = story;
  let view = examined;
  for (;;) {
    introduce(story, view);
    if (view.state === 'waiting') {
      view = await lookAgain(story, view);
    } else if (view.state === 'approved') {
      tale.happened(`\`${view.approvedBy}\` approved the report \`${view.reportHash}\``);
      tale.now('it is examined again: only what was approved is begun');
      view = await examining.beginReversal.executeWithOptions(
        { summary: 'Check that the approved report still stands' },
        [{ clawbackId }],
      );
      if (view.state === 'waiting')
        tale.happened(
          'the report has changed since it was approved; the new one needs an approval of its own',
        );
    } else return view;
  }
}

/** The row decides; signals only wake. */
async function lookAgain(story: Story, view: ClawbackView): Promise<ClawbackView> {
  const { clawbackId, tale } = story;
  const seen = story.nudgeCount;
  const read = () =>
    steps.readClawback.executeWithOptions({ summary: 'Read the decision' }, [{ clawbackId }]);
  setStatus('waiting');
  tale.now(
    `waits until ${timeIn(view.leftMs)} for an approval: \`POST /v1/clawbacks/${clawbackId}/approve\` with report hash \`${view.reportHash}\`. Without one it ends with nothing done`,
  );
  const waitMs = Math.min(view.leftMs, clawbackLookMs);
  const nudged = await condition(() => story.nudgeCount > seen, waitMs, { summary: 'Limit of the approval' });
  setStatus('running');
  if (nudged || waitMs < view.leftMs) return read();
  return steps.expireClawback.executeWithOptions({ summary: 'Nobody approved in time' }, [{ clawbackId }]);
}

/** Pass after pass over the grants that are left, until none is. */
async function reverse(story: Story, view: ClawbackView, resume: ClawbackInput['resume']): Promise<void> {
  const { clawbackId, tale } = story;
  let left: Left = resume ?? nothingLeft();
  let done = view.reversedCount;
  let waitIndex = 0;
  for (let chunkCount = 1; ; chunkCount++) {
    tale.now(`${done} of ${view.grantCount} grants are taken back`);
    const chunk = await reversing.reverseChunk.executeWithOptions(
      { summary: `Take back up to ${grantCountMax} grants after journal ${left.after}` },
      [{ clawbackId, after: left.after, limit: grantCountMax }],
    );
    done += chunk.reversedCount;
    left = add(left, chunk);
    if (chunk.lastJournalId === null) {
      if (left.refusedCount > 0) await waitStuck(story, left);
      else if (left.waitingCount > 0) await waitForGrants(story, left, waitIndex++);
      else break;
      left = nothingLeft();
    }
    if (chunkCount >= chunkCountMax || workflowInfo().continueAsNewSuggested)
      await continueAsNew<(input: ClawbackInput) => Promise<ClawbackStoryResult>>({
        clawbackId,
        resume: left,
      });
  }
  tale.happened(`${done} of ${view.grantCount} grants are taken back`);
}

const nothingLeft = (): Left => ({ after: '0', waitingCount: 0, refusedCount: 0, reasons: [] });

type Chunk = Awaited<ReturnType<ClawbackActivities['reverseChunk']>>;

const add = (left: Left, { lastJournalId, waiting, refused }: Chunk): Left => ({
  after: lastJournalId ?? left.after,
  waitingCount: left.waitingCount + waiting.length,
  refusedCount: left.refusedCount + refused.length,
  reasons: [
    ...new Set([
      ...left.reasons,
      ...[...refused, ...waiting].map(({ key, reason }) => `\`${key}\`: ${reason}`),
    ]),
  ].slice(0, reasonCountMax),
});

/** A trade ends within its review, a match within minutes, a valve when somebody opens it. */
async function waitForGrants({ tale }: Story, left: Left, waitIndex: number): Promise<void> {
  const waitMs = clawbackWaitsMs[Math.min(waitIndex, clawbackWaitsMs.length - 1)] ?? 0;
  setStatus('waiting');
  tale.now(
    `${left.waitingCount} or more grants cannot be taken back yet and are looked at again at ${timeIn(waitMs)}: ${left.reasons.join(' ')}`,
  );
  await condition(() => false, waitMs, { summary: 'Look at the waiting grants again' });
  setStatus('running');
}

/** What the ledger refuses does not mend itself: an operator repairs the cause and says so. */
async function waitStuck(story: Story, left: Left): Promise<void> {
  const { tale } = story;
  const { workflowId } = workflowInfo();
  const [seen, reason] = [story.retryCount, left.reasons.join(' ')];
  setStuck(true);
  tale.now(
    `**stuck**: ${reason} An operator repairs the cause, then \`POST /v1/workflows/${workflowId}/retry-undo\``,
  );
  await operators.reportStuck({ workflowId, step: 'reverseChunk', reason }).catch(ignoreFailure);
  await condition(() => story.retryCount > seen);
  setStuck(false);
  setStatus('running');
  tale.happened('an operator asked for the refused grants to be tried again');
  await operators.reportUnstuck({ workflowId }).catch(ignoreFailure);
}

function ignoreFailure(error: unknown): void {
  if (!(error instanceof TemporalFailure)) throw error;
}

const introduce = ({ tale, clawbackId }: Story, view: ClawbackView): void =>
  tale.about(
    `Clawback of ${view.grantCount} grants`,
    `[\`${clawbackId}\`](/v1/clawbacks/${clawbackId}) asked for by \`${view.requestedBy}\` · ${view.facts}`,
  );

const ends = ['completed', 'cancelled', 'expired'] as const;
const isOver = ({ state }: ClawbackView): boolean => ends.some((end) => end === state);

function endOf({ state }: ClawbackView): ClawbackStoryResult['status'] {
  const end = ends.find((each) => each === state);
  if (end === undefined) throw new TypeError(`a clawback does not end ${state}`);
  return end;
}
