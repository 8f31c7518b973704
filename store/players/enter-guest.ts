import { randomUUID } from 'node:crypto';
import type { EventContext } from '../../domain/events.ts';
import type { Db, Tx } from '../db.ts';
import { createPlayer } from './create-player.ts';
import type { ResolvedPlayer } from './resolve-identity.ts';

/** The player of a device, made on its first visit; a repeated request meets the same player. */
export async function enterGuest(
  db: Db,
  deviceHash: string,
  context: EventContext = {},
): Promise<ResolvedPlayer> {
  const known = await findDevice(db, deviceHash);
  if (known !== undefined) return { playerId: known, created: false };
  return db.transaction(async (tx) => {
    const playerId = randomUUID();
    const { rowCount } = await tx.query(
      "INSERT INTO credentials (player_id, kind, hash) VALUES ($1, 'device', $2) ON CONFLICT (kind, hash) DO NOTHING",
      [playerId, deviceHash],
    );
    if (rowCount === 0) {
      const winner = await findDevice(tx, deviceHash);
      if (winner === undefined) throw new Error('a device vanished between two statements');
      return { playerId: winner, created: false };
    }
    await createPlayer(tx, playerId, context);
    return { playerId, created: true };
  });
}

async function findDevice(db: Pick<Tx, 'query'>, hash: string): Promise<string | undefined> {
  const { rows } = await db.query<{ player_id: string }>(
    "SELECT player_id FROM credentials WHERE kind = 'device' AND hash = $1",
    [hash],
  );
  return rows[0]?.player_id;
}
