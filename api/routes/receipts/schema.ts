import { z } from '@hono/zod-openapi';
import { Amount, Id, Time } from '../../schemas.ts';

export const ReceiptParams = z.strictObject({ key: z.string().min(1).max(600) });
const Nullable = z.string().nullable();
const Hash = z.string().regex(/^[0-9a-f]{64}$/);

const Cause = z.strictObject({
  actor: Nullable,
  workflowId: Nullable,
  step: Nullable,
  requestId: Nullable,
  traceId: Nullable,
  reason: Nullable,
});

const CauseEvent = z
  .strictObject({
    id: z.string(),
    type: z.string(),
    topic: z.string(),
    partition: z.number().int().nullable(),
    offset: Nullable,
    publishedAt: Time.nullable(),
  })
  .openapi('CauseEvent');

const ReceiptTransfer = z.strictObject({
  index: z.number().int(),
  debit: z.string(),
  debitPurpose: z.string(),
  credit: z.string(),
  creditPurpose: z.string(),
  asset: z.string(),
  amount: Amount,
  state: z.string(),
  code: z.string(),
});

const ReceiptMovement = z.strictObject({
  index: z.number().int(),
  itemId: Id,
  code: z.string(),
  kind: z.string(),
  from: Nullable,
  to: Nullable,
});

const Roll = z.strictObject({
  table: z.string(),
  tableVersion: z.number().int(),
  tableHash: z.string(),
  entries: z.unknown(),
  rules: z.unknown(),
  input: z.strictObject({
    seed: Nullable,
    label: z.string(),
    counter: z.number().int(),
    bound: z.number().int(),
    variant: z.string(),
  }),
  output: z.strictObject({ roll: z.number().int(), entry: z.string() }),
});

const SealedBlock = z
  .strictObject({
    deployment: z.string(),
    ledgerEpoch: z.number().int(),
    height: z.string(),
    previousHash: Hash,
    merkleRoot: Hash,
    firstJournalId: z.string(),
    lastJournalId: z.string(),
    journalCount: z.number().int(),
    hash: Hash,
    leaf: Hash,
    path: z.array(z.strictObject({ side: z.enum(['left', 'right']), hash: Hash })),
    rows: z.array(z.string()).openapi({
      description: "The journal's rows as they are hashed: the leaf is made of the SHA-256 of each",
    }),
  })
  .openapi('ReceiptBlock', {
    description:
      'Where the journal is sealed, and the proof: rows to leaf, leaf up the path to the Merkle root, header to hash',
  });

export const Receipt = z
  .strictObject({
    key: z.string(),
    journalId: z.string(),
    kind: z.string(),
    createdAt: Time,
    cause: Cause,
    event: CauseEvent.nullable().openapi({
      description: 'The event it answers; null when there is none, or no longer',
    }),
    workflowUrl: z
      .url()
      .nullable()
      .openapi({ description: 'The story in the Temporal Web UI; for operators' }),
    bodyHash: Hash.openapi({ description: 'What a repeat under the same key must agree with' }),
    deployment: z.strictObject({ name: z.string(), ledgerEpoch: z.number().int() }).nullable(),
    transfers: z.array(ReceiptTransfer),
    movements: z.array(ReceiptMovement),
    pinned: z.unknown(),
    economy: z.strictObject({ version: z.number().int(), hash: z.string() }).nullable(),
    rolls: z.array(Roll),
    recomputed: z.boolean().nullable().openapi({
      description:
        'Whether computing it again from seed, economy version and pinned inputs gave the same journal; null when nothing was computed for it',
    }),
    differences: z
      .array(z.strictObject({ what: z.string(), recomputed: z.unknown(), posted: z.unknown() }))
      .openapi({ description: 'What came out otherwise' }),
    block: SealedBlock.nullable(),
    blockMissing: Nullable.openapi({ description: 'Why there is no block' }),
  })
  .openapi('Receipt');
