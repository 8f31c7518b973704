import { randomUUID } from 'node:crypto';
import type { EventContext } from '../../domain/events.ts';
import type { Db, Tx } from '../db.ts';
import { createPlayers } from './create-player.ts';

/** A player as a game server knows them, or by our own id. */
export type PlayerName = { id: string } | { issuer: string; subject: string };

type Identity = { issuer: string; subject: string };
type Options = { context?: EventContext; welcome?: boolean };

/** Well within a transaction's time, also when every one of them is new. */
const createdCountMax = 200;

/**
 * Whom a game server means, for many at once and in the given order; by issuer and subject a player is made on first use,
 * and null stands for an id that is nobody's, or nobody's any more. Without `welcome` new players get only what the caller
 * pays them.
 */
export async function resolvePlayers(
  db: Db,
  names: readonly PlayerName[],
  options: Options = {},
): Promise<(string | null)[]> {
  const known = await findIds(db, names);
  const identities = await resolveIdentities(db, names.filter(isIdentity), options);
  return names.map((name) => {
    if (isIdentity(name)) return identities.get(keyOf(name)) ?? null;
    return known.has(name.id) ? name.id : null;
  });
}

const isIdentity = (name: PlayerName): name is Identity => 'issuer' in name;
const keyOf = ({ issuer, subject }: Identity): string => JSON.stringify([issuer, subject]);

async function findIds(db: Db, names: readonly PlayerName[]): Promise<Set<string>> {
  const ids = names.flatMap((name) => (isIdentity(name) ? [] : [name.id]));
  if (ids.length === 0) return new Set();
  const { rows } = await db.query<{ id: string }>(
    'SELECT id FROM players WHERE id = ANY ($1::uuid[]) AND erased_at IS NULL',
    [ids],
  );
  return new Set(rows.map(({ id }) => id));
}

async function resolveIdentities(
  db: Db,
  identities: readonly Identity[],
  options: Options,
): Promise<Map<string, string>> {
  const distinct = [...new Map(identities.map((identity) => [keyOf(identity), identity])).values()];
  const found = await findIdentities(db, distinct);
  const missing = distinct.filter((identity) => !found.has(keyOf(identity)));
  for (let from = 0; from < missing.length; from += createdCountMax) {
    const some = missing.slice(from, from + createdCountMax);
    await db.transaction((tx) => createIdentities(tx, some, options));
  }
  if (missing.length === 0) return found;
  return new Map([...found, ...(await findIdentities(db, missing))]);
}

async function findIdentities(on: Db | Tx, identities: readonly Identity[]): Promise<Map<string, string>> {
  if (identities.length === 0) return new Map();
  const { rows } = await on.query<Identity & { playerId: string }>(
    `SELECT issuer, subject, player_id AS "playerId" FROM identities
     WHERE (issuer, subject) IN (SELECT * FROM unnest($1::text[], $2::text[]))`,
    [identities.map(({ issuer }) => issuer), identities.map(({ subject }) => subject)],
  );
  return new Map(rows.map((row) => [keyOf(row), row.playerId]));
}

/**
 * Only those that are new by now: of two first uses the second waits for the first's commit and leaves the row alone. All
 * callers insert in one order, so that two of them cannot wait for each other.
 */
async function createIdentities(
  tx: Tx,
  identities: readonly Identity[],
  { context = {}, welcome = true }: Options,
): Promise<void> {
  const { rows } = await tx.query<{ playerId: string }>(
    `INSERT INTO identities (issuer, subject, player_id)
     SELECT * FROM unnest($1::text[], $2::text[], $3::uuid[]) AS i(issuer, subject, player) ORDER BY issuer, subject
     ON CONFLICT (issuer, subject) DO NOTHING RETURNING player_id AS "playerId"`,
    [
      identities.map(({ issuer }) => issuer),
      identities.map(({ subject }) => subject),
      identities.map(() => randomUUID()),
    ],
  );
  await createPlayers(
    tx,
    rows.map(({ playerId }) => playerId),
    context,
    { welcome },
  );
}
