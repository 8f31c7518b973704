import { z } from '@hono/zod-openapi';
import { Code, Cursor, Id, Limit, Time, pageOf } from '../../schemas.ts';

export const Item = z
  .strictObject({
    itemId: Id,
    kind: Code,
    kindVersion: z.number().int(),
    attributes: z.record(z.string(), z.unknown()),
    locked: z.boolean(),
    lockedBy: z.string().nullable(),
  })
  .openapi('Item');
export const Inventory = pageOf(Item).openapi('Inventory');
export const PageQuery = z.strictObject({ limit: Limit, cursor: Cursor });

export const ItemParams = z.strictObject({ itemId: Id });
export const ItemMovement = z
  .strictObject({
    code: z.enum(['mint', 'burn', 'transfer', 'modify', 'lock', 'unlock']),
    from: z.string().nullable(),
    to: z.string().nullable(),
    lockBefore: z.string().nullable(),
    lockAfter: z.string().nullable(),
    key: z.string(),
    kind: z.string(),
    workflowId: z.string().nullable(),
    createdAt: Time,
    receipt: z.string(),
  })
  .openapi('ItemMovement');
export const ItemHistory = pageOf(ItemMovement).openapi('ItemHistory');
