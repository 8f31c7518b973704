import { z } from '@hono/zod-openapi';
import { Time } from '../../schemas.ts';

export const eventCountMax = 500;
export const bodyBytesMax = 1_048_576;

export const EventId = z
  .string()
  .regex(/^[\x21-\x7e]{1,255}$/, 'must be 1 to 255 printable characters without spaces')
  .openapi('EventId', { description: 'Unique among the events of its source' });

const word = '[a-z][a-z0-9-]*';
const EventTypeName = z
  .string()
  .max(200)
  .regex(
    new RegExp(`^${word}\\.${word}\\.${word}\\.v[1-9][0-9]{0,3}$`),
    'must be {domain}.{entity}.{action}.v{n}',
  )
  .openapi({ example: 'arcade.level.completed.v1' });
const TopicName = z
  .string()
  .max(200)
  .regex(new RegExp(`^${word}(\\.${word})*$`), 'must be a topic: lower-case words with dots between')
  .openapi({ example: 'arcade.level' });
const Name = z.string().min(1).max(255);
const Key = z.string().min(1).max(1_024);

/** The event's own time; with an offset, for CloudEvents allows one. */
export const EventTime = z.iso.datetime({ offset: true }).openapi({ example: '2026-11-21T12:00:00.000Z' });

/** CloudEvents 1.0, structured. What is not named here is refused, not dropped. */
export const CloudEvent = z
  .strictObject({
    specversion: z.literal('1.0'),
    id: EventId.optional().openapi({
      description: 'Default: made from your Idempotency-Key. Consumers drop a second event with the same id',
    }),
    source: Name.optional().openapi({
      description: 'Set from your API key: `/clients/{clientId}`. Another one is refused',
    }),
    type: EventTypeName,
    topic: TopicName.optional().openapi({
      description: 'Where a type of yours goes. Default: the topic called like its first two words',
    }),
    subject: Key.optional(),
    partitionkey: Key.optional().openapi({
      description: 'Events of one key stay in order. Default: the subject',
    }),
    time: EventTime.optional(),
    datacontenttype: z.literal('application/json').optional(),
    correlationid: Name.optional(),
    causationid: Name.optional(),
    data: z.unknown().openapi({ description: "What the type's newest schema describes" }),
  })
  .openapi('CloudEvent');
export type CloudEvent = z.infer<typeof CloudEvent>;

export const oneOrMany = <T extends z.ZodType>(one: T) =>
  z.union([one, z.array(one).min(1).max(eventCountMax)]);

export const Published = z
  .strictObject({
    status: z.enum(['published', 'stored']),
    events: z.array(
      z.strictObject({
        id: EventId,
        source: z.string(),
        type: z.string(),
        topic: z.string(),
        partition: z.number().int().nullable(),
        offset: z.string().nullable(),
      }),
    ),
  })
  .openapi('PublishedEvents', {
    description: 'In the order given; partition and offset are null while an event is only stored',
  });

const GroupStatus = z.enum([
  'handled',
  'retrying',
  'dead',
  'discarded',
  'parked',
  'waiting',
  'passed',
  'unknown',
]);

export const EventStatus = z
  .strictObject({
    id: EventId,
    source: z.string(),
    type: z.string(),
    topic: z.string(),
    key: z.string().nullable(),
    status: z.enum(['stored', 'refused', 'published']),
    storedAt: Time,
    outbox: z
      .strictObject({
        ahead: z.number().int().openapi({ description: 'Events of the same shard before it; at most 10000' }),
        error: z.string().nullable(),
      })
      .nullable(),
    published: z.strictObject({ partition: z.number().int(), offset: z.string(), at: Time }).nullable(),
    groups: z.array(
      z.strictObject({
        group: z.string(),
        status: GroupStatus,
        at: Time.nullable(),
        attempts: z.number().int().nullable(),
        error: z.string().nullable(),
        deadLetterId: z.string().nullable(),
      }),
    ),
  })
  .openapi('EventStatus');
