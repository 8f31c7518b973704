import { createSubscription } from '../../../store/subscriptions/create-subscription.ts';
import {
  deleteSubscription,
  requireSubscription,
  setSubscriptionState,
  updateSubscription,
} from '../../../store/subscriptions/change-subscription.ts';
import { listSubscriptions } from '../../../store/subscriptions/reads.ts';
import { webhookKeyPurpose, webhookSecret } from '../../../store/subscriptions/secrets.ts';
import type { Subscription } from '../../../store/subscriptions/types.ts';
import { operator, principalName } from '../../auth/policy.ts';
import type { Client } from '../../auth/policy.ts';
import { defineRoute } from '../../define-route.ts';
import type { Services } from '../../deps.ts';
import { etagOf, readIfMatch } from '../../etag.ts';
import type { Reply } from '../../http.ts';
import { subscriptionPath } from '../../links.ts';
import { listName, pageOfRows, readPage } from '../../pages.ts';
import { checkSettings, invalid } from './check-settings.ts';
import { deliveryRoutes } from './deliveries.ts';
import {
  CreatedSubscription,
  NewSubscription,
  SubscriptionChange,
  SubscriptionParams,
  SubscriptionQuery,
  SubscriptionView,
  Subscriptions,
} from './schema.ts';
import { tellStory } from './story.ts';
import { streamRoutes } from './stream.ts';
import { viewOf, visibleTo } from './views.ts';

const common = { tag: 'subscriptions', auth: operator('subscriptions:write') } as const;
const one = {
  description: 'The subscription; its ETag is what a change must name',
  schema: SubscriptionView,
};

const replyOf = (deps: Services, subscription: Subscription): Reply => ({
  status: 200,
  body: viewOf(deps, subscription),
  headers: { etag: etagOf(subscription.version) },
});

const create = defineRoute(
  {
    ...common,
    method: 'post',
    path: '/v1/subscriptions',
    operationId: 'createSubscription',
    summary: 'Be told of events by webhook, by a private stream, or in a topic of your own',
    mutation: 'secret',
    limit: 'write',
    body: NewSubscription,
    answers: {
      201: { description: 'Made, with the secret that verifies webhooks', schema: CreatedSubscription },
    },
    errors: ['limit_exceeded', 'forbidden', 'not_found'],
  },
  async ({ deps, principal, body, derivedId, eventContext, requestId }) => {
    const { method, start, ...asked } = body;
    const startsAt = start === 'now' ? null : new Date(start);
    if (startsAt !== null && startsAt.getTime() > deps.nowMs())
      throw invalid('/start', 'it must be now or in the past');
    const { settings } = await checkSettings(deps, principal, method, asked);
    const wanted = {
      ...settings,
      subscriptionId: derivedId(),
      clientId: principal.clientId,
      method,
      startsAt,
      secretId: derivedId('secret'),
      actor: principalName(principal),
    };
    const created = await deps.db.transaction((tx) =>
      createSubscription(tx, wanted, { ...eventContext, requestId }),
    );
    const secret =
      method === 'webhook' ? webhookSecret(await deps.keyFor(webhookKeyPurpose), wanted.secretId) : null;
    return {
      status: 201,
      body: { ...viewOf(deps, created), secret },
      headers: { etag: etagOf(created.version), location: subscriptionPath(created.subscriptionId) },
    };
  },
);

const list = defineRoute(
  {
    ...common,
    method: 'get',
    path: '/v1/subscriptions',
    operationId: 'listSubscriptions',
    summary: 'Your subscriptions, newest first; everybody’s for a key that may read every topic',
    mutation: false,
    limit: 'read',
    query: SubscriptionQuery,
    answers: { 200: { description: 'A page', schema: Subscriptions } },
    errors: ['bad_cursor'],
  },
  async ({ deps, principal, query }) => {
    const clientId = visibleTo(principal);
    const name = listName('subscriptions', { clientId });
    const { after, limit } = await readPage(deps, name, query);
    const rows = await listSubscriptions(deps.db, { clientId, limit, ...(after && { after }) });
    const position = (row: (typeof rows)[number]) => [row.createdAtText, row.subscriptionId];
    const view = (row: (typeof rows)[number]) => viewOf(deps, row);
    return { status: 200, body: await pageOfRows(deps, name, rows, limit, view, position) };
  },
);

