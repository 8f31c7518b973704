import { z } from '@hono/zod-openapi';
import { Code, Time } from '../../schemas.ts';

/** A sum of amounts: it may be larger than any one of them. */
const Sum = z.string().regex(/^(0|[1-9][0-9]*)$/);
const SignedSum = z.string().regex(/^(0|-?[1-9][0-9]*)$/);

export const FlowQuery = z.strictObject({
  from: Time.openapi({ description: 'The bucket it lies in is the first one' }),
  to: Time.openapi({
    description: 'The bucket it lies in is the last one; at the edge of one, the one before',
  }),
  bucket: z.enum(['hour', 'day']).default('hour').openapi({ description: 'UTC hours or days' }),
  asset: Code.optional(),
});

export const Flow = z
  .strictObject({
    purpose: z.enum(['wallet', 'mailbox', 'source', 'sink', 'fee', 'clearing', 'debt']),
    role: z.string().openapi({ description: "The economy's role; `player` for all players together" }),
    code: z.string(),
    debited: Sum,
    credited: Sum,
    transferCount: z.string(),
  })
  .openapi('Flow');

export const FlowBucket = z
  .strictObject({
    start: Time,
    minted: Sum.openapi({ description: 'Entered circulation: debits of sources and sinks' }),
    burned: Sum.openapi({ description: 'Left circulation: credits of sinks and sources' }),
    net: SignedSum.openapi({ description: 'minted - burned' }),
    fees: Sum.openapi({ description: 'Credited to fee accounts; it stays in circulation' }),
    spent: Sum.openapi({ description: "Left players' wallets, wherever to" }),
    supply: SignedSum.openapi({
      description: 'In circulation at the end of the bucket: the sum of all net so far',
    }),
    velocity: z.number().nullable().openapi({ description: 'spent / supply; null when there is none' }),
    holders: z.int().nullable().openapi({
      description:
        'Players with some of it in their wallet, as last measured in the bucket; null: not measured',
    }),
    topDecileShare: z.number().nullable().openapi({
      description: 'Share of what all wallets hold that the richest tenth of the holders has, 0 to 1',
    }),
    flows: z.array(Flow),
  })
  .openapi('FlowBucket');

export const Flows = z
  .strictObject({
    from: Time,
    to: Time,
    bucket: z.enum(['hour', 'day']),
    upToJournalId: z.string().openapi({ description: 'The journal these numbers reach' }),
    assets: z.array(z.strictObject({ asset: Code, buckets: z.array(FlowBucket) })),
  })
  .openapi('Flows');
