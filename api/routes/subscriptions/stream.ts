import { LootError } from '../../../domain/errors.ts';
import { matchesPattern } from '../../../domain/event-filter.ts';
import { requireSubscription } from '../../../store/subscriptions/change-subscription.ts';
import { lastSeqOf, readStream, readStreamPermission } from '../../../store/subscriptions/read-stream.ts';
import type { StreamPermission, StreamedEvent } from '../../../store/subscriptions/read-stream.ts';
import { operator } from '../../auth/policy.ts';
import { defineRoute } from '../../define-route.ts';
import type { Services } from '../../deps.ts';
import type { Http } from '../../http.ts';
import { ageMsMax } from '../../stream/follow.ts';
import { keepAliveMs } from '../../stream/schema.ts';
import { openSse } from '../../stream/sse.ts';
import { SubscriptionParams } from './schema.ts';
import { visibleTo } from './views.ts';

const lookMs = 300;
const countMax = 200;
const bytesMax = 256 * 1024;

const stream = defineRoute(
  {
    tag: 'subscriptions',
    auth: operator('subscriptions:write'),
    method: 'get',
    path: '/v1/subscriptions/{subscriptionId}/events',
    operationId: 'streamSubscription',
    summary: 'Server-sent events of a subscription of method sse; Last-Event-ID goes on behind what was read',
    mutation: false,
    limit: 'read',
    params: SubscriptionParams,
    answers: { 200: { description: 'The stream', contentType: 'text/event-stream' } },
    errors: ['not_found', 'validation_failed'],
  },
  async ({ deps, http, principal, params }) => {
    const clientId = visibleTo(principal);
    const subscription = await requireSubscription(deps.db, { ...params, clientId });
    if (subscription.method !== 'sse') throw new LootError('not_found', 'Only method sse has a stream.');
    const lastEventId = http.req.header('last-event-id');
    if (lastEventId !== undefined && !/^\d{1,18}$/.test(lastEventId))
      throw new LootError('validation_failed', 'Last-Event-ID is none of this stream.');
    const after =
      lastEventId === undefined ? await lastSeqOf(deps.db, params.subscriptionId) : BigInt(lastEventId);
    return openStream(deps, http, { ...params, keyId: principal.keyId, after });
  },
);

type Reading = { subscriptionId: string; keyId: string; after: bigint };

/** From the rows the dispatcher wrote; a reader that does not read is let go, and goes on when it comes back. */
function openStream(deps: Services, http: Http, reading: Reading): Response {
  const { metrics } = deps;
  return openSse(deps, http, {
    reader: reading.subscriptionId,
    keyId: reading.keyId,
    heartbeatMs: keepAliveMs,
    ageMsMax,
    subscribe(send, lose, hasRoom) {
      const stopping = new AbortController();
      const tell = ({ seq, type, event }: StreamedEvent) => send({ id: `${seq}`, type, data: event });
      void follow(deps, reading, { tell, hasRoom, signal: stopping.signal }).finally(() => lose('renew'));
      return () => stopping.abort();
    },
    onOpen: () => metrics.websocketConnections.inc({ kind: 'subscription' }),
    onClose(reason) {
      metrics.websocketConnections.dec({ kind: 'subscription' });
      if (reason !== undefined) metrics.streamDrops.inc({ stream: 'subscription', reason });
    },
  });
}

type Telling = { tell(event: StreamedEvent): void; hasRoom(): boolean; signal: AbortSignal };

/** Looks for more until the reader has gone, the subscription or the key is gone, or nothing may be read any more. */
async function follow(
  { db, log }: Services,
  { subscriptionId, keyId, after }: Reading,
  { tell, hasRoom, signal }: Telling,
): Promise<void> {
  let next = after;
  for (let looks = 0; !signal.aborted; looks++) {
    try {
      const events = hasRoom() ? await readStream(db, subscriptionId, next, { countMax, bytesMax }) : [];
      // also now and then: a permission that ended has ended
      if (events.length > 0 || looks % 10 === 0) {
        const permission = await readStreamPermission(db, { subscriptionId, keyId });
        if (permission === undefined) return;
        for (const event of events) if (mayTell(permission, event)) tell(event);
        next = events.at(-1)?.seq ?? next;
      }
      if (events.length === countMax || bytesOf(events) > bytesMax / 2) continue;
    } catch (error) {
      log.debug({ subscriptionId, reason: String(error) }, 'a stream waits for the database');
    }
    await new Promise((resolve) => setTimeout(resolve, lookMs));
  }
}

const mayTell = ({ ofKey, ofClient }: StreamPermission, { topic }: StreamedEvent): boolean =>
  topic === null ||
  [ofKey, ofClient].every((patterns) => patterns.some((pattern) => matchesPattern(pattern, topic)));

const bytesOf = (events: readonly StreamedEvent[]): number =>
  events.reduce((sum, { event }) => sum + event.length, 0);

export const streamRoutes = [stream];
