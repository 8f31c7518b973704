import { heartbeat } from '@temporalio/activity';
import type { CrashPoints } from '../../platform/crash-points.ts';
import type { Log } from '../../platform/log.ts';
import { dropClawback, expireClawback } from '../../store/clawbacks/decide-clawback.ts';
import { finishClawback } from '../../store/clawbacks/finish-clawback.ts';
import type { Clawback } from '../../store/clawbacks/reads.ts';
import { beginReversal, recordReport, requireClawback } from '../../store/clawbacks/record-report.ts';
import { reverseChunk } from '../../store/clawbacks/reverse-chunk.ts';
import type { LeftGrant } from '../../store/clawbacks/reverse-chunk.ts';
import type { Db } from '../../store/db.ts';
import { openFinding } from '../../store/findings/open-finding.ts';
import { causeOfStep } from '../cause.ts';
import { orFailure } from '../failures.ts';
import { factsOf } from './facts.ts';
import type { ClawbackActivities, ClawbackView } from './types.ts';

type Deps = { db: Db; log: Log; crash: CrashPoints };

/** So many of those left behind are named to the story; the others are counted by asking again. */
const namedCountMax = 20;

export function createClawbackActivities({ db, log, crash }: Deps): ClawbackActivities {
  const ended = (clawback: Clawback): ClawbackView => {
    const { clawbackId, state, reversedCount } = clawback;
    log.info({ clawbackId, outcome: state, reversedCount }, `clawback ${state}`);
    return viewOf(clawback);
  };

  return {
    examineClawback: ({ clawbackId }) =>
      orFailure(async () => viewOf(await recordReport(db, clawbackId, heartbeat))),
    readClawback: ({ clawbackId }) => orFailure(async () => viewOf(await requireClawback(db, clawbackId))),
    beginReversal: ({ clawbackId }) =>
      orFailure(async () => viewOf(await beginReversal(db, clawbackId, heartbeat))),
    finishClawback: ({ clawbackId }) =>
      orFailure(async () => ended(await finishClawback(db, clawbackId, heartbeat))),
    expireClawback: ({ clawbackId }) => orFailure(async () => ended(await expireClawback(db, clawbackId))),
    dropClawback: ({ clawbackId }) => orFailure(async () => ended(await dropClawback(db, clawbackId))),

    reverseChunk: ({ clawbackId, after, limit }) =>
      orFailure(async () => {
        const { approvedBy, requestedBy, reason } = await requireClawback(db, clawbackId);
        const { cause, context } = causeOfStep(approvedBy ?? requestedBy);
        const chunk = { clawbackId, after: BigInt(after), limit };
        const done = await beating(() => reverseChunk(db, chunk, { ...cause, reason }, context));
        crash('after-clawback-chunk-before-progress');
        await tell(db, clawbackId, done.refused);
        return {
          lastJournalId: done.lastJournalId?.toString() ?? null,
          reversedCount: done.reversedCount,
          waiting: done.waiting.slice(0, namedCountMax).map(named),
          refused: done.refused.slice(0, namedCountMax).map(named),
        };
      }),
  };
}

const beatMs = 1_000;

/** Heartbeats while `work` runs: only a lost worker falls silent, not a slow database. */
async function beating<T>(work: () => Promise<T>): Promise<T> {
  const timer = setInterval(heartbeat, beatMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}

/** What needs a person is a finding, whatever becomes of the story. */
async function tell(db: Db, clawbackId: string, refused: readonly LeftGrant[]): Promise<void> {
  if (refused.length === 0) return;
  await db.transaction(async (tx) => {
    for (const { key, reason } of refused)
      await openFinding(tx, { rule: 'clawback_refused', subject: key, detail: { clawbackId, reason } });
  });
}

const named = ({ key, reason }: LeftGrant) => ({ key, reason });

const viewOf = (clawback: Clawback): ClawbackView => ({
  state: clawback.state,
  requestedBy: clawback.requestedBy,
  approvedBy: clawback.approvedBy,
  reportHash: clawback.reportHash,
  grantCount: clawback.report?.grantCount ?? 0,
  reversedCount: clawback.reversedCount,
  facts: factsOf(clawback),
  leftMs: clawback.leftMs,
});
