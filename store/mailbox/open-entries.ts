import type { MailboxLine } from '../../domain/mailbox/deferral.ts';
import type { Tx } from '../db.ts';
import { currentEconomy } from '../economy/reads.ts';

const dayMs = 86_400_000;

/**
 * One entry per deferred line, in the transaction of the journal that pays the mailbox. How long it waits is decided now, by
 * the economy of the moment: for ever when it does not say.
 */
export async function openEntries(tx: Tx, lines: readonly MailboxLine[]): Promise<void> {
  if (lines.length === 0) return;
  const { economy } = await currentEconomy(tx);
  const days = economy.mailbox?.expiresAfterDays;
  await tx.query(
    `INSERT INTO mailbox_entries (id, player_id, asset, amount, source, cause, created_at, expires_at)
     SELECT l.id, l.player, l.asset, l.amount, l.source, l.cause, clock_timestamp(),
       clock_timestamp() + $7::bigint * interval '1 millisecond'
     FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::bigint[], $5::text[], $6::text[])
       AS l(id, player, asset, amount, source, cause)`,
    [
      lines.map(({ entryId }) => entryId),
      lines.map(({ playerId }) => playerId),
      lines.map(({ asset }) => asset),
      lines.map(({ amount }) => amount),
      lines.map(({ source }) => source),
      lines.map(({ cause }) => cause),
      days === undefined ? null : days * dayMs,
    ],
  );
}
