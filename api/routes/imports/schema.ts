import { z } from '@hono/zod-openapi';
import { Cursor, Id, Limit, Time } from '../../schemas.ts';

export const Batch = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, 'must be 1 to 100 letters, digits, dots, dashes or underscores')
  .openapi('ImportBatch');

export const NewImportQuery = z.strictObject({
  batch: Batch.optional().openapi({
    description: 'The name under which each line is unique for ever; default: the id of the import',
  }),
  dryRun: z.enum(['true', 'false']).optional().openapi({ description: 'Check everything and post nothing' }),
});
export const ImportQuery = z.strictObject({ limit: Limit, cursor: Cursor });

const Count = z.number().int();
const Totals = z
  .strictObject({ assets: z.record(z.string(), z.string()), items: z.record(z.string(), z.number()) })
  .openapi('ImportTotals');

export const Checked = z
  .strictObject({ dryRun: z.literal(true), lineCount: Count, totals: Totals })
  .openapi('CheckedImport');

export const Import = z
  .strictObject({
    importId: Id,
    batch: Batch,
    status: z.enum(['staging', 'posting', 'completed']),
    lineCount: Count,
    postedCount: Count,
    refusedCount: Count,
    totals: Totals.nullable(),
    refused: z
      .array(z.strictObject({ line: Count, code: z.string(), detail: z.string() }))
      .openapi({ description: 'Lines the ledger refused, in the order of the file' }),
    nextCursor: z.string().nullable(),
    createdAt: Time,
    completedAt: Time.nullable(),
    workflowId: z.string(),
    workflowUrl: z.url(),
  })
  .openapi('Import');
