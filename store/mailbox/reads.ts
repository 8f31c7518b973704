import { entryIdOf } from '../../domain/mailbox/deferral.ts';
import type { MailboxLine } from '../../domain/mailbox/deferral.ts';
import type { Queryable } from '../db.ts';
import { sha256 } from '../matches/sha256.ts';

export type EntryStatus = 'waiting' | 'claimed' | 'expired';
export type MailboxEntry = MailboxLine & {
  status: EntryStatus;
  expiresAt: Date | null;
  createdAt: Date;
  closedAt: Date | null;
};

export const entryColumns = `id AS "entryId", player_id AS "playerId", asset, amount, source, cause, status,
  expires_at AS "expiresAt", created_at AS "createdAt", closed_at AS "closedAt"`;

/** Newest first; `after` is the id of the last entry seen. */
export async function readMailbox(
  db: Queryable,
  playerId: string,
  { status, after, limit }: { status?: EntryStatus; after?: string; limit: number },
): Promise<MailboxEntry[]> {
  const { rows } = await db.query<MailboxEntry>(
    `SELECT ${entryColumns} FROM mailbox_entries
     WHERE player_id = $1 AND ($2::text IS NULL OR status = $2)
       AND ($3::uuid IS NULL OR (created_at, id) < (SELECT x.created_at, x.id FROM mailbox_entries x WHERE x.id = $3))
     ORDER BY created_at DESC, id DESC LIMIT $4`,
    [playerId, status ?? null, after ?? null, limit],
  );
  return rows;
}

/** Another player's entry is as absent as one that never was. */
export async function findEntry(
  db: Queryable,
  playerId: string,
  entryId: string,
): Promise<MailboxEntry | null> {
  const { rows } = await db.query<MailboxEntry>(
    `SELECT ${entryColumns} FROM mailbox_entries WHERE id = $1 AND player_id = $2`,
    [entryId, playerId],
  );
  return rows[0] ?? null;
}

/** What journals of so many lines have put into mailboxes; found by the entries' derived ids. */
export async function findEntriesOf(
  db: Queryable,
  causes: readonly { key: string; lineCount: number }[],
): Promise<MailboxEntry[]> {
  const ids = causes.flatMap(({ key, lineCount }) =>
    Array.from({ length: lineCount }, (_, index) => entryIdOf(sha256, key, index)),
  );
  if (ids.length === 0) return [];
  const { rows } = await db.query<MailboxEntry>(
    `SELECT ${entryColumns} FROM mailbox_entries WHERE id = ANY ($1::uuid[]) ORDER BY cause, asset, id`,
    [ids],
  );
  return rows;
}
