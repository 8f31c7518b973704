import { z } from '@hono/zod-openapi';
import { Code, Cursor, Id, Limit, pageOf } from '../../schemas.ts';

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
