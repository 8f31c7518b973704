import { z } from '@hono/zod-openapi';
import { Code, Id, PlayerRef, PositiveAmount, Reference } from '../../schemas.ts';

const lineCountMax = 50;
const Line = z.strictObject({ asset: Code, amount: PositiveAmount }).openapi('GrantLine');

export const Grant = z
  .strictObject({
    reference: Reference,
    player: PlayerRef,
    lines: z.array(Line).max(lineCountMax).default([]),
    items: z
      .array(z.strictObject({ kind: Code }))
      .max(lineCountMax)
      .default([]),
  })
  .refine(({ lines, items }) => lines.length + items.length > 0, {
    path: ['lines'],
    message: 'grant at least one line or item',
  })
  .openapi('Grant');

export const Granted = z
  .strictObject({
    key: z.string(),
    reference: Reference,
    playerId: Id,
    journalId: z.string(),
    lines: z.array(Line),
    items: z.array(z.strictObject({ kind: Code })),
    receipt: z.string(),
  })
  .openapi('Granted');
