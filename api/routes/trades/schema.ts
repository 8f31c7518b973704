import { z } from '@hono/zod-openapi';
import { Amount, Code, Cursor, Id, Limit, PositiveAmount, Time, pageOf } from '../../schemas.ts';

export const TradeParams = z.strictObject({ tradeId: Id });
export const NewTrade = z.strictObject({ listingId: Id, expectedPrice: PositiveAmount }).openapi('NewTrade');
export const Trade = z
  .strictObject({
    tradeId: Id,
    listingId: Id,
    buyerId: Id,
    sellerId: Id,
    itemId: Id,
    kind: Code,
    asset: Code,
    price: PositiveAmount,
    fee: Amount,
    state: z.enum([
      'initiated',
      'funds_reserving',
      'item_locking',
      'in_review',
      'settling',
      'completed',
      'compensating',
      'failed',
    ]),
    failureCode: z.string().nullable(),
    workflowId: z.string(),
    workflowUrl: z
      .url()
      .nullable()
      .openapi({ description: 'The story in the Temporal Web UI; for operators' }),
    endedAt: Time.nullable(),
    createdAt: Time,
  })
  .openapi('Trade');
export const Trades = pageOf(Trade).openapi('Trades');
export const TradeQuery = z.strictObject({ limit: Limit, cursor: Cursor });
