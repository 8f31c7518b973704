import { LootError } from '../domain/errors.ts';
import type { EventContext } from '../domain/events.ts';
import { resolveIdentity } from '../store/players/resolve-identity.ts';
import { readStanding } from '../store/players/standing.ts';
import type { Services } from './deps.ts';

export type PlayerRef = { id: string } | { issuer: string; subject: string };

/**
 * Whom a game server means; by issuer and subject a player is made on first use. Throws `unknown_account`, also for an
 * erased player, unless the others of a result would suffer for it.
 */
export async function resolvePlayer(
  { db }: Pick<Services, 'db'>,
  ref: PlayerRef,
  context: EventContext,
  { evenErased = false }: { evenErased?: boolean } = {},
): Promise<string> {
  if ('issuer' in ref) return (await resolveIdentity(db, ref.issuer, ref.subject, context)).playerId;
  const standing = await readStanding(db, ref.id);
  if (standing === undefined || (standing === 'erased' && !evenErased))
    throw new LootError('unknown_account', `There is no player ${ref.id}.`);
  return ref.id;
}
