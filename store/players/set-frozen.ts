import { LootError } from '../../domain/errors.ts';
import type { EventContext } from '../../domain/events.ts';
import { appendAudit } from '../audit/append-audit.ts';
import type { Tx } from '../db.ts';

export type Freezing = { playerId: string; frozen: boolean; reason: string; actor: string };

/**
 * Freezes a player or lets them go on; the same state again changes the reason and is told again. Throws `not_found`, also
 * for a player who was erased.
 */
export async function setFrozen(
  tx: Tx,
  { playerId, frozen, reason, actor }: Freezing,
  context: EventContext & { requestId?: string } = {},
): Promise<void> {
  const { rowCount } = await tx.query(
    `UPDATE players SET frozen_at = CASE WHEN $2 THEN coalesce(frozen_at, now()) END, frozen_reason = CASE WHEN $2 THEN $3 END
     WHERE id = $1 AND erased_at IS NULL`,
    [playerId, frozen, reason],
  );
  if (rowCount === 0) throw new LootError('not_found', 'There is no such player.');
  const action = frozen ? 'player.frozen' : 'player.unfrozen';
  await appendAudit(tx, { actor, action, target: `player:${playerId}`, detail: { reason } }, context);
}
