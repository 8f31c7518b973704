import { LootError } from '../../domain/errors.ts';
import type { EventContext } from '../../domain/events.ts';
import { appendAudit } from '../audit/append-audit.ts';
import type { Db } from '../db.ts';
import { readRedrive } from './reads.ts';
import type { Redrive, RedriveState } from './types.ts';

export type RedriveDecision = 'pause' | 'resume' | 'cancel';

const decisions = {
  pause: { to: 'paused', from: ['running'], action: 'redrive.paused' },
  resume: { to: 'running', from: ['paused'], action: 'redrive.resumed' },
  cancel: { to: 'cancelling', from: ['running', 'paused'], action: 'redrive.cancelled' },
} as const satisfies Record<
  RedriveDecision,
  { to: RedriveState; from: readonly RedriveState[]; action: string }
>;

/**
 * Writes an operator's decision down; the story reads it before its next event. Decided so before, it answers the same.
 * Throws `not_found`, `redrive_closed` when it is over or being cancelled.
 */
export function decideRedrive(
  db: Db,
  { redriveId, actor, decision }: { redriveId: string; actor: string; decision: RedriveDecision },
  context: EventContext & { requestId?: string } = {},
): Promise<Redrive> {
  const { to, from, action } = decisions[decision];
  return db.transaction(async (tx) => {
    const { rowCount } = await tx.query(
      `UPDATE redrives SET state = $2,
         moving_since = CASE WHEN $2 = 'running' THEN clock_timestamp() ELSE moving_since END,
         moving_from_count = CASE WHEN $2 = 'running' THEN done_count ELSE moving_from_count END
       WHERE id = $1 AND state = ANY ($3)`,
      [redriveId, to, from],
    );
    if (rowCount === 1) await appendAudit(tx, { actor, action, target: redriveId, detail: {} }, context);
    const redrive = await readRedrive(tx, redriveId);
    if (redrive === undefined) throw new LootError('not_found', 'There is no such redrive.');
    const same = redrive.state === to || (decision === 'cancel' && redrive.state === 'cancelled');
    if (!same) throw new LootError('redrive_closed', `The redrive is ${redrive.state}.`);
    return redrive;
  });
}
