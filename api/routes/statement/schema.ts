import { z } from '@hono/zod-openapi';
import { Amount, Code, Cursor, Id, Limit, Time, pageOf } from '../../schemas.ts';

const SignedAmount = z
  .string()
  .regex(/^(0|-?[1-9][0-9]{0,18})$/)
  .openapi('SignedAmount', { example: '-250' });
const Nullable = z.string().nullable();

export const StatementParams = z.strictObject({ playerId: Id });
export const StatementQuery = z.strictObject({
  asOf: Time.optional().openapi({
    description:
      "By PostgreSQL's clock, as journals are stamped; default: now. What stood at the last journal before the first one stamped later",
  }),
  limit: Limit,
  cursor: Cursor.openapi({ description: 'The next page of `changes`, as of the same instant' }),
  itemsCursor: Cursor.openapi({ description: 'The next page of `items`, as of the same instant' }),
});

const StatementBalance = z
  .strictObject({
    asset: Code,
    purpose: z.enum(['wallet', 'mailbox', 'debt']),
    balance: SignedAmount.openapi({ description: 'A debt is never above zero' }),
    held: Amount,
    available: SignedAmount,
  })
  .openapi('StatementBalance');

const StatementItem = z
  .strictObject({
    itemId: Id,
    kind: Code,
    kindVersion: z.number().int(),
    attributes: z.record(z.string(), z.unknown()),
    lock: Nullable,
    acquired: z.strictObject({ key: z.string(), kind: z.string(), createdAt: Time, receipt: z.string() }),
  })
  .openapi('StatementItem');

const AmountChange = z
  .strictObject({
    asset: Code,
    purpose: z.enum(['wallet', 'mailbox', 'debt']),
    state: z.enum(['posted', 'pending', 'post', 'void']),
    code: z.string(),
    balanceChange: SignedAmount,
    heldChange: SignedAmount,
    other: z.string().openapi({ description: 'Who stands on the other side' }),
  })
  .openapi('AmountChange');

const ItemChange = z
  .strictObject({
    itemId: Id,
    kind: Code,
    code: z.enum(['mint', 'burn', 'transfer', 'modify', 'lock', 'unlock']),
    from: Nullable,
    to: Nullable,
    lockBefore: Nullable,
    lockAfter: Nullable,
  })
  .openapi('ItemChange');

const Change = z
  .strictObject({
    journalId: z.string(),
    key: z.string(),
    kind: z.string(),
    createdAt: Time,
    actor: z.string(),
    reason: Nullable,
    workflowId: Nullable,
    workflowUrl: z.url().nullable().openapi({ description: 'For operators' }),
    step: Nullable,
    receipt: z.string(),
    amounts: z.array(AmountChange),
    items: z.array(ItemChange),
  })
  .openapi('Change');

export const Statement = z
  .strictObject({
    playerId: Id,
    asOf: Time,
    journalId: z.string().openapi({ description: 'The last journal that belongs to it' }),
    balances: z.array(StatementBalance).openapi({
      description:
        'Each is the sum of balanceChange and heldChange over all changes of its account up to `journalId`',
    }),
    items: pageOf(StatementItem).openapi({ description: 'What the player owned, by id' }),
    changes: pageOf(Change).openapi({ description: 'Every journal that touched the player, newest first' }),
  })
  .openapi('Statement');
