import { LootError } from '../../../domain/errors.ts';
import { requireSubscription } from '../../../store/subscriptions/change-subscription.ts';
import { listDeliveries, queuePing, redeliver } from '../../../store/subscriptions/deliveries.ts';
import { rotateSecret, webhookKeyPurpose, webhookSecret } from '../../../store/subscriptions/secrets.ts';
import { operator, principalName } from '../../auth/policy.ts';
import { defineRoute } from '../../define-route.ts';
import { listName, pageOfRows, readPage } from '../../pages.ts';
import { invalid } from './check-settings.ts';
import {
  Deliveries,
  DeliveryParams,
  DeliveryQuery,
  DeliveryView,
  NewSecret,
  SecretView,
  SubscriptionParams,
} from './schema.ts';
import { tellStory } from './story.ts';
import { viewOfDelivery, visibleTo } from './views.ts';

const common = { tag: 'subscriptions', auth: operator('subscriptions:write') } as const;

const list = defineRoute(
  {
    ...common,
    method: 'get',
    path: '/v1/subscriptions/{subscriptionId}/deliveries',
    operationId: 'listDeliveries',
    summary: 'What was sent, newest first: attempts, reply, duration, error, events',
    mutation: false,
    limit: 'read',
    params: SubscriptionParams,
    query: DeliveryQuery,
    answers: { 200: { description: 'A page', schema: Deliveries } },
    errors: ['bad_cursor'],
  },
  async ({ deps, principal, params, query: { state, ...page } }) => {
    const { subscriptionId } = params;
    await requireSubscription(deps.db, { subscriptionId, clientId: visibleTo(principal) });
    const name = listName('deliveries', { subscriptionId, state });
    const { after, limit } = await readPage(deps, name, page);
    const rows = await listDeliveries(deps.db, subscriptionId, {
      limit,
      ...(state !== undefined && { state }),
      ...(after && { after }),
    });
    const position = (row: (typeof rows)[number]) => [row.createdAtText, row.deliveryId];
    return { status: 200, body: await pageOfRows(deps, name, rows, limit, viewOfDelivery, position) };
  },
);

const again = defineRoute(
  {
    ...common,
    method: 'post',
    path: '/v1/subscriptions/{subscriptionId}/deliveries/{deliveryId}/redeliver',
    operationId: 'redeliver',
    summary: 'Send a failed delivery once more, under the same webhook-id',
    mutation: 'keyed',
    limit: 'write',
    params: DeliveryParams,
    answers: { 200: { description: 'It waits for its turn', schema: DeliveryView } },
    errors: ['not_found', 'delivery_closed'],
  },
  async ({ deps, principal, params, eventContext, requestId }) => {
    const { subscriptionId, deliveryId } = params;
    const change = { subscriptionId, clientId: visibleTo(principal), actor: principalName(principal) };
    const delivery = await deps.db.transaction((tx) =>
      redeliver(tx, change, deliveryId, { ...eventContext, requestId }),
    );
    await tellStory(deps, await requireSubscription(deps.db, change));
    return { status: 200, body: viewOfDelivery(delivery) };
  },
);

const ping = defineRoute(
  {
    ...common,
    method: 'post',
    path: '/v1/subscriptions/{subscriptionId}/ping',
    operationId: 'pingSubscription',
    summary: 'Send a test event now, also while it is paused; one attempt',
    mutation: 'keyed',
    limit: 'write',
    params: SubscriptionParams,
    answers: { 200: { description: 'It waits for its turn; look at the deliveries', schema: DeliveryView } },
    errors: ['not_found'],
  },
  async ({ deps, principal, params, derivedId, eventContext, requestId }) => {
    const { subscriptionId } = params;
    const change = { subscriptionId, clientId: visibleTo(principal), actor: principalName(principal) };
    const subscription = await requireSubscription(deps.db, change);
    if (subscription.method === 'sse') throw invalid('/subscriptionId', 'a stream has nobody to be sent to');
    const eventId = derivedId('event');
    const event = {
      specversion: '1.0',
      id: eventId,
      source: `/lootledger/${deps.config.LOOTLEDGER_ENVIRONMENT}`,
      type: 'system.subscription.pinged.v1',
      subject: subscriptionId,
      time: new Date(deps.nowMs()).toISOString(),
      datacontenttype: 'application/json',
      data: { subscriptionId, requestedBy: principalName(principal) },
    };
    const sent = { deliveryId: derivedId(), eventId, body: JSON.stringify(event) };
    const delivery = await deps.db.transaction((tx) =>
      queuePing(tx, change, sent, { ...eventContext, requestId }),
    );
    await tellStory(deps, subscription);
    return { status: 200, body: viewOfDelivery(delivery) };
  },
);

const rotate = defineRoute(
  {
    ...common,
    method: 'post',
    path: '/v1/subscriptions/{subscriptionId}/secret',
    operationId: 'rotateWebhookSecret',
    summary: 'Get a new secret; the one before it also signs for a while',
    mutation: 'secret',
    limit: 'write',
    params: SubscriptionParams,
    body: NewSecret,
    answers: { 200: { description: 'Shown this once', schema: SecretView } },
    errors: ['not_found'],
  },
  async ({ deps, principal, params, body, derivedId, eventContext, requestId }) => {
    const { subscriptionId } = params;
    const change = { subscriptionId, clientId: visibleTo(principal), actor: principalName(principal) };
    const { method } = await requireSubscription(deps.db, change);
    if (method !== 'webhook') throw new LootError('not_found', 'Only webhooks are signed.');
    const secretId = derivedId();
    await deps.db.transaction((tx) =>
      rotateSecret(tx, change, { secretId, graceMs: body.graceMs }, { ...eventContext, requestId }),
    );
    return { status: 200, body: { secret: webhookSecret(await deps.keyFor(webhookKeyPurpose), secretId) } };
  },
);

export const deliveryRoutes = [list, again, ping, rotate];
