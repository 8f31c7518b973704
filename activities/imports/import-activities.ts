import { heartbeat } from '@temporalio/activity';
import type { ImportSums } from '../../domain/imports/check-import.ts';
import { LootError } from '../../domain/errors.ts';
import type { CrashPoints } from '../../platform/crash-points.ts';
import type { Log } from '../../platform/log.ts';
import type { Db } from '../../store/db.ts';
import { completeImport } from '../../store/imports/complete-import.ts';
import { postImportChunk } from '../../store/imports/post-import-chunk.ts';
import { findImport } from '../../store/imports/reads.ts';
import type { ImportRow } from '../../store/imports/reads.ts';
import { causeOfStep } from '../cause.ts';
import { orFailure } from '../failures.ts';
import type { ImportActivities, ImportStep } from './types.ts';

type Deps = { db: Db; log: Log; crash: CrashPoints };

const actor = 'system:imports';
/** Chunks per activity: often enough in the Web UI, seldom enough in the history. */
const chunkCountMax = 10;

export function createImportActivities({ db, log, crash }: Deps): ImportActivities {
  return {
    readImport: ({ importId }) =>
      orFailure(async () => {
        const { batch, lineCount, postedCount, refusedCount, totals } = await readRow(db, importId);
        return { batch, lineCount, postedCount, refusedCount, brings: describe(totals) };
      }),

    postImportLines: ({ importId, afterLine }) =>
      orFailure(async () => {
        const { cause, context } = causeOfStep(actor);
        const step: Pick<ImportStep, 'lastLine' | 'waitsFor'> = { lastLine: null, waitsFor: null };
        for (let count = 0; count < chunkCountMax; count += 1) {
          const from = step.lastLine ?? afterLine;
          const chunk = await postImportChunk(db, { importId, afterLine: from }, cause, context);
          crash('after-import-chunk-before-progress');
          step.waitsFor ??= chunk.waitsFor;
          // behind a wall the lines after it are not tried either: a million of them would be, at every pass
          step.lastLine = chunk.isStuck ? null : chunk.lastLine;
          if (step.lastLine === null) break;
          heartbeat(step.lastLine);
        }
        // as the rows count: an attempt that was lost has posted too
        const { postedCount, refusedCount } = await readRow(db, importId);
        return { ...step, postedCount, refusedCount };
      }),

    completeImport: ({ importId }) =>
      orFailure(async () => {
        const counts = await completeImport(db, importId, actor, causeOfStep(actor).context);
        log.info({ importId, ...counts }, 'import completed');
        return counts;
      }),
  };
}

async function readRow(db: Db, importId: string): Promise<ImportRow> {
  const row = await findImport(db, importId);
  if (row === null) throw new LootError('not_found', `There is no import ${importId}.`);
  return row;
}

function describe(totals: ImportSums | null): string {
  const amounts = [...Object.entries(totals?.assets ?? {}), ...Object.entries(totals?.items ?? {})];
  return amounts.map(([name, amount]) => `${amount} ${name}`).join(', ');
}
