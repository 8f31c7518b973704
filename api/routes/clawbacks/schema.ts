import { z } from '@hono/zod-openapi';
import { Code, Cursor, Id, Limit, Time, pageOf } from '../../schemas.ts';

const Key = z.string().min(1).max(512);

/** Which grants: all given conditions together. */
export const ClawbackSelection = z
  .strictObject({
    source: Code.optional(),
    table: Code.optional(),
    tableVersion: z.number().int().positive().max(2_147_483_647).optional(),
    from: Time.optional(),
    to: Time.optional(),
    journalKeys: z.array(Key).min(1).max(1_000).optional(),
  })
  .refine(
    (select) => Object.values(select).some((value) => value !== undefined),
    'name at least one condition',
  )
  .refine((select) => select.tableVersion === undefined || select.table !== undefined, {
    path: ['tableVersion'],
    message: 'a version is one of a table; name the table',
  })
  .refine(({ from, to }) => from === undefined || to === undefined || Date.parse(from) < Date.parse(to), {
    path: ['to'],
    message: 'must be later than from',
  })
  .openapi('ClawbackSelection');

export const NewClawback = z
  .strictObject({ select: ClawbackSelection, reason: z.string().min(1).max(500) })
  .openapi('NewClawback');

export const ClawbackApproval = z
  .strictObject({ reportHash: z.string().regex(/^[0-9a-f]{64}$/, 'must be the hash of a report') })
  .openapi('ClawbackApproval');

/** Sums of many grants may be larger than any amount. */
const Sum = z.string().regex(/^(0|[1-9][0-9]*)$/);
const Count = z.number().int().min(0);

const totals = {
  grantCount: Count,
  playerCount: Count,
  /** Each line: granted = takenBack + debt + left + unrecoverable. */
  assets: z.array(
    z.strictObject({
      asset: z.string(),
      granted: Sum,
      takenBack: Sum,
      debt: Sum,
      left: Sum,
      unrecoverable: Sum,
    }),
  ),
  items: z.array(
    z.strictObject({
      kind: z.string(),
      granted: Count,
      takenBack: Count,
      debt: Count,
      left: Count,
      unrecoverable: Count,
    }),
  ),
  /** What grantees got for items that are left with their buyers: owed = takenBack + debt. */
  proceeds: z.array(z.strictObject({ asset: z.string(), owed: Sum, takenBack: Sum, debt: Sum })),
  reversedBeforeCount: Count,
};

export const ClawbackReport = z
  .strictObject({
    ...totals,
    places: z.array(
      z.strictObject({
        kind: z.string(),
        withGrantee: Count,
        listed: Count,
        busy: Count,
        sold: Count,
        gone: Count,
      }),
    ),
    computedAt: Time,
  })
  .openapi('ClawbackReport');
export const ClawbackResult = z.strictObject(totals).openapi('ClawbackResult');

export const Clawback = z
  .strictObject({
    clawbackId: Id,
    select: ClawbackSelection,
    reason: z.string(),
    state: z.enum(['examining', 'waiting', 'approved', 'reversing', 'completed', 'cancelled', 'expired']),
    requestedBy: z.string(),
    approvedBy: z.string().nullable(),
    report: ClawbackReport.nullable(),
    reportHash: z.string().nullable(),
    result: ClawbackResult.nullable(),
    reversedCount: Count,
    createdAt: Time,
    expiresAt: Time,
    endedAt: Time.nullable(),
    workflowId: z.string(),
    workflowUrl: z.url(),
  })
  .openapi('Clawback');

export const ClawbackParams = z.strictObject({ clawbackId: Id });
export const ClawbackQuery = z.strictObject({ limit: Limit, cursor: Cursor });
export const Clawbacks = pageOf(Clawback).openapi('Clawbacks');
