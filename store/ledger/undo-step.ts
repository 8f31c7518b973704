import type { NewJournal } from '../../domain/ledger/types.ts';
import { LootError } from '../../domain/errors.ts';
import type { EventContext } from '../../domain/events.ts';
import type { Tx } from '../db.ts';
import { isConcurrentPost, postJournal } from './post-journals.ts';

export type UndoResult = 'reversed' | 'already_reversed' | 'tombstoned';

const attemptCountMax = 3;

/**
 * Undoes a step by claiming its key: where the step exists its reversal is posted, where it does not (yet) a tombstone
 * takes its place and the late step will answer `cancelled`. A step in flight is waited for.
 *
 * Throws the reversal's refusal as a LootError, `pending_already_posted` for one: then the step can no longer be undone.
 */
export async function undoStep(
  tx: Tx,
  { stepKey, reversal }: { stepKey: string; reversal: NewJournal },
  context: EventContext = {},
): Promise<UndoResult> {
  const { key: _, kind: __, pinned: ___, identity: ____, valves: _____, ...cause } = reversal;
  const tombstone: NewJournal = {
    ...cause,
    key: stepKey,
    kind: 'tombstone',
    transfers: [],
    movements: [],
    events: [],
  };
  const claimed = await claimStep(tx, tombstone, context);
  if (claimed === 'tombstoned') return claimed;

  const answer = await postJournal(tx, reversal, context);
  switch (answer.result) {
    case 'ok':
      return 'reversed';
    case 'exists':
    // the sweep of expired holds may have come first
    case 'pending_already_voided':
      return 'already_reversed';
    default:
      throw new LootError(answer.result, `The step ${stepKey} cannot be undone: ${answer.result}.`);
  }
}

/** The savepoint lets the second try see the step that was in flight during the first. */
async function claimStep(
  tx: Tx,
  tombstone: NewJournal,
  context: EventContext,
): Promise<'tombstoned' | 'step_exists'> {
  for (let attempt = 1; ; attempt++) {
    await tx.query('SAVEPOINT claim_step');
    try {
      const answer = await postJournal(tx, tombstone, context);
      await tx.query('RELEASE SAVEPOINT claim_step');
      return answer.result === 'ok' || answer.result === 'exists' ? 'tombstoned' : 'step_exists';
    } catch (error) {
      if (!isConcurrentPost(error) || attempt === attemptCountMax) throw error;
      await tx.query('ROLLBACK TO SAVEPOINT claim_step');
    }
  }
}
