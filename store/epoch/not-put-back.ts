import { closeFinding } from '../findings/close-finding.ts';
import { openFinding } from '../findings/open-finding.ts';
import type { Db } from '../db.ts';

export type RefusedMatch = { matchId: string; reason: string };

const rule = 'results_lost';
const subjectOf = (matchId: string) => `match:${matchId}`;

/** One finding per told result that could not be put back. What was put back by a later run is closed. */
export async function recordRefusedResults(
  db: Db,
  { refused, restored }: { refused: readonly RefusedMatch[]; restored: readonly string[] },
): Promise<void> {
  await db.transaction(async (tx) => {
    for (const { matchId, reason } of refused)
      await openFinding(tx, { rule, subject: subjectOf(matchId), detail: { reason } });
    for (const matchId of restored) await closeFinding(tx, { rule, subject: subjectOf(matchId) });
  });
}

/** One finding per topic of which something could not be read: what is in there nobody has looked at. */
export async function recordUnreadable(
  db: Db,
  epoch: number,
  counts: Readonly<Record<string, number>>,
): Promise<void> {
  await db.transaction(async (tx) => {
    for (const [type, count] of Object.entries(counts))
      if (count > 0)
        await openFinding(
          tx,
          { rule: 'events_unreadable', subject: `before epoch ${epoch}: ${type}`, detail: { count } },
          { acknowledged: true },
        );
  });
}
