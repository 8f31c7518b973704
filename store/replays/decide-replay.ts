import type { EventContext } from '../../domain/events.ts';
import { LootError } from '../../domain/errors.ts';
import { isOver } from '../../domain/replays/types.ts';
import type { ReplayState } from '../../domain/replays/types.ts';
import { appendAudit } from '../audit/append-audit.ts';
import type { Db } from '../db.ts';
import { findReplay } from './reads.ts';
import type { Replay } from './reads.ts';

export type ReplayDecision = 'pause' | 'resume' | 'cancel';

const decisions = {
  pause: { from: ['running'], to: 'paused', action: 'replay.paused' },
  resume: { from: ['paused'], to: 'running', action: 'replay.resumed' },
  cancel: { from: ['pinning', 'running', 'paused'], to: 'cancelled', action: 'replay.cancelled' },
} as const satisfies Record<
  ReplayDecision,
  { from: readonly ReplayState[]; to: ReplayState; action: string }
>;

/** From its state to another: how long it has run is kept up on the way. */
export const moveState = `state = $2, active_ms = active_ms + coalesce((extract(epoch FROM clock_timestamp() - active_since) * 1000)::bigint, 0),
  active_since = CASE WHEN $2 = 'running' THEN clock_timestamp() END,
  ended_at = CASE WHEN $2 IN ('completed', 'cancelled', 'failed') THEN clock_timestamp() END`;

/**
 * What an operator decides is a row first; a batch that is at hand ends, the next one sees it. Decided so before, it
 * answers the same. Throws `not_found`, `replay_closed`.
 */
export function decideReplay(
  db: Db,
  { replayId, decision, actor }: { replayId: string; decision: ReplayDecision; actor: string },
  context: EventContext & { requestId?: string } = {},
): Promise<Replay> {
  const { from, to, action } = decisions[decision];
  return db.transaction(async (tx) => {
    const { rowCount } = await tx.query(
      `UPDATE replays SET ${moveState} WHERE id = $1 AND state = ANY ($3::text[])`,
      [replayId, to, from],
    );
    if (rowCount === 1) await appendAudit(tx, { actor, action, target: replayId, detail: {} }, context);
    const replay = await findReplay(tx, replayId);
    if (replay === null) throw new LootError('not_found', 'There is no such replay.');
    if (replay.state === to) return replay;
    throw new LootError(
      'replay_closed',
      isOver(replay.state)
        ? `The replay is ${replay.state}.`
        : `The replay is still ${replay.state}; ask again shortly.`,
    );
  });
}
