import { LootError } from '../../../domain/errors.ts';
import { findSubscription } from '../../../store/subscriptions/reads.ts';
import { requireSubscription } from '../../../store/subscriptions/change-subscription.ts';
import { readableTopics } from '../../../store/subscriptions/take-delivery.ts';
import { lastSeqOf, readStream } from '../../../store/subscriptions/read-stream.ts';
import type { StreamedEvent } from '../../../store/subscriptions/read-stream.ts';
import { operator } from '../../auth/policy.ts';
import { defineRoute } from '../../define-route.ts';
import type { Services } from '../../deps.ts';
import type { Http } from '../../http.ts';
import { bufferedBytesMax, keepAliveMs } from '../../stream/schema.ts';
import { SubscriptionParams } from './schema.ts';
import { visibleTo } from './views.ts';

const lookMs = 300;
const countMax = 200;

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
    return openStream(deps, http, params.subscriptionId, after);
  },
);

/** From the rows the dispatcher wrote; a reader that does not read is let go, and goes on when it comes back. */
function openStream(deps: Services, http: Http, subscriptionId: string, after: bigint): Response {
  if (deps.isStopping?.() === true)
    throw new LootError('overloaded', 'This server is stopping.', { retryAfterMs: 1_000 });
  const encoder = new TextEncoder();
  let end = (): void => {};
  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        let open = true;
        const write = (text: string): boolean => {
          if (!open || (controller.desiredSize ?? 0) <= 0) {
            end();
            return false;
          }
          controller.enqueue(encoder.encode(text));
          return true;
        };
        const forget = deps.streams.add(subscriptionId, () => end());
        const keepAlive = setInterval(() => write(': still here\n\n'), keepAliveMs);
        deps.metrics.websocketConnections.inc({ kind: 'subscription' });
        end = () => {
          if (!open) return;
          open = false;
          clearInterval(keepAlive);
          forget();
          deps.metrics.websocketConnections.dec({ kind: 'subscription' });
          try {
            controller.close();
          } catch {
            // cancelled by the reader: closed already
          }
        };
        write('retry: 1000\n: hello\n\n');
        void follow(
          deps,
          subscriptionId,
          after,
          (event) => write(format(event)),
          () => open,
        ).finally(end);
      },
      cancel: () => end(),
    },
    new ByteLengthQueuingStrategy({ highWaterMark: bufferedBytesMax }),
  );
  http.header('content-type', 'text/event-stream');
  http.header('x-accel-buffering', 'no');
  return http.newResponse(body, 200);
}

/** Looks for more until the reader has gone, the subscription is gone, or nothing may be read any more. */
async function follow(
  { db, log }: Services,
  subscriptionId: string,
  after: bigint,
  tell: (event: StreamedEvent) => boolean,
  isOpen: () => boolean,
): Promise<void> {
  let next = after;
  for (let looks = 0; isOpen(); looks++) {
    try {
      // now and then: a permission that ended has ended
      if (looks % 10 === 0 && !(await mayGoOn(db, subscriptionId))) return;
      const events = await readStream(db, subscriptionId, next, countMax);
      for (const event of events) {
        if (!tell(event)) return;
        next = event.seq;
      }
      if (events.length === countMax) continue;
    } catch (error) {
      log.debug({ subscriptionId, reason: String(error) }, 'a stream waits for the database');
    }
    await new Promise((resolve) => setTimeout(resolve, lookMs));
  }
}

async function mayGoOn(db: Services['db'], subscriptionId: string): Promise<boolean> {
  const subscription = await findSubscription(db, subscriptionId, null);
  return subscription !== undefined && (await readableTopics(db, subscription.clientId)).length > 0;
}

/** JSON has no raw line breaks, so one `data` line holds it. */
const format = ({ seq, type, event }: StreamedEvent): string =>
  `id: ${seq}\nevent: ${type.replaceAll(/[\r\n\0]/g, '')}\ndata: ${event}\n\n`;

export const streamRoutes = [stream];
