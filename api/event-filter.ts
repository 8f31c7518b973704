import { z } from '@hono/zod-openapi';

const Pattern = z
  .string()
  .max(200)
  .regex(
    /^(\*|[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)*(\.\*)?)$/,
    'an event type, or the beginning of one and .*',
  );

/** `EventFilter` of `domain/event-filter.ts`, as callers write it. */
export const EventFilterBody = z
  .strictObject({
    types: z.array(Pattern).min(1).max(50).optional(),
    key: z.string().min(1).max(1_024).optional(),
    subject: z.string().min(1).max(1_024).optional(),
    headers: z
      .record(z.string().regex(/^[a-z][a-z0-9_-]{0,63}$/), z.string().max(1_024))
      .refine((headers) => Object.keys(headers).length <= 20, 'at most 20 headers')
      .optional(),
  })
  .openapi('EventFilter', { description: 'Every member that is given must hold; headers by equality' });

/** Types or their beginnings, separated by commas: as a query parameter writes them. */
export const EventPatterns = z
  .string()
  .min(1)
  .max(2_000)
  .transform((text) => text.split(','))
  .pipe(z.array(Pattern).max(50));
