import { z } from '@hono/zod-openapi';
import { LootError } from '../../../domain/errors.ts';
import type { JsonValue } from '../../../domain/canonical-json.ts';
import type { ClientEvent } from '../../../events/publish/prepare.ts';
import { sourceOfClient } from '../../../events/publish/ids.ts';
import { readEventStatus } from '../../../events/publish/status.ts';
import { service } from '../../auth/policy.ts';
import type { Client } from '../../auth/policy.ts';
import { mayRead } from '../../auth/topics.ts';
import { defineRoute } from '../../define-route.ts';
import type { Call } from '../../http.ts';
import { pointersOf, presentEvents, publishEvents } from './publish-events.ts';
import { CloudEvent, EventId, EventStatus, Published, bodyBytesMax, oneOrMany } from './schema.ts';

const common = { tag: 'events' } as const;
const Body = oneOrMany(CloudEvent);
type Publishing = Call<unknown, unknown, z.infer<typeof Body>> & { principal: Client };

const publish = defineRoute(
  {
    ...common,
    method: 'post',
    path: '/v1/events',
    operationId: 'publishEvents',
    summary: 'Publish a CloudEvent, or up to 500: all are checked, then all are sent',
    auth: service('events:write'),
    mutation: 'keyed',
    limit: 'publish',
    bodyBytesMax,
    bodyTypes: ['application/cloudevents+json', 'application/cloudevents-batch+json'],
    body: Body,
    answers: {
      200: { description: 'Every replica of Kafka has them', schema: Published },
      202: { description: 'Stored here; sent as soon as Kafka takes them', schema: Published },
    },
    errors: ['payload_too_large', 'outcome_unknown'],
  },
  (call) => publishEvents(call, ...readBody(call)),
  (call) => presentEvents(call, ...readBody(call)),
);

function readBody({ body, principal, derivedId, deps }: Publishing) {
  const isBatch = Array.isArray(body);
  const pointerOf = pointersOf(isBatch);
  const source = sourceOfClient(principal.clientId);
  const events = (isBatch ? body : [body]).map((event, index): ClientEvent => {
    if (event.source !== undefined && event.source !== source)
      throw new LootError('validation_failed', 'The source of your events is set from your API key.', {
        errors: [{ pointer: pointerOf(index, ['source']), detail: `must be ${source}, or absent` }],
      });
    return {
      id: event.id ?? derivedId(`event ${index}`),
      type: event.type,
      topic: event.topic,
      subject: event.subject,
      partitionkey: event.partitionkey,
      time: new Date(event.time ?? deps.nowMs()),
      context: {
        ...(event.correlationid !== undefined && { correlationId: event.correlationid }),
        ...(event.causationid !== undefined && { causationId: event.causationid }),
      },
      data: (event.data ?? null) as JsonValue,
    };
  });
  return [events, pointerOf] as const;
}

const status = defineRoute(
  {
    ...common,
    method: 'get',
    path: '/v1/events/{id}',
    operationId: 'readEvent',
    summary: 'Where an event is, and what each consumer group has made of it',
    auth: service('events:read'),
    mutation: false,
    limit: 'read',
    params: z.strictObject({ id: EventId }),
    query: z.strictObject({
      source: z
        .string()
        .min(1)
        .max(255)
        .optional()
        .openapi({ description: 'Default: one of yours, else one that Lootledger told' }),
    }),
    answers: { 200: { description: 'Its life so far', schema: EventStatus } },
  },
  async ({ deps, principal, params: { id }, query: { source } }) => {
    const { broker, origin } = deps.events ?? {};
    const own = sourceOfClient(principal.clientId);
    const sources = source === undefined ? [own, ...(origin ? [origin.source] : [])] : [source];
    const found = await readEventStatus({ db: deps.db, broker, origin }, id, sources);
    if (found === undefined || !(found.source === own || mayRead(principal, found.topic)))
      throw new LootError('not_found', 'There is no such event, or it is older than its topic keeps.');
    return { status: 200, body: found };
  },
);

export const eventRoutes = [publish, status];
