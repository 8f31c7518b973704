import type { StructuredEvent } from '../../events/codec/structured.ts';
import type { Tx } from '../db.ts';
import { queueEvents } from './queue-events.ts';
import type { QueuedEvent } from './queue-events.ts';

/**
 * Queues one event for one subscription, whatever its filter says: for replays, which tell the event once per replay and
 * also to a subscriber who had it before. The subscription's story finds it within seconds; it is also found at once when
 * `nudgeSubscription` is called after the commit. Of a subscription that is gone nothing is kept.
 */
export const queueDelivery = (
  tx: Tx,
  subscriptionId: string,
  event: StructuredEvent,
  from: Pick<QueuedEvent, 'replayId' | 'position' | 'record'> = {},
): Promise<void> =>
  queueEvents(tx, [
    {
      ...from,
      subscriptionId,
      source: event.source,
      eventId: event.id,
      type: event.type,
      event: JSON.stringify(event),
    },
  ]);
