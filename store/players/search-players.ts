import type { Queryable } from '../db.ts';
import { usernameKey } from './register-player.ts';

export type FoundPlayer = {
  playerId: string;
  username: string | null;
  frozenAt: Date | null;
  frozenReason: string | null;
  erasedAt: Date | null;
  /** as the database writes it, microseconds included: it is a position in the list */
  createdAt: string;
};

export type PlayerFilter = {
  id?: string;
  /** Its beginning is enough. */
  username?: string;
  issuer?: string;
  /** Only beside an issuer. */
  subject?: string;
};

const columns = `p.id AS "playerId", f.username, p.frozen_at AS "frozenAt", p.frozen_reason AS "frozenReason",
  p.erased_at AS "erasedAt", p.created_at::text AS "createdAt"`;

/** Newest first; filters narrow each other down. */
export async function searchPlayers(
  db: Queryable,
  filter: PlayerFilter,
  page: { after?: readonly string[]; limit: number },
): Promise<FoundPlayer[]> {
  const [createdAt = null, id = null] = page.after ?? [];
  const { rows } = await db.query<FoundPlayer>(
    `SELECT ${columns} FROM players p LEFT JOIN player_profiles f ON f.player_id = p.id
     WHERE ($1::timestamptz IS NULL OR (p.created_at, p.id) < ($1::timestamptz, $2::uuid))
       AND ($3::uuid IS NULL OR p.id = $3)
       AND ($4::text IS NULL OR p.id IN (SELECT player_id FROM player_profiles WHERE username_key LIKE $4))
       AND ($5::text IS NULL OR p.id IN (
         SELECT player_id FROM identities WHERE issuer = $5 AND ($6::text IS NULL OR subject = $6)))
     ORDER BY p.created_at DESC, p.id DESC LIMIT $7`,
    [
      createdAt,
      id,
      filter.id ?? null,
      filter.username === undefined ? null : beginsWith(usernameKey(filter.username)),
      filter.issuer ?? null,
      filter.subject ?? null,
      page.limit,
    ],
  );
  return rows;
}

const beginsWith = (text: string): string => `${text.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;

export type PlayerAccess = { identityCount: number; credentialKinds: string[]; loginCount: number };

/** How a player gets in: outside identities, own credentials, logins that could still be renewed. */
export async function readPlayerAccess(db: Queryable, playerId: string): Promise<PlayerAccess> {
  const { rows } = await db.query<PlayerAccess>(
    `SELECT (SELECT count(*)::int FROM identities WHERE player_id = $1) AS "identityCount",
       ARRAY(SELECT kind FROM credentials WHERE player_id = $1 ORDER BY kind) AS "credentialKinds",
       (SELECT count(DISTINCT family_id)::int FROM refresh_tokens
        WHERE player_id = $1 AND revoked_at IS NULL AND used_at IS NULL AND expires_at > now()) AS "loginCount"`,
    [playerId],
  );
  return rows[0] ?? { identityCount: 0, credentialKinds: [], loginCount: 0 };
}
