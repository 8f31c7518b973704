import type { Queryable } from '../db.ts';

export async function readLoadout(db: Queryable, playerId: string): Promise<{ weaponItemId: string | null }> {
  const { rows } = await db.query<{ weaponItemId: string | null }>(
    'SELECT weapon_item_id AS "weaponItemId" FROM loadouts WHERE player_id = $1',
    [playerId],
  );
  return rows[0] ?? { weaponItemId: null };
}
