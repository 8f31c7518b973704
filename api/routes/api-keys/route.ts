import { createHmac } from 'node:crypto';
import { z } from '@hono/zod-openapi';
import { LootError } from '../../../domain/errors.ts';
import { matchesPattern } from '../../../domain/event-filter.ts';
import { confidentialTopics } from '../../../events/catalogue/topics.ts';
import { createApiKey } from '../../../store/api-keys/create-api-key.ts';
import { listApiKeys } from '../../../store/api-keys/reads.ts';
import { revokeApiKey } from '../../../store/api-keys/revoke-api-key.ts';
import type { Queryable } from '../../../store/db.ts';
import { listOwnTopics } from '../../../store/own-topics/reads.ts';
import { appendAudit } from '../../../store/audit/append-audit.ts';
import { hashSecret } from '../../auth/authenticate.ts';
import { operator, principalName, scopes } from '../../auth/policy.ts';
import type { Client } from '../../auth/policy.ts';
import { beyondOwn, isForAllTopics, topicPatternForm } from '../../auth/topics.ts';
import { defineRoute } from '../../define-route.ts';
import type { Services } from '../../deps.ts';
import { eventsPerSecondDefault } from '../../middleware/rate-limit.ts';
import { pageOfRows, readPage } from '../../pages.ts';
import { Cursor, Id, Limit, Time, pageOf } from '../../schemas.ts';

const ClientId = z.string().regex(/^[a-z][a-z0-9-]{1,62}$/, 'must be a lower-case name');
const Scopes = z.array(z.enum(scopes)).min(1).max(scopes.length);
const topicPatternCountMax = 50;
const TopicPatterns = z
  .array(z.string().max(200).regex(topicPatternForm, 'a topic, the beginning of several and .*, or *'))
  .max(topicPatternCountMax);
const Topics = z
  .strictObject({ publish: TopicPatterns.default([]), read: TopicPatterns.default([]) })
  .openapi('TopicPermissions');
const PublishPerSecond = z.number().int().min(1).max(1_000_000);
const NewKey = z
  .strictObject({
    clientId: ClientId,
    scopes: Scopes,
    topics: Topics.optional(),
    publishPerSecond: PublishPerSecond.optional().openapi({ description: 'Events; default 5000' }),
  })
  .openapi('NewApiKey');
const Key = z
  .strictObject({
    keyId: Id,
    clientId: ClientId,
    prefix: z.string(),
    scopes: z.array(z.string()),
    topics: Topics,
    publishPerSecond: PublishPerSecond.nullable(),
    createdAt: Time,
    revokedAt: Time.nullable(),
  })
  .openapi('ApiKey');
const Created = z
  .strictObject({
    keyId: Id,
    clientId: ClientId,
    scopes: Scopes,
    topics: Topics,
    secret: z.string().openapi({ description: 'Shown now, kept nowhere' }),
  })
  .openapi('CreatedApiKey');

const common = { tag: 'operate', auth: operator('keys:write') } as const;
export const keyPrefixLength = 12;

const create = defineRoute(
  {
    ...common,
    method: 'post',
    path: '/v1/api-keys',
    operationId: 'createApiKey',
    summary: 'A key for a game server or an operator, with scopes that you have yourself',
    mutation: 'secret',
    limit: 'write',
    body: NewKey,
    answers: { 201: { description: 'The key', schema: Created } },
  },
  async ({ deps, principal, body, derivedId, eventContext, requestId }) => {
    const beyond = body.scopes.filter((scope) => !principal.scopes.has(scope));
    if (beyond.length > 0)
      throw new LootError('forbidden', `You cannot give what you do not have: ${beyond.join(', ')}.`);
    const topics = body.topics ?? { publish: [], read: [] };
    const beyondTopics = [
      ...beyondOwn(principal.topics.publish, topics.publish),
      ...beyondOwn(principal.topics.read, topics.read),
    ];
    if (beyondTopics.length > 0)
      throw new LootError('forbidden', `You cannot give topics beyond yours: ${beyondTopics.join(', ')}.`);
    if (body.clientId !== principal.clientId && !isForAllTopics(principal))
      throw new LootError(
        'forbidden',
        'Keys of other clients are for those to give who may use every topic.',
      );
    await assertConfidentialNamed(deps.db, body.clientId, topics.read);
    const publishPerSecond = publishPerSecondOf(principal, body.publishPerSecond);
    const keyId = derivedId();
    const secret = await secretOf(deps, keyId);
    const key = {
      id: keyId,
      clientId: body.clientId,
      hash: hashSecret(secret),
      prefix: secret.slice(0, keyPrefixLength),
      scopes: body.scopes,
      topics,
      publishPerSecond,
    };
    await deps.db.transaction(async (tx) => {
      if (!(await createApiKey(tx, key))) return;
      const { clientId, scopes: given } = body;
      const detail = { clientId, scopes: given, topics, publishPerSecond: publishPerSecond ?? null };
      await appendAudit(
        tx,
        { actor: principalName(principal), action: 'api-key.created', target: keyId, detail },
        { ...eventContext, requestId },
      );
    });
    return { status: 201, body: { keyId, clientId: body.clientId, scopes: body.scopes, topics, secret } };
  },
);

