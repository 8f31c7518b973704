import { z } from '@hono/zod-openapi';
import { Amount, Code, Cursor, Limit, Time, pageOf } from '../../schemas.ts';

export const Balance = z
  .strictObject({ asset: Code, balance: Amount, held: Amount, available: Amount })
  .openapi('Balance');
export const Wallet = z.strictObject({ balances: z.array(Balance) }).openapi('Wallet');

const codes = [
  'match_reward',
  'welcome',
  'grant',
  'opening',
  'spend',
  'seal',
  'burn',
  'hold',
  'trade_price',
  'trade_fee',
  'listing_deposit',
  'mailbox_claim',
  'mailbox_expire',
  'clawback',
  'debt',
  'correction',
] as const;

export const TransferQuery = z.strictObject({
  asset: Code.optional(),
  code: z.enum(codes).optional(),
  limit: Limit,
  cursor: Cursor,
});
/** One line of the transfer list, as its owner sees it. */
export const Transfer = z
  .strictObject({
    id: z.string(),
    key: z.string(),
    kind: z.string(),
    asset: Code,
    amount: Amount,
    direction: z.enum(['in', 'out']),
    state: z.enum(['posted', 'pending', 'post', 'void']),
    code: z.string(),
    expiresAt: Time.nullable(),
    createdAt: Time,
    receipt: z.string(),
  })
  .openapi('Transfer');
export const Transfers = pageOf(Transfer).openapi('Transfers');
