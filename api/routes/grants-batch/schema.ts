import { z } from '@hono/zod-openapi';
import { errorCodes } from '../../../domain/errors.ts';
import type { LootError } from '../../../domain/errors.ts';
import { Id, Reference } from '../../schemas.ts';
import { Grant, Waiting } from '../grants/schema.ts';

const grantCountMax = 500;

export const GrantBatch = z
  .strictObject({ grants: z.array(Grant).min(1).max(grantCountMax) })
  .openapi('GrantBatch');
export type GrantOfBatch = z.output<typeof Grant>;

const at = { index: z.number().int(), reference: Reference, playerId: Id.nullable() };
const Paid = z
  .strictObject({
    ...at,
    status: z.literal('paid'),
    replayed: z.boolean(),
    key: z.string(),
    journalId: z.string(),
    mailbox: z.array(Waiting),
    receipt: z.string(),
  })
  .openapi('PaidGrant');
const Refused = z
  .strictObject({
    ...at,
    status: z.literal('refused'),
    code: z.string(),
    title: z.string(),
    detail: z.string(),
    canRetry: z.boolean(),
  })
  .openapi('RefusedGrant');

export const GrantBatchResult = z
  .strictObject({
    paidCount: z.number().int(),
    refusedCount: z.number().int(),
    results: z.array(z.discriminatedUnion('status', [Paid, Refused])),
  })
  .openapi('GrantBatchResult');

/** A refused line says what a problem document would say, had it been asked for alone. */
export function resultOfError(
  place: { index: number; reference: string; playerId: string | null },
  error: LootError,
) {
  const { title, canRetry } = errorCodes[error.code];
  return {
    ...place,
    status: 'refused' as const,
    code: error.code,
    title,
    detail: error.message,
    canRetry,
  };
}
