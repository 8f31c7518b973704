import { randomUUID } from 'node:crypto';
import type { EventContext } from '../../domain/events.ts';
import type { Db, Tx } from '../db.ts';
import { createPlayer } from './create-player.ts';

export type ResolvedPlayer = { playerId: string; created: boolean };

/**
 * The player whom an outside issuer knows as `subject`, made on first use. Inside a transaction the player becomes real
 * with it; given a database it opens its own.
 */
export async function resolveIdentity(
  db: Db | Tx,
  issuer: string,
  subject: string,
  context: EventContext = {},
): Promise<ResolvedPlayer> {
  const known = await findIdentity(db, issuer, subject);
  if (known !== undefined) return { playerId: known, created: false };
  const work = (tx: Tx) => createIdentity(tx, issuer, subject, context);
  return db.transaction === true ? work(db) : db.transaction(work);
}

async function createIdentity(
  tx: Tx,
  issuer: string,
  subject: string,
  context: EventContext,
): Promise<ResolvedPlayer> {
  const playerId = randomUUID();
  // Of two first uses the second waits here for the first's commit and then finds its row.
  const { rowCount } = await tx.query(
    'INSERT INTO identities (issuer, subject, player_id) VALUES ($1, $2, $3) ON CONFLICT (issuer, subject) DO NOTHING',
    [issuer, subject, playerId],
  );
  if (rowCount === 0) {
    const winner = await findIdentity(tx, issuer, subject);
    if (winner === undefined) throw new Error('an identity vanished between two statements');
    return { playerId: winner, created: false };
  }
  await createPlayer(tx, playerId, context);
  return { playerId, created: true };
}

async function findIdentity(
  db: Pick<Tx, 'query'>,
  issuer: string,
  subject: string,
): Promise<string | undefined> {
  const { rows } = await db.query<{ player_id: string }>({
    name: 'find_identity',
    text: 'SELECT player_id FROM identities WHERE issuer = $1 AND subject = $2',
    values: [issuer, subject],
  });
  return rows[0]?.player_id;
}
