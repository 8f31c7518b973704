import { LootError } from '../../../domain/errors.ts';
import type { Queryable } from '../../../store/db.ts';
import { searchPlayers } from '../../../store/players/search-players.ts';
import type { FoundPlayer } from '../../../store/players/search-players.ts';

export async function requirePlayer(db: Queryable, playerId: string): Promise<FoundPlayer> {
  const [player] = await searchPlayers(db, { id: playerId }, { limit: 1 });
  if (player === undefined) throw new LootError('not_found', 'There is no such player.');
  return player;
}
