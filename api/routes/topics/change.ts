import { z } from '@hono/zod-openapi';
import type { JsonValue } from '../../../domain/canonical-json.ts';
import { LootError } from '../../../domain/errors.ts';
import { deleteOwnTopic } from '../../../events/catalogue/delete-own-topic.ts';
import {
  createInKafka,
  isInKafka,
  setRetentionInKafka,
  whyNoOwnTopic,
} from '../../../events/catalogue/own-topics.ts';
import { appendAudit } from '../../../store/audit/append-audit.ts';
import type { Queryable, Tx } from '../../../store/db.ts';
import { alterOwnTopic } from '../../../store/own-topics/alter-own-topic.ts';
import { createOwnTopic } from '../../../store/own-topics/create-own-topic.ts';
import { findOwnTopic } from '../../../store/own-topics/reads.ts';
import type { OwnTopic } from '../../../store/own-topics/reads.ts';
import { readSubjects } from '../../../store/schemas/reads.ts';
import { operator, principalName } from '../../auth/policy.ts';
import type { Client } from '../../auth/policy.ts';
import { assertMayPublish } from '../../auth/topics.ts';
import { defineRoute } from '../../define-route.ts';
import { eventsOf } from '../../events-of.ts';
import type { Call } from '../../http.ts';
import { NewTopic, TopicChange, TopicParam, TopicView, isOurs, toMs, viewOfOwn } from './schemas.ts';

/**
 * The row is written first and is the truth of what was agreed; Kafka follows. A request that broke in between is sent again
 * and finishes.
 */
const common = {
  tag: 'topics',
  auth: operator('topics:write'),
  mutation: 'keyed',
  limit: 'write',
} as const;

const recordBytesMax = 1_048_576;

const create = defineRoute(
  {
    ...common,
    method: 'post',
    path: '/v1/topics',
    operationId: 'createTopic',
    summary: 'Make a topic for your own events, under a name your key may publish to',
    body: NewTopic,
    answers: { 201: { description: 'The topic', schema: TopicView } },
    errors: ['topic_exists', 'limit_exceeded'],
  },
  async (call) => {
    const { deps, principal, body } = call;
    const { broker } = eventsOf(deps);
    const why = whyNoOwnTopic(body.name);
    if (why !== undefined) throw invalid('/name', why);
    assertMayPublish(principal, body.name);
    const { retentionHours, ...agreed } = body;
    const topic = {
      ...agreed,
      retentionMs: toMs(retentionHours),
      ownerClientId: principal.clientId,
      recordBytesMax,
    };
    // without a row of ours it is somebody else's, and not ours to give, alter or delete
    if ((await isInKafka(broker, body.name)) && (await findOwnTopic(deps.db, body.name)) === undefined)
      throw new LootError(
        'topic_exists',
        `Kafka has a topic ${body.name} that was not made here, or is being deleted.`,
      );
    const created = await deps.db.transaction(async (tx) => {
      const row = await createOwnTopic(tx, topic);
      if (!row.replayed) await audit(tx, call, 'topic.created', body.name, body);
      return row;
    });
    await createInKafka(broker, created, deps.config.KAFKA_REPLICATION_COUNT);
    return { status: 201, body: viewOfOwn(created, await readSubjects(deps.db)) };
  },
);

const alter = defineRoute(
  {
    ...common,
    method: 'put',
    path: '/v1/topics/{name}',
    operationId: 'alterTopic',
    summary: 'Change what a topic of yours says of itself and how long it keeps; what you leave out stays',
    params: TopicParam,
    body: TopicChange,
    answers: { 200: { description: 'As it is now', schema: TopicView } },
  },
  async (call) => {
    const { deps, principal, params, body } = call;
    const { broker } = eventsOf(deps);
    const topic = await ownedBy(deps.db, principal, params.name);
    if (body.partitionCount !== undefined && body.partitionCount !== topic.partitionCount)
      throw invalid(
        '/partitionCount',
        `stays ${topic.partitionCount}: with more partitions a key's later events would go elsewhere and overtake`,
      );
    const change = {
      ...(body.description !== undefined && { description: body.description }),
      ...(body.retentionHours !== undefined && { retentionMs: toMs(body.retentionHours) }),
    };
    await deps.db.transaction(async (tx) => {
      await alterOwnTopic(tx, topic.name, change);
      await audit(tx, call, 'topic.altered', topic.name, change);
    });
    if (change.retentionMs !== undefined) await setRetentionInKafka(broker, topic.name, change.retentionMs);
    return { status: 200, body: viewOfOwn({ ...topic, ...change }, await readSubjects(deps.db)) };
  },
);

const remove = defineRoute(
  {
    ...common,
    method: 'delete',
    path: '/v1/topics/{name}',
    operationId: 'deleteTopic',
    summary: 'Delete a topic of yours that nothing needs any more, with everything in it; say its name twice',
    params: TopicParam,
    query: z.strictObject({
      confirm: z.string().max(200).openapi({ description: 'The name again' }),
    }),
    answers: { 204: { description: 'Deleted' } },
    errors: ['topic_in_use'],
  },
  async (call) => {
    const { deps, principal, params, query, derivedId } = call;
    const { name } = params;
    assertNotOurs(name);
    if (query.confirm !== name)
      throw invalid('/query/confirm', 'must be the name of the topic: its events cannot be brought back');
    await deleteOwnTopic(
      { db: deps.db, broker: eventsOf(deps).broker },
      {
        name,
        clientId: principal.clientId,
        deletionId: derivedId(),
        audit: (tx, detail) => audit(tx, call, 'topic.deleted', name, detail),
      },
    );
    return { status: 204 };
  },
);

const invalid = (pointer: string, detail: string): LootError =>
  new LootError('validation_failed', `The request is not valid: ${pointer} ${detail}.`, {
    errors: [{ pointer, detail }],
  });

function assertNotOurs(name: string): void {
  if (isOurs(name)) throw new LootError('forbidden', `${name} comes with Lootledger.`);
}

/** Ours come with the build, and others' are theirs. Throws `forbidden` or `not_found`. */
async function ownedBy(db: Queryable, { clientId }: Client, name: string): Promise<OwnTopic> {
  assertNotOurs(name);
  const topic = await findOwnTopic(db, name);
  if (topic === undefined) throw new LootError('not_found', `There is no topic ${name}.`);
  if (topic.ownerClientId !== clientId)
    throw new LootError('forbidden', `${name} belongs to another client.`);
  return topic;
}

const audit = (
  tx: Tx,
  {
    principal,
    eventContext,
    requestId,
  }: Pick<Call<unknown, unknown, unknown>, 'eventContext' | 'requestId'> & {
    principal: Client;
  },
  action: string,
  topic: string,
  detail: JsonValue,
): Promise<void> =>
  appendAudit(
    tx,
    { actor: principalName(principal), action, target: `topic:${topic}`, detail },
    { ...eventContext, requestId },
  );

export const topicChangeRoutes = [create, alter, remove];
