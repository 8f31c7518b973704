import { z } from '@hono/zod-openapi';

/** Shapes that many resources share. */
const amountMax = 2n ** 63n - 1n;

const inRange = (text: string): boolean => text.length < 19 || BigInt(text) <= amountMax;

/** An amount that moves something: a positive integer as a decimal string, at most 2^63 - 1. */
export const PositiveAmount = z
  .string()
  .regex(
    /^[1-9][0-9]{0,18}$/,
    'must be a positive integer as a decimal string, without sign or leading zeros',
  )
  .refine((text) => !/^[0-9]{19}$/.test(text) || inRange(text), 'must be at most 9223372036854775807')
  .openapi('PositiveAmount', { example: '250' });

/** An amount that may be nothing. */
export const Amount = z
  .string()
  .regex(/^(0|[1-9][0-9]{0,18})$/, 'must be an integer as a decimal string, without sign or leading zeros')
  .refine((text) => !/^[0-9]{19}$/.test(text) || inRange(text), 'must be at most 9223372036854775807')
  .openapi('Amount', { example: '1200' });

/** Ids are opaque; this is only the shape of those we make. */
export const Id = z
  .string()
  .regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'must be an id')
  .openapi('Id', { example: '0199f3a2-7a1c-7c3e-9b57-1f3a6de0c001' });

export const Time = z.iso.datetime().openapi('Time', { example: '2026-11-21T12:00:00.000Z' });

/** A code of the economy file: an asset, a kind, a table. */
export const Code = z
  .string()
  .regex(/^[a-z][a-z0-9_.-]{0,63}$/, 'must be a code of the economy')
  .openapi('Code', { example: 'gold' });

/** The client's own id of a value-moving call, unique for ever per client. */
export const Reference = z
  .string()
  .regex(/^[\x21-\x7e]{1,200}$/, 'must be 1 to 200 printable characters without spaces')
  .openapi('Reference');

/** Why an operator did something: kept with the deed. */
export const Reason = z
  .string()
  .regex(/^[^\p{Cc}\p{Cs}]{1,500}$/u, 'must be 1 to 500 characters without control characters')
  .openapi('Reason');

export const Issuer = z.string().min(1).max(255);
export const Subject = z.string().min(1).max(255);

/** A player as a game server knows them, or by our own id. */
export const PlayerRef = z
  .union([z.strictObject({ issuer: Issuer, subject: Subject }), z.strictObject({ id: Id })])
  .openapi('PlayerRef');

export const limitCountMax = 100;
export const Limit = z
  .string()
  .regex(/^([1-9][0-9]?|100)$/, 'must be 1 to 100')
  .transform(Number)
  .optional()
  .openapi({
    param: { name: 'limit', in: 'query' },
    type: 'integer',
    minimum: 1,
    maximum: limitCountMax,
    default: 50,
  });
export const Cursor = z.string().min(1).max(1_000).optional();

/** One page of anything. */
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.strictObject({ items: z.array(item), nextCursor: z.string().nullable() });

export const Problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    code: z.string(),
    detail: z.string(),
    errors: z.array(z.strictObject({ pointer: z.string(), detail: z.string() })).optional(),
    canRetry: z.boolean(),
    requestId: z.string(),
    traceId: z.string(),
  })
  .openapi('Problem');

/** What clients of schema registries read instead. */
export const RegistryProblem = z
  .object({ error_code: z.number().int(), message: z.string() })
  .openapi('RegistryProblem');
