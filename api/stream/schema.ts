import { z } from '@hono/zod-openapi';
import { Time } from '../schemas.ts';

/** What both forms of the stream carry: the event type says what `data` is. */
export const StreamEvent = z
  .strictObject({
    id: z.string(),
    type: z.string(),
    time: Time,
    data: z.unknown(),
    traceparent: z.string().optional(),
  })
  .openapi('StreamEvent');

export const StreamQuery = z.strictObject({
  lastEventId: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .openapi({ description: 'For browsers, which cannot send Last-Event-ID on a socket' }),
});

/** A reader that falls this far behind is let go; it comes back with its last event id. */
export const bufferedBytesMax = 1024 * 1024;
export const keepAliveMs = 25_000;
