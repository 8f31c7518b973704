import type { ItemMovementView } from '../../../store/ledger/read-item-history.ts';
import type { LockView } from '../../../store/ledger/read-lock.ts';
import { workflowIds } from '../../../workflows/messages.ts';
import { listingPath, matchPath, receiptPath, tradePath } from '../../links.ts';

/** What of causes a reader is shown. */
export type Sight = { reasons: boolean; workflowUrl: (workflowId: string) => string | null };

export const movementView =
  ({ reasons, workflowUrl }: Sight) =>
  ({ id: _id, journalId, createdAt, reason, ...movement }: ItemMovementView) => ({
    ...movement,
    journalId: String(journalId),
    reason: reasons ? reason : null,
    workflowUrl: movement.workflowId === null ? null : workflowUrl(movement.workflowId),
    createdAt: createdAt.toISOString(),
    receipt: receiptPath(movement.key),
  });

/** A listing waits for its buyer without a story of its own. */
const stories = {
  listing: { workflowId: () => null, path: listingPath },
  trade: { workflowId: workflowIds.trade, path: tradePath },
  match: { workflowId: workflowIds.match, path: matchPath },
} as const;

export function lockView({ type, id, since, journalKey, reason, ...lock }: LockView, sight: Sight) {
  const story = type === 'other' ? null : stories[type];
  const workflowId = story?.workflowId(id) ?? null;
  return {
    ...lock,
    type,
    id,
    resource: story?.path(id) ?? null,
    workflowId,
    workflowUrl: workflowId === null ? null : sight.workflowUrl(workflowId),
    since: since?.toISOString() ?? null,
    reason: sight.reasons ? reason : null,
    receipt: journalKey === null ? null : receiptPath(journalKey),
  };
}
