import { z } from '@hono/zod-openapi';
import { Time } from '../../schemas.ts';

const Rate = z.number().min(0);
const Count = z.string().regex(/^[0-9]+$/);

const TopicStats = z.strictObject({ topic: z.string(), total: Count, perSecond: Rate });
const GroupStats = z.strictObject({
  group: z.string(),
  topic: z.string(),
  processCount: z.number().int(),
  handled: Count,
  failed: Count,
  dead: Count,
  perSecond: Rate,
  errorRate: Rate,
  processingMs: z.strictObject({ mean: Rate.nullable(), recentMean: Rate.nullable() }),
  lag: Count.nullable(),
  lagSeconds: Rate.nullable(),
  reportedAt: Time,
});

export const Stats = z
  .strictObject({
    asOf: Time,
    kafka: z.enum(['answers', 'silent']),
    published: z
      .strictObject({ total: Count, perSecond: Rate })
      .nullable()
      .openapi({ description: 'From Kafka: end offsets, and what came in the last 60 s' }),
    consumed: z
      .strictObject({ total: Count, failed: Count, dead: Count, perSecond: Rate, errorRate: Rate })
      .openapi({ description: 'From what the consumers report every 5 s' }),
    outbox: z.strictObject({ waiting: z.number().int(), oldestSeconds: Rate }),
    deadLetters: z.strictObject({ waiting: z.number().int(), parkedKeys: z.number().int() }),
    topicCount: z.strictObject({ ours: z.number().int(), own: z.number().int() }),
    subscriptions: z.strictObject({
      active: z.number().int(),
      paused: z.number().int(),
      disabled: z.number().int(),
    }),
    topics: z.array(TopicStats).openapi({ description: 'Those that the key may read' }),
    groups: z.array(GroupStats).openapi({ description: 'Of the topics that the key may read' }),
  })
  .openapi('Stats');
export type Stats = z.infer<typeof Stats>;
