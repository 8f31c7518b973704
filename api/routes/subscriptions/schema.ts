import { z } from '@hono/zod-openapi';
import { EventFilterBody } from '../../event-filter.ts';
import { Cursor, Id, Limit, Time, pageOf } from '../../schemas.ts';

const hourMs = 3_600_000;
const Pattern = z
  .string()
  .max(200)
  .regex(/^(\*|[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)*(\.\*)?)$/, 'a name, or the beginning of several and .*');
const Topic = z
  .string()
  .max(200)
  .regex(/^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)+$/, "a topic's name");

const Batching = z.strictObject({
  maxEvents: z.number().int().min(1).max(500),
  maxWaitMs: z.number().int().min(0).max(60_000),
});

const settings = {
  description: z
    .string()
    .regex(/^[^\p{Cc}\p{Cs}]{0,200}$/u, 'must be at most 200 characters without control characters')
    .default(''),
  topicPattern: Pattern,
  types: z.array(Pattern).max(50).default([]),
  filter: EventFilterBody.default({}),
  url: z.string().min(1).max(2_048).optional(),
  targetTopic: Topic.optional(),
  maxRetries: z.number().int().min(0).max(20).default(8),
  retryDelayMs: z.number().int().min(100).max(hourMs).default(5_000),
  ratePerMinute: z.number().int().min(1).max(60_000).nullable().default(null),
  batching: Batching.default({ maxEvents: 1, maxWaitMs: 0 }),
  ackRequired: z.boolean().default(true),
};

export const Method = z.enum(['webhook', 'sse', 'kafka']);

export const NewSubscription = z
  .strictObject({
    ...settings,
    method: Method,
    start: z.union([z.literal('now'), Time]).default('now'),
  })
  .openapi('NewSubscription');

/** Everything but the method and where it began. */
export const SubscriptionChange = z.strictObject(settings).openapi('SubscriptionChange');

const shown = {
  subscriptionId: Id,
  clientId: z.string(),
  description: z.string(),
  topicPattern: z.string(),
  types: z.array(z.string()),
  filter: EventFilterBody,
  method: Method,
  url: z.string().nullable(),
  targetTopic: z.string().nullable(),
  maxRetries: z.number().int(),
  retryDelayMs: z.number().int(),
  ratePerMinute: z.number().int().nullable(),
  batching: Batching,
  ackRequired: z.boolean(),
  startsAt: Time,
  state: z.enum(['active', 'paused', 'disabled']),
  stateReason: z.string().nullable(),
  createdAt: Time,
  updatedAt: Time,
  workflowId: z.string().nullable(),
  workflowUrl: z.url().nullable(),
};

export const SubscriptionView = z.strictObject(shown).openapi('Subscription');
export const CreatedSubscription = z
  .strictObject({
    ...shown,
    secret: z.string().nullable().openapi({ description: 'Verifies webhooks; shown this once' }),
  })
  .openapi('CreatedSubscription');
export const Subscriptions = pageOf(SubscriptionView).openapi('Subscriptions');

export const NewSecret = z
  .strictObject({
    graceMs: z
      .number()
      .int()
      .min(0)
      .max(7 * 24 * hourMs)
      .default(24 * hourMs),
  })
  .openapi('NewWebhookSecret', { description: 'For so long the secret before it signs, too' });
export const SecretView = z.strictObject({ secret: z.string() }).openapi('WebhookSecret');

const DeliveryState = z.enum(['pending', 'delivered', 'failed']);
export const DeliveryView = z
  .strictObject({
    deliveryId: Id,
    kind: z.enum(['events', 'ping']),
    state: DeliveryState,
    attempts: z.number().int(),
    eventIds: z.array(z.string()),
    responseCode: z.number().int().nullable(),
    durationMs: z.number().int().nullable(),
    error: z.string().nullable(),
    nextAttemptAt: Time.nullable(),
    lastAttemptAt: Time.nullable(),
    endedAt: Time.nullable(),
    createdAt: Time,
  })
  .openapi('Delivery');
export const Deliveries = pageOf(DeliveryView).openapi('Deliveries');

export const SubscriptionParams = z.strictObject({ subscriptionId: Id });
export const DeliveryParams = z.strictObject({ subscriptionId: Id, deliveryId: Id });
export const SubscriptionQuery = z.strictObject({ limit: Limit, cursor: Cursor });
export const DeliveryQuery = z.strictObject({
  state: DeliveryState.optional(),
  limit: Limit,
  cursor: Cursor,
});
