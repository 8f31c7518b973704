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
import type { RedriveActivities, StretchReply } from '../activities/redrive/types.ts';
import { setStatus, tell, timeIn } from './details.ts';
import type { Tale } from './details.ts';
import { redriveDecided } from './messages.ts';
import type { RedriveInput, RedriveResult } from './messages.ts';
import { redriveLookMs, redriveStep } from './timeouts.ts';

const { workOffLetters, dropRedrive } = proxyActivities<RedriveActivities>(redriveStep);

/** A run ends after so many letters and hands over to the next: some hundred events each, far from the limits of a history. */
const lettersPerRun = 1_000;
/** Letters that the details name; `GET /v1/redrives/{id}/letters` has them all. */
const toldCountMax = 25;

type Story = { redriveId: string; tale: Tale; told: string[]; nudgeCount: number };

/**
 * Puts dead letters back, one after another: each goes to its own group's handler, then what waited behind it follows in
 * order. A letter that fails again stays, with the new error, and its key stays parked. Which letters, how fast, and whether
 * it is paused or cancelled are rows; signals only wake it.
 */
export async function redrive({ redriveId, told = [] }: RedriveInput): Promise<RedriveResult> {
  const story: Story = { redriveId, tale: tell(`Redrive \`${redriveId}\``), told: [...told], nudgeCount: 0 };
  setHandler(redriveDecided, () => void story.nudgeCount++);
  for (const line of told) story.tale.happened(line);
  let last: StretchReply;
  try {
    last = await workOff(story);
  } catch (error) {
    if (!(error instanceof TemporalFailure) || !isCancellation(error)) throw error;
    story.tale.happened('an operator cancelled the workflow');
    last = await CancellationScope.nonCancellable(() =>
      dropRedrive.executeWithOptions({ summary: 'End it before the next letter' }, [{ redriveId }]),
    );
  }
  introduce(story, last);
  const { doneCount, letterCount, handledCount, keptCount, releasedCount } = last;
  const status = last.state === 'completed' ? 'completed' : 'cancelled';
  story.tale.happened(status === 'completed' ? 'done' : `cancelled after ${doneCount} of ${letterCount}`);
  setStatus('completed');
  await CancellationScope.nonCancellable(() => condition(allHandlersFinished));
  return { status, handledCount, keptCount, releasedCount };
}

/** Stretch after stretch, until all letters are done with or the redrive was cancelled. */
async function workOff(story: Story): Promise<StretchReply> {
  const { redriveId, tale, told } = story;
  setStatus('running');
  let from = 'the next letters';
  for (let runCount = 0; ;) {
    const seen = story.nudgeCount;
    const reply = await workOffLetters.executeWithOptions({ summary: `Hand over ${from}` }, [{ redriveId }]);
    introduce(story, reply);
    for (const letter of reply.letters) {
      if (told.length >= toldCountMax) break;
      told.push(lineOf(letter, reply));
      tale.happened(told.at(-1) ?? '');
    }
    if (reply.state === 'completed' || reply.state === 'cancelled') return reply;
    from = `letters from ${reply.doneCount + 1} of ${reply.letterCount}`;
    if (reply.state === 'paused') await untilResumed(story, seen);
    else tale.now(`${from} are with their handlers, each followed by what waited behind it`);
    runCount += reply.letters.length;
    if (runCount >= lettersPerRun || workflowInfo().continueAsNewSuggested) {
      await condition(allHandlersFinished);
      await continueAsNew<typeof redrive>({ redriveId, told });
    }
  }
}

async function untilResumed(story: Story, seen: number): Promise<void> {
  const { redriveId, tale } = story;
  setStatus('waiting');
  tale.now(
    `paused by an operator; \`POST /v1/redrives/${redriveId}/resume\` goes on, \`…/cancel\` ends it. What waits keeps its order meanwhile`,
  );
  await condition(() => story.nudgeCount > seen, redriveLookMs, { summary: 'Paused' });
  setStatus('running');
}

function introduce({ redriveId, tale }: Story, reply: StretchReply): void {
  const { letterCount, doneCount, percent, leftMs, handledCount, keptCount, releasedCount } = reply;
  const verb = reply.preview ? 'Preview' : reply.discardReason === null ? 'Redrive' : 'Discard';
  const facts = [
    `[\`${redriveId}\`](/v1/redrives/${redriveId})`,
    `**${doneCount} of ${letterCount}** letters (${percent} %)`,
    ...(leftMs !== null && leftMs > 0 ? [`until about ${timeIn(leftMs)}`] : []),
    reply.preview
      ? `${handledCount} would be handled, ${keptCount} would stay`
      : `${handledCount} handled, ${keptCount} stay, ${releasedCount} events behind them handled`,
    ...(reply.ratePerSecond === null ? [] : [`at most ${reply.ratePerSecond} events per second`]),
    ...(reply.discardReason === null ? [] : [`reason: ${reply.discardReason}`]),
    `[all letters](/v1/redrives/${redriveId}/letters)`,
  ];
  tale.about(
    `${verb} of ${letterCount} dead letter${letterCount === 1 ? '' : 's'} by \`${reply.requestedBy}\``,
    facts.join(' · '),
  );
}

type Letter = StretchReply['letters'][number];

function lineOf(letter: Letter, { preview }: StretchReply): string {
  const { deadLetterId: id, releasedCount, detail } = letter;
  const behind = detail.parkedBehindCount ?? 0;
  const more = preview
    ? behind > 0 && `${behind} event${behind === 1 ? '' : 's'} behind it would follow`
    : releasedCount > 0 && `${releasedCount} event${releasedCount === 1 ? '' : 's'} behind it handled`;
  const text = preview ? `would be: ${outcomeText(letter)}` : outcomeText(letter);
  return [`[\`${id}\`](/v1/dead-letters/${id}): ${text}`, ...(more === false ? [] : [more])].join('; ');
}

function outcomeText({ outcome, detail }: Letter): string {
  switch (outcome) {
    case 'handled':
    case 'discarded':
      return outcome;
    case 'already_handled':
      return 'had been handled before';
    case 'closed_before':
      return 'was closed before';
    case 'failed':
      return `failed again, ${detail.errorClass}: ${detail.errorMessage}`;
    case 'dead':
      return `can never be handled, ${detail.errorClass}: ${detail.errorMessage}`;
    case 'parked_behind':
      return 'stays: an earlier event of its key waits and goes first';
    case 'too_many_attempts':
      return 'stays: it has failed too often; `force` tries it again';
    case 'no_handler':
      return 'stays: this build has no handler for its group';
    case 'gone':
      return 'there is no such letter any more';
    default:
      return outcome satisfies never;
  }
}
