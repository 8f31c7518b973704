import { z } from '@hono/zod-openapi';
import { EventFilterBody } from '../../event-filter.ts';
import { Cursor, Id, Limit, Time, pageOf } from '../../schemas.ts';

const TopicName = z.string().regex(/^[a-zA-Z0-9._-]{1,249}$/, 'must be the name of a topic');
const Name = z.string().regex(/^[a-z][a-z0-9-]{0,40}$/, 'must be 1 to 41 letters, digits or dashes');
const Offsets = z
  .record(
    z.string().regex(/^(0|[1-9][0-9]{0,5})$/, 'must be a partition'),
    z.string().regex(/^(0|[1-9][0-9]{0,17})$/, 'must be an offset as a decimal string'),
  )
  .refine((offsets) => Object.keys(offsets).length > 0, 'must name a partition');
const Point = z.union([Time, z.strictObject({ offsets: Offsets })]).openapi('ReplayPoint', {
  description: "A time by Kafka's clock, or an offset for each partition that is to be read",
});

const Target = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('topic'), topic: TopicName.optional() }),
    z.strictObject({ kind: z.literal('handler'), group: Name, mode: z.enum(['shadow', 'real']) }),
    z.strictObject({
      kind: z.literal('projection'),
      projection: Name,
      into: Name,
      reset: z.boolean().optional(),
    }),
    z.strictObject({ kind: z.literal('subscription'), subscriptionId: Id }),
  ])
  .openapi('ReplayTarget', {
    description:
      "A topic of its own (default: `<topic>.replay`), a group's handler in shadow or for real, a fresh projection, or a subscription",
  });

export const NewReplay = z
  .strictObject({
    topic: TopicName,
    from: Point,
    to: Point,
    filter: EventFilterBody.optional(),
    target: Target,
    rate: z.number().int().min(1).max(1_000_000).optional().openapi({ description: 'Events per second' }),
  })
  .openapi('NewReplay');

export const ReplayParams = z.strictObject({ replayId: Id });
export const ReplayQuery = z.strictObject({ limit: Limit, cursor: Cursor });

const Count = z.number().int();
export const Replay = z
  .strictObject({
    replayId: Id,
    topic: z.string(),
    from: Point,
    to: Point,
    filter: EventFilterBody,
    target: Target,
    rate: z.number().int().nullable(),
    requestedBy: z.string(),
    state: z.enum(['pinning', 'running', 'paused', 'completed', 'cancelled', 'failed']),
    reason: z.string().nullable().openapi({ description: 'Why it failed' }),
    progress: z
      .strictObject({
        percent: Count,
        totalCount: Count.openapi({ description: 'Offsets of the window; some may hold no event' }),
        doneCount: Count,
        eventsPerSecond: Count.nullable(),
        etaSeconds: Count.nullable(),
      })
      .openapi('ReplayProgress'),
    matchedCount: Count,
    handledCount: Count,
    duplicateCount: Count,
    failedCount: Count,
    warnings: z.array(z.string()),
    failures: z
      .array(
        z.strictObject({
          partition: Count,
          offset: z.string(),
          eventId: z.string().nullable(),
          type: z.string().nullable(),
          errorClass: z.string(),
          errorMessage: z.string(),
        }),
      )
      .openapi({ description: 'The first events that the target did not take' }),
    createdAt: Time,
    endedAt: Time.nullable(),
    workflowId: z.string(),
    workflowUrl: z.url(),
  })
  .openapi('Replay');

export const Replays = pageOf(Replay).openapi('Replays');
