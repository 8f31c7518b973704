import { planReversal, reversalJournal } from '../../domain/clawback/plan-reversal.ts';
import type { ReversalPlan } from '../../domain/clawback/plan-reversal.ts';
import type { GrantToReverse } from '../../domain/clawback/types.ts';
import type { EventContext } from '../../domain/events.ts';
import { isPosted } from '../../domain/ledger/types.ts';
import type { JournalCause, NewJournal, PostResult } from '../../domain/ledger/types.ts';
import { detailOf } from '../../domain/market/refused.ts';
import type { Db, Tx } from '../db.ts';
import { isConcurrentPost, postJournals } from '../ledger/post-journals.ts';
import { GrantsMoved, lockGrants } from './lock-grants.ts';
import { assetsOf, readAvailable } from './read-grants.ts';
import { readOpenTargets } from './reads.ts';

/** `reason`: the lock or the valve a grant waits for, or what the ledger refuses it for. */
export type LeftGrant = { journalId: bigint; key: string; reason: string };
export type ReversedChunk = {
  /** Where the next chunk begins; null: this was the last. */
  lastJournalId: bigint | null;
  reversedCount: number;
  /** Later the same grant may be possible: its item is in a trade or a match, a valve is closed. */
  waiting: LeftGrant[];
  /** Not by itself: a person must look. */
  refused: LeftGrant[];
};

const attemptCountMax = 5;

/** Refusals that the next look answers: a valve opens, and what moved between reading and locking is read again. */
const changing: ReadonlySet<PostResult['result']> = new Set([
  'frozen',
  'insufficient_funds',
  'item_locked',
  'item_not_owned',
]);

/**
 * Takes the next grants of a clawback back, each in one journal with its cancelled listing and its emptied mailbox entry,
 * and writes down what became of it; all in one transaction. A grant that was taken back before, by this or any other
 * clawback, is passed over, so a chunk may run twice, late, or beside itself.
 */
export async function reverseChunk(
  db: Db,
  chunk: { clawbackId: string; after: bigint; limit: number },
  cause: JournalCause,
  context: EventContext = {},
): Promise<ReversedChunk> {
  const refusals = new Map<bigint, PostResult>();
  for (let attempt = 1; ; attempt++) {
    try {
      return await db.transaction((tx) => reverseIn(tx, chunk, refusals, cause, context));
    } catch (error) {
      // what a refused grant would have taken from its wallet was planned away from the others: plan again without it
      if (error instanceof Refused) for (const [id, answer] of error.answers) refusals.set(id, answer);
      else if (!(error instanceof GrantsMoved || isConcurrentPost(error)) || attempt >= attemptCountMax)
        throw error;
    }
  }
}

async function reverseIn(
  tx: Tx,
  { clawbackId, after, limit }: { clawbackId: string; after: bigint; limit: number },
  refusals: ReadonlyMap<bigint, PostResult>,
  cause: JournalCause,
  context: EventContext,
): Promise<ReversedChunk> {
  // not begun, or not any more, for the database may have been restored: nothing is taken back without an approval
  const { rowCount } = await tx.query(
    "SELECT 1 FROM clawbacks WHERE id = $1 AND state = 'reversing' FOR SHARE",
    [clawbackId],
  );
  const journalIds = rowCount === 0 ? [] : await readOpenTargets(tx, clawbackId, { after, limit });
  const lastJournalId = journalIds.at(-1) ?? null;
  const grants = await lockGrants(tx, journalIds);
  const available = await readAvailable(
    tx,
    [...new Set(grants.map(({ playerId }) => playerId))],
    assetsOf(grants),
  );
  const chunk: ReversedChunk = { lastJournalId, reversedCount: 0, waiting: [], refused: [] };
  const ready: Reversal[] = [];
  for (const grant of grants) {
    const { journalId, key } = grant;
    const refusal = refusals.get(journalId);
    if (refusal !== undefined && !isPosted(refusal)) {
      chunk[changing.has(refusal.result) ? 'waiting' : 'refused'].push({
        journalId,
        key,
        reason: detailOf(refusal),
      });
      continue;
    }
    const plan = planReversal(grant, available);
    if (plan.status === 'waiting')
      chunk.waiting.push({ journalId, key, reason: `The item ${plan.itemId} is locked by ${plan.lock}.` });
    else ready.push({ grant, plan, journal: reversalJournal(clawbackId, grant, plan, cause) });
  }
  await post(tx, clawbackId, ready, context);
  return { ...chunk, reversedCount: ready.length };
}

type Reversal = {
  grant: GrantToReverse;
  plan: Extract<ReversalPlan, { status: 'ready' }>;
  journal: NewJournal | null;
};

/** Ends the transaction; what the ledger refuses is known to the next one. */
class Refused extends Error {
  readonly answers: ReadonlyMap<bigint, PostResult>;
  constructor(answers: ReadonlyMap<bigint, PostResult>) {
    super('the ledger refuses some reversals');
    this.answers = answers;
  }
}

async function post(
  tx: Tx,
  clawbackId: string,
  reversals: readonly Reversal[],
  context: EventContext,
): Promise<void> {
  if (reversals.length === 0) return;
  const due = reversals.flatMap(({ grant, journal }) => (journal === null ? [] : [{ grant, journal }]));
  const answers = await postJournals(
    tx,
    due.map(({ journal }) => journal),
    context,
  );
  const byGrant = new Map(due.map(({ grant }, index) => [grant.journalId, answers[index]]));
  const refused = new Map<bigint, PostResult>();
  for (const [id, answer] of byGrant) if (answer !== undefined && !isPosted(answer)) refused.set(id, answer);
  if (refused.size > 0) throw new Refused(refused);

  const listings = reversals.flatMap(({ plan }) => plan.listings.map(({ listingId }) => listingId));
  await tx.query(
    "UPDATE listings SET status = 'cancelled', version = version + 1 WHERE id = ANY ($1) AND status = 'open'",
    [listings],
  );
  // back at its source before anybody claimed it: for its player it is over, as if its time had run out
  const entryIds = reversals.flatMap(({ plan }) => plan.entryIds);
  if (entryIds.length > 0)
    await tx.query(
      "UPDATE mailbox_entries SET status = 'expired', closed_at = clock_timestamp() WHERE id = ANY ($1) AND status = 'waiting'",
      [entryIds],
    );
  await tx.query(
    `INSERT INTO clawback_lines (journal_id, clawback_id, player_id, reversal_id, outcome)
     SELECT l.journal, $1, l.player, l.reversal, l.outcome::jsonb
     FROM unnest($2::bigint[], $3::uuid[], $4::bigint[], $5::text[]) AS l(journal, player, reversal, outcome)`,
    [
      clawbackId,
      reversals.map(({ grant }) => grant.journalId),
      reversals.map(({ grant }) => grant.playerId),
      reversals.map(({ grant }) => {
        const answer = byGrant.get(grant.journalId);
        return answer !== undefined && isPosted(answer) ? answer.journalId : null;
      }),
      reversals.map(({ plan }) => JSON.stringify(plan.outcome)),
    ],
  );
}
