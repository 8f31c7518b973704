import { z } from '@hono/zod-openapi';
import type { TopicInKafka } from '../../../events/catalogue/own-topics.ts';
import {
  ownTopicCharsMax,
  ownTopicForm,
  ownTopicPartitionsMax,
} from '../../../events/catalogue/own-topics.ts';
import { findTopic } from '../../../events/catalogue/topics.ts';
import type { Topic } from '../../../events/catalogue/topics.ts';
import type { OwnTopic } from '../../../store/own-topics/reads.ts';
import { Time } from '../../schemas.ts';

const hourMs = 3_600_000;
const retentionHoursMax = 90 * 24;
export const categories = ['gameplay', 'economy', 'social', 'analytics', 'operations', 'other'] as const;

/** Any topic, ours or others', dead letters too. */
export const TopicParam = z.strictObject({ name: z.string().regex(/^[a-z][a-z0-9.-]{0,150}$/) });

const Name = z
  .string()
  .max(ownTopicCharsMax)
  .regex(ownTopicForm, 'must be {domain}.{entity}, each of lower-case letters, digits and single hyphens')
  .openapi({ example: 'studio.quest' });
const Description = z.string().regex(/^[^\p{Cc}\p{Cs}]{1,300}$/u, 'must be 1 to 300 printable characters');
const PartitionCount = z.number().int().min(1).max(ownTopicPartitionsMax);
const RetentionHours = z.number().int().min(1).max(retentionHoursMax);
const Classification = z.enum(['internal', 'confidential']);

export const NewTopic = z
  .strictObject({
    name: Name,
    description: Description,
    partitionCount: PartitionCount.default(6),
    retentionHours: RetentionHours.default(168),
    category: z.enum(categories),
    classification: Classification.default('internal'),
    deadLetters: z.boolean().default(false),
  })
  .openapi('NewTopic');

export const TopicChange = z
  .strictObject({
    description: Description.optional(),
    retentionHours: RetentionHours.optional(),
    partitionCount: PartitionCount.optional().openapi({
      description: 'Only as it is: more partitions would reorder keys',
    }),
  })
  .openapi('TopicChange');

export const TopicView = z
  .strictObject({
    name: z.string(),
    description: z.string(),
    owner: z.string().openapi({ description: 'A team of ours, or the client that made it' }),
    origin: z.enum(['catalogue', 'client']),
    category: z.string().nullable(),
    classification: Classification,
    direction: z.enum(['out', 'in', 'own']),
    key: z.string().nullable().openapi({ description: 'Which id is the record key' }),
    partitionCount: z.number().int(),
    retentionHours: z.number(),
    recordBytesMax: z.number().int(),
    deadLetters: z.boolean(),
    types: z.array(z.string()),
  })
  .openapi('Topic');

export const TopicDetail = TopicView.extend({
  createdAt: Time.nullable(),
  kafka: z
    .strictObject({
      partitionCount: z.number().int(),
      replicationCount: z.number().int(),
      settings: z.record(z.string(), z.string()),
      partitions: z.array(
        z.strictObject({ partition: z.number().int(), startOffset: z.string(), endOffset: z.string() }),
      ),
      groups: z.array(z.strictObject({ group: z.string(), memberCount: z.number().int(), lag: z.string() })),
    })
    .nullable()
    .openapi({ description: 'As Kafka has it; null where Kafka has none' }),
}).openapi('TopicDetail');

/** A topic's types, from the subjects that name it. */
export const typesOf = (topic: string, subjects: readonly string[]): string[] =>
  subjects
    .filter((subject) => subject.startsWith(`${topic}-${topic}.`))
    .map((subject) => subject.slice(topic.length + 1));

export const viewOfOurs = (topic: Topic, subjects: readonly string[]) => ({
  name: topic.name,
  description: topic.description,
  owner: topic.owner,
  origin: 'catalogue' as const,
  category: null,
  classification: topic.classification,
  direction: topic.direction,
  key: topic.key,
  partitionCount: topic.partitionCount,
  retentionHours: topic.retentionMs / hourMs,
  recordBytesMax: topic.recordBytesMax,
  deadLetters: topic.deadLetters,
  types: typesOf(topic.name, subjects),
});

export const viewOfOwn = (topic: OwnTopic, subjects: readonly string[]) => ({
  name: topic.name,
  description: topic.description,
  owner: topic.ownerClientId,
  origin: 'client' as const,
  category: topic.category,
  classification: topic.classification,
  direction: 'own' as const,
  key: null,
  partitionCount: topic.partitionCount,
  retentionHours: topic.retentionMs / hourMs,
  recordBytesMax: topic.recordBytesMax,
  deadLetters: topic.deadLetters,
  types: typesOf(topic.name, subjects),
});

export const viewOfKafka = (seen: TopicInKafka | undefined) =>
  seen === undefined
    ? null
    : {
        partitionCount: seen.partitionCount,
        replicationCount: seen.replicationCount,
        settings: seen.settings,
        partitions: seen.partitions.map(({ partition, startOffset, endOffset }) => ({
          partition,
          startOffset: startOffset.toString(),
          endOffset: endOffset.toString(),
        })),
        groups: seen.groups.map(({ group, memberCount, lag }) => ({
          group,
          memberCount,
          lag: lag.toString(),
        })),
      };

export const isOurs = (name: string): boolean => findTopic(name) !== undefined;
export const toMs = (hours: number): number => hours * hourMs;