const read = defineRoute(
  {
    ...common,
    method: 'get',
    path: '/v1/subscriptions/{subscriptionId}',
    operationId: 'readSubscription',
    summary: 'What it asks for, and whether it runs',
    mutation: false,
    limit: 'read',
    params: SubscriptionParams,
    answers: { 200: one },
  },
  async ({ deps, principal, params }) =>
    replyOf(deps, await requireSubscription(deps.db, { ...params, clientId: visibleTo(principal) })),
);

const change = (principal: Client, subscriptionId: string) => ({
  subscriptionId,
  clientId: visibleTo(principal),
  actor: principalName(principal),
});

const put = defineRoute(
  {
    ...common,
    method: 'put',
    path: '/v1/subscriptions/{subscriptionId}',
    operationId: 'updateSubscription',
    summary: 'Ask for something else, or to be told otherwise; topics that are new to it begin now',
    mutation: 'keyed',
    limit: 'write',
    params: SubscriptionParams,
    body: SubscriptionChange,
    answers: { 200: one },
    errors: ['not_found', 'forbidden', 'precondition_required', 'precondition_failed'],
  },
  async ({ deps, http, principal, params, body, eventContext, requestId }) => {
    const version = readIfMatch(http.req.header('if-match'));
    const changed = change(principal, params.subscriptionId);
    const { method } = await requireSubscription(deps.db, changed);
    const { settings, topics } = await checkSettings(deps, principal, method, body);
    const context = { ...eventContext, requestId };
    const after = await deps.db.transaction((tx) =>
      updateSubscription(tx, changed, settings, topics, version, context),
    );
    await tellStory(deps, after);
    return replyOf(deps, after);
  },
);

const setState = (verb: 'pause' | 'resume', summary: string) =>
  defineRoute(
    {
      ...common,
      method: 'post',
      path: `/v1/subscriptions/{subscriptionId}/${verb}`,
      operationId: `${verb}Subscription`,
      summary,
      mutation: 'keyed',
      limit: 'write',
      params: SubscriptionParams,
      answers: { 200: one },
      errors: ['not_found'],
    },
    async ({ deps, principal, params, eventContext, requestId }) => {
      const changed = change(principal, params.subscriptionId);
      const state = verb === 'pause' ? 'paused' : 'active';
      const context = { ...eventContext, requestId };
      const after = await deps.db.transaction((tx) => setSubscriptionState(tx, changed, state, context));
      await tellStory(deps, after);
      return replyOf(deps, after);
    },
  );

const remove = defineRoute(
  {
    ...common,
    method: 'delete',
    path: '/v1/subscriptions/{subscriptionId}',
    operationId: 'deleteSubscription',
    summary: 'End it; what waits is not delivered any more',
    mutation: 'keyed',
    limit: 'write',
    params: SubscriptionParams,
    answers: { 204: { description: 'Gone' } },
    errors: ['not_found', 'precondition_required', 'precondition_failed'],
  },
  async ({ deps, http, principal, params, eventContext, requestId }) => {
    const version = readIfMatch(http.req.header('if-match'));
    const changed = change(principal, params.subscriptionId);
    await deps.db.transaction((tx) =>
      deleteSubscription(tx, changed, version, { ...eventContext, requestId }),
    );
    return { status: 204 };
  },
);

export const subscriptionRoutes = [
  create,
  list,
  read,
  put,
  setState('pause', 'Send nothing until it goes on; events are kept as long as their topics keep them'),
  setState('resume', 'Go on where it stopped, also after it was disabled'),
  remove,
  ...deliveryRoutes,
  ...streamRoutes,
];
