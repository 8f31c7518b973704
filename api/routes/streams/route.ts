import { z } from '@hono/zod-openapi';
import { LootError } from '../../../domain/errors.ts';
import { findStream, streams } from '../../../events/streams/streams.ts';
import type { Stream } from '../../../events/streams/streams.ts';
import type { Principal } from '../../auth/policy.ts';
import { playerOrClient } from '../../auth/policy.ts';
import { assertMayRead, mayRead } from '../../auth/topics.ts';
import { defineRoute } from '../../define-route.ts';
import { EventPatterns } from '../../event-filter.ts';
import { followStream } from '../../stream/follow.ts';

const common = {
  method: 'get',
  tag: 'streams',
  auth: playerOrClient('streams:read'),
  mutation: false,
  limit: 'read',
} as const;

const StreamView = z
  .strictObject({
    name: z.string(),
    description: z.string(),
    types: z.array(z.string()).openapi({ description: 'Event types it tells; `.*` stands for all' }),
    audience: z.enum(['public', 'topics']).openapi({
      description: '`public`: anyone signed in; `topics`: keys that may read its topics',
    }),
  })
  .openapi('NamedStream');

const list = defineRoute(
  {
    ...common,
    path: '/v1/streams',
    operationId: 'listStreams',
    summary: 'The streams the caller may follow',
    answers: {
      200: {
        description: 'Streams',
        schema: z.strictObject({ streams: z.array(StreamView) }).openapi('NamedStreams'),
      },
    },
  },
  async ({ principal }) => ({
    status: 200,
    body: { streams: streams.filter((stream) => mayFollow(principal, stream)).map(viewOf) },
  }),
);

const follow = defineRoute(
  {
    ...common,
    path: '/v1/streams/{name}',
    operationId: 'followStream',
    summary: 'Events as they happen, as server-sent events; Last-Event-ID resumes',
    params: z.strictObject({ name: z.string().min(1).max(100) }),
    query: z.strictObject({
      types: EventPatterns.optional().openapi({ description: 'Only these: types or beginnings, by comma' }),
    }),
    answers: {
      200: {
        description:
          'One structured CloudEvent per `data` line, its place as `id`; `event: dropped` says why the stream ends',
        schema: z.record(z.string(), z.unknown()),
        contentType: 'text/event-stream',
      },
    },
    errors: ['not_found', 'forbidden', 'validation_failed', 'overloaded', 'dependency_unavailable'],
  },
  async ({ deps, http, principal, params, query }) => {
    const stream = findStream(params.name);
    if (stream === undefined) throw new LootError('not_found', 'There is no stream of this name.');
    assertMayFollow(principal, stream);
    return followStream(deps, http, { principal, stream, types: query.types });
  },
);

export const streamsRoutes = [list, follow];

function mayFollow(principal: Principal, { audience, topics }: Stream): boolean {
  return (
    audience === 'public' ||
    (principal.type === 'client' && topics.every((topic) => mayRead(principal, topic)))
  );
}

/** Throws `forbidden`. */
function assertMayFollow(principal: Principal, stream: Stream): void {
  if (mayFollow(principal, stream)) return;
  if (principal.type === 'player')
    throw new LootError('forbidden', `The stream ${stream.name} is not for players.`);
  for (const topic of stream.topics) assertMayRead(principal, topic);
}

const viewOf = ({ name, description, types, audience }: Stream) => ({
  name,
  description,
  types: [...types],
  audience,
});
