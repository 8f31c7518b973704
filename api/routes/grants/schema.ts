import { z } from '@hono/zod-openapi';
import type { MailboxEntry } from '../../../store/mailbox/reads.ts';
import { Code, Id, PlayerRef, PositiveAmount, Reference } from '../../schemas.ts';

const lineCountMax = 50;
export const Line = z.strictObject({ asset: Code, amount: PositiveAmount }).openapi('GrantLine');

export const Grant = z
  .strictObject({
    reference: Reference,
    player: PlayerRef,
    lines: z.array(Line).max(lineCountMax).default([]),
    items: z
      .array(z.strictObject({ kind: Code }))
      .max(lineCountMax)
      .default([]),
    deferred: z
      .boolean()
      .default(false)
      .openapi({ description: 'The amounts wait in the mailbox until the player claims them' }),
  })
  .refine(({ lines, items }) => lines.length + items.length > 0, {
    path: ['lines'],
    message: 'grant at least one line or item',
  })
  .openapi('Grant');

/** What of a grant did not go into the wallet. */
export const Waiting = z
  .strictObject({
    entryId: Id,
    asset: Code,
    amount: PositiveAmount,
    status: z.enum(['waiting', 'claimed', 'expired']),
  })
  .openapi('WaitingLine');

export const Granted = z
  .strictObject({
    key: z.string(),
    reference: Reference,
    playerId: Id,
    journalId: z.string(),
    lines: z.array(Line),
    items: z.array(z.strictObject({ kind: Code })),
    mailbox: z.array(Waiting),
    receipt: z.string(),
  })
  .openapi('Granted');

export const waitingView = ({ entryId, asset, amount, status }: MailboxEntry) => ({
  entryId,
  asset,
  amount: String(amount),
  status,
});
