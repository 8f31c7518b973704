import { LootError } from '../../domain/errors.ts';
import { playerHolder } from '../../domain/ledger/types.ts';
import type { Db } from '../db.ts';

/** Chooses what to bring into the next match; null brings nothing. Throws `item_not_owned`. */
export async function setLoadout(
  db: Pick<Db, 'query'>,
  playerId: string,
  weaponItemId: string | null,
): Promise<void> {
  const { rowCount } = await db.query(
    `INSERT INTO loadouts (player_id, weapon_item_id, updated_at)
     SELECT $1, $2, now() WHERE $2::uuid IS NULL OR EXISTS (SELECT FROM items WHERE id = $2 AND owner = $3)
     ON CONFLICT (player_id) DO UPDATE SET weapon_item_id = excluded.weapon_item_id, updated_at = excluded.updated_at`,
    [playerId, weaponItemId, playerHolder(playerId)],
  );
  if (rowCount === 0) throw new LootError('item_not_owned', 'This item is not yours.');
}
