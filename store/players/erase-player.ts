import { LootError } from '../../domain/errors.ts';
import type { EventContext } from '../../domain/events.ts';
import { appendAudit } from '../audit/append-audit.ts';
import type { Db, Tx } from '../db.ts';
import { appendEvents } from '../outbox/append-events.ts';

export type Erased = {
  erasedAt: Date;
  /** Events that a consumer gave up on and that name the player as the studio does: an operator redrives or discards them. */
  lettersToResolve: string[];
};

/**
 * Forgets who a player is, in one transaction: identities, profile, credentials, logins, tickets, what they were told and
 * stored replies go; the books keep the bare id, frozen for ever, and their listings end. The same identity coming again
 * makes a new player. Erased before, it answers the same. Throws `not_found`;
 * `request_in_flight` when somebody else erases at this moment.
 */
export function erasePlayer(
  db: Db,
  { playerId, actor }: { playerId: string; actor: string },
  context: EventContext & { requestId?: string } = {},
): Promise<Erased> {
  return db.transaction(async (tx) => {
    const before = await readErasedAt(tx, playerId);
    if (before !== null) return { erasedAt: before, lettersToResolve: [] };
    const lettersToResolve = await forgetLetters(tx, playerId);
    // before the player's row, in the order a settlement locks them; the sweep gives the items back
    await tx.query(
      `UPDATE listings SET expires_at = clock_timestamp() WHERE seller_id = $1 AND status = 'open'`,
      [playerId],
    );
    const { rows } = await tx.query<{ erasedAt: Date }>(
      `UPDATE players SET erased_at = now(), frozen_at = coalesce(frozen_at, now()), frozen_reason = 'erased'
       WHERE id = $1 AND erased_at IS NULL RETURNING erased_at AS "erasedAt"`,
      [playerId],
    );
    const erasedAt = rows[0]?.erasedAt;
    if (erasedAt === undefined) throw new LootError('request_in_flight', 'The player is being erased.');
    await forgetImportLines(tx, playerId);
    for (const table of personal) await tx.query(`DELETE FROM ${table} WHERE player_id = $1`, [playerId]);
    await tx.query('DELETE FROM idempotency_keys WHERE scope LIKE $1', [`player:${playerId} %`]);
    const { requestId: _requestId, ...eventContext } = context;
    await appendEvents(
      tx,
      [{ type: 'game.player.erased.v1', key: playerId, data: { playerId } }],
      eventContext,
    );
    await appendAudit(
      tx,
      { actor, action: 'player.erased', target: `player:${playerId}`, detail: {} },
      context,
    );
    return { erasedAt, lettersToResolve };
  });
}

/** Everything that says who a player is or was told to them; the ledger, matches and trades know only the id. */
const personal = [
  'identities',
  'player_profiles',
  'credentials',
  'refresh_tokens',
  'tickets',
  'notifications',
  'loadouts',
  'leaderboard_scores',
] as const;

async function readErasedAt(tx: Tx, playerId: string): Promise<Date | null> {
  const { rows } = await tx.query<{ erasedAt: Date | null }>(
    'SELECT erased_at AS "erasedAt" FROM players WHERE id = $1',
    [playerId],
  );
  if (rows[0] === undefined) throw new LootError('not_found', 'There is no such player.');
  return rows[0].erasedAt;
}

/**
 * Lines of an import that were to bring the player something are the erased player's from now on: they will be refused, and
 * not bring the erased identity to life. After the player's row, which a posting import locks before its lines.
 */
async function forgetImportLines(tx: Tx, playerId: string): Promise<void> {
  await tx.query(
    `UPDATE import_lines l SET player = jsonb_build_object('id', i.player_id) FROM identities i
     WHERE i.player_id = $1 AND l.player = jsonb_build_object('issuer', i.issuer, 'subject', i.subject)
       AND l.status = 'waiting' AND l.import_id IN (SELECT id FROM imports WHERE status <> 'completed')`,
    [playerId],
  );
}

/** Letters that are done with lose their bytes; those that wait are named, for others' results may be in them. */
async function forgetLetters(tx: Tx, playerId: string): Promise<string[]> {
  const { rows } = await tx.query<{ id: string; status: string }>(
    `SELECT DISTINCT l.id, l.status FROM dead_letters l
     JOIN identities i ON i.player_id = $1 AND position(convert_to(i.subject, 'UTF8') IN l.value) > 0`,
    [playerId],
  );
  const closed = rows.filter(({ status }) => status !== 'waiting').map(({ id }) => id);
  await tx.query('UPDATE dead_letters SET value = NULL WHERE id = ANY ($1::uuid[])', [closed]);
  return rows.filter(({ status }) => status === 'waiting').map(({ id }) => id);
}