/**
 * A star alone gives nobody what is confidential: each such topic that it reaches, other clients' too, has to be named beside it.
 * Throws `validation_failed`.
 */
async function assertConfidentialNamed(
  db: Queryable,
  clientId: string,
  read: readonly string[],
): Promise<void> {
  const others = (await listOwnTopics(db)).filter(
    ({ classification, ownerClientId }) => classification === 'confidential' && ownerClientId !== clientId,
  );
  const unnamed = [...confidentialTopics, ...others.map(({ name }) => name)].filter(
    (name) => !read.includes(name) && read.some((pattern) => matchesPattern(pattern, name)),
  );
  if (unnamed.length === 0) return;
  const detail = `reaches confidential topics: name ${unnamed.join(', ')} too, or list the topics you mean`;
  throw new LootError('validation_failed', `The request is not valid: /topics/read ${detail}.`, {
    errors: [{ pointer: '/topics/read', detail }],
  });
}

/** Not more than it has itself, and by default as much; an operator without a rate of its own may give any. */
function publishPerSecondOf(principal: Client, wanted: number | undefined): number | undefined {
  const own = principal.publishPerSecond ?? undefined;
  const most = own ?? (isForAllTopics(principal) ? Infinity : eventsPerSecondDefault);
  if (wanted !== undefined && wanted > most)
    throw new LootError('forbidden', `You cannot give more than your own rate: ${most} events a second.`);
  return wanted ?? own;
}

/** A function of the id, so that a repeated request answers the same secret although none is stored. */
async function secretOf({ keyFor, config }: Services, keyId: string): Promise<string> {
  const digest = createHmac('sha256', await keyFor('api-keys'))
    .update(keyId)
    .digest('hex');
  return `${config.LOOTLEDGER_KEY_PREFIX}sk_${digest}`;
}

/** Null: everybody's. */
const keysVisibleTo = (principal: Client): string | null =>
  isForAllTopics(principal) ? null : principal.clientId;

const list = defineRoute(
  {
    ...common,
    method: 'get',
    path: '/v1/api-keys',
    operationId: 'listApiKeys',
    summary: 'The keys of your client, for an operator all keys, newest first, without their secrets',
    mutation: false,
    limit: 'read',
    query: z.strictObject({ limit: Limit, cursor: Cursor }),
    answers: { 200: { description: 'A page', schema: pageOf(Key).openapi('ApiKeys') } },
    errors: ['bad_cursor'],
  },
  async ({ deps, principal, query }) => {
    const { after, limit } = await readPage(deps, 'api-keys', query);
    const clientId = keysVisibleTo(principal);
    const rows = await listApiKeys(deps.db, { clientId, limit, ...(after && { after }) });
    const body = await pageOfRows(
      deps,
      'api-keys',
      rows,
      limit,
      ({
        id,
        createdAt,
        revokedAt,
        clientId,
        prefix,
        scopes: held,
        publishTopics,
        readTopics,
        publishPerSecond,
      }) => ({
        keyId: id,
        clientId,
        prefix,
        scopes: held,
        topics: { publish: publishTopics, read: readTopics },
        publishPerSecond,
        createdAt: new Date(createdAt).toISOString(),
        revokedAt: revokedAt?.toISOString() ?? null,
      }),
      ({ createdAt, id }) => [createdAt, id],
    );
    return { status: 200, body };
  },
);

const revoke = defineRoute(
  {
    ...common,
    method: 'delete',
    path: '/v1/api-keys/{keyId}',
    operationId: 'revokeApiKey',
    summary: 'End a key at once',
    mutation: 'keyed',
    limit: 'write',
    params: z.strictObject({ keyId: Id }),
    answers: { 204: { description: 'Revoked' } },
  },
  async ({ deps, principal, params, eventContext, requestId }) => {
    await deps.db.transaction(async (tx) => {
      const before = await revokeApiKey(tx, params.keyId, keysVisibleTo(principal));
      if (before === undefined) throw new LootError('not_found', 'There is no such key.');
      if (before === 'revoked') return;
      await appendAudit(
        tx,
        { actor: principalName(principal), action: 'api-key.revoked', target: params.keyId, detail: {} },
        { ...eventContext, requestId },
      );
    });
    deps.authenticate.forgetKeys();
    deps.streams.closeOfKey(params.keyId);
    return { status: 204 };
  },
);

export const apiKeyRoutes = [create, list, revoke];
