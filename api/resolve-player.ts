import { LootError } from '../domain/errors.ts';
import type { EventContext } from '../domain/events.ts';
import { readPlayer } from '../store/players/reads.ts';
import { resolveIdentity } from '../store/players/resolve-identity.ts';
import type { Services } from './deps.ts';

export type PlayerRef = { id: string } | { issuer: string; subject: string };

/** Whom a game server means; by issuer and subject a player is made on first use. Throws `unknown_account`. */
export async function resolvePlayer(
  { db }: Pick<Services, 'db'>,
  ref: PlayerRef,
  context: EventContext,
): Promise<string> {
  if ('issuer' in ref) return (await resolveIdentity(db, ref.issuer, ref.subject, context)).playerId;
  if ((await readPlayer(db, ref.id)) === undefined)
    throw new LootError('unknown_account', `There is no player ${ref.id}.`);
  return ref.id;
}
