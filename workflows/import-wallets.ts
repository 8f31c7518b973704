import {
  allHandlersFinished,
  condition,
  continueAsNew,
  proxyActivities,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import type { ImportActivities, ImportView } from '../activities/imports/types.ts';
import { setStatus, tell, timeIn } from './details.ts';
import type { Tale } from './details.ts';
import { importProgress } from './messages.ts';
import type { ImportInput, ImportProgress, ImportResult } from './messages.ts';
import { importStep, valveWaitsMs } from './timeouts.ts';

const { readImport, postImportLines, completeImport } = proxyActivities<ImportActivities>(importStep);

type Story = { importId: string; tale: Tale; progress: ImportProgress };

/**
 * Posts the lines of a staged import in the order of the file. It has no failing path: a line that the ledger refuses for
 * good is recorded with its code and the others go on; one behind a closed valve or a full cap waits, and the others go on
 * as long as not all lines of a chunk wait. Every line has a key of its own, so a worker that dies in the middle costs
 * nothing but time.
 */
export async function importWallets(input: ImportInput): Promise<ImportResult> {
  const { importId } = input;
  const progress: ImportProgress = { lineCount: 0, postedCount: 0, refusedCount: 0 };
  setHandler(importProgress, () => progress);
  const story: Story = { importId, tale: tell(`Import \`${importId}\``), progress };
  introduce(story, await readImport.executeWithOptions({ summary: 'Read the import' }, [{ importId }]));

  setStatus('running');
  let waitCount = input.waitCount ?? 0;
  let waitsFor = await pass(story, input);
  while (waitsFor !== null) {
    await waitFor(story, waitsFor, waitCount);
    waitCount += 1;
    waitsFor = await pass(story, { importId, waitCount });
  }
  const result = await completeImport.executeWithOptions({ summary: 'Complete the import' }, [{ importId }]);
  story.tale.happened(`completed: ${result.postedCount} lines posted, ${result.refusedCount} refused`);
  setStatus('completed');
  await condition(allHandlersFinished);
  return result;
}

function introduce({ tale, progress }: Story, view: ImportView): void {
  const { batch, lineCount, postedCount, refusedCount, brings } = view;
  Object.assign(progress, { lineCount, postedCount, refusedCount });
  tale.about(`Import \`${batch}\``, `${lineCount} lines bring ${brings}`);
}

/** Once through the lines that wait, or until a whole chunk of them still must; answers why some do. */
async function pass({ tale, progress }: Story, input: ImportInput): Promise<string | null> {
  const { importId, waitCount = 0 } = input;
  let { afterLine = 0, waitsFor = null } = input;
  for (;;) {
    tale.now(`posts the lines after ${afterLine}: ${progressText(progress)}`);
    const step = await postImportLines.executeWithOptions({ summary: `Lines after ${afterLine}` }, [
      { importId, afterLine },
    ]);
    progress.postedCount = step.postedCount;
    progress.refusedCount = step.refusedCount;
    waitsFor ??= step.waitsFor;
    if (step.lastLine === null) return waitsFor;
    afterLine = step.lastLine;
    if (workflowInfo().continueAsNewSuggested)
      await continueAsNew<typeof importWallets>({ importId, afterLine, waitCount, waitsFor });
  }
}

async function waitFor({ tale, progress }: Story, reason: string, waitCount: number): Promise<void> {
  const waitMs = valveWaitsMs[Math.min(waitCount, valveWaitsMs.length - 1)] ?? 0;
  setStatus('waiting');
  tale.now(`waits: ${reason} ${progressText(progress)}; the rest is tried again at ${timeIn(waitMs)}`);
  await sleep(waitMs, { summary: 'Try the waiting lines again' });
  setStatus('running');
}

const progressText = ({ lineCount, postedCount, refusedCount }: ImportProgress): string =>
  `${postedCount} of ${lineCount} posted, ${refusedCount} refused`;
