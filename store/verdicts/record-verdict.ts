import type { Decision } from '../../domain/market/types.ts';
import type { Tx } from '../db.ts';
import { openFinding } from '../findings/open-finding.ts';
import { lockPlans } from '../rewards/plans.ts';
import type { PinnedPlans } from '../rewards/plans.ts';
import { readPaidKeys } from '../rewards/paid-keys.ts';
import { readVerdict } from './reads.ts';
import type { Subject, Verdict } from './reads.ts';

export type NewVerdict = { subject: Subject; decision: Decision; reason: string; source: string };

/**
 * Records a decision about a match or a trade and answers the one that stands: the first. The caller's transaction holds the
 * inbox row; the story is nudged after its commit. A later contrary decision, and a rejection of rewards that are already
 * paid, open a finding: money that has moved comes back by a clawback, which a person approves.
 */
export async function recordVerdict(tx: Tx, verdict: NewVerdict): Promise<Verdict> {
  const { subject, decision, reason, source } = verdict;
  const matchId = subject.startsWith('match:') ? subject.slice('match:'.length) : null;
  const plans = matchId === null ? null : await lockMatch(tx, matchId);
  await tx.query(
    'INSERT INTO verdicts (subject, decision, reason, source) VALUES ($1, $2, $3, $4) ON CONFLICT (subject) DO NOTHING',
    [subject, decision, reason, source],
  );
  const stands = await readVerdict(tx, subject);
  if (stands === null) throw new Error(`the verdict on ${subject} vanished between two statements`);
  if (stands.decision !== decision) {
    await openFinding(tx, {
      rule: 'verdict_contradicted',
      subject,
      detail: { stands: stands.decision, came: decision, reason, source },
    });
  }
  if (plans !== null && matchId !== null && decision === 'rejected') {
    const paid = await readPaidKeys(tx, matchId, plans.plans);
    const detail = { proposed: 'clawback', reason, source, journals: [...paid] };
    if (paid.size > 0) await openFinding(tx, { rule: 'rejected_after_payment', subject, detail });
  }
  return stands;
}

/**
 * The row that paying locks too: a rejection comes before the payment or after it, never beside it. Locked whatever its
 * status: a settlement in flight shows its plans only to a statement that began after its commit.
 */
async function lockMatch(tx: Tx, matchId: string): Promise<PinnedPlans | null> {
  await tx.query('SELECT FROM matches WHERE id = $1 FOR UPDATE', [matchId]);
  return lockPlans(tx, matchId);
}
