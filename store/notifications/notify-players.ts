import { canonicalJson } from '../../domain/canonical-json.ts';
import type { JsonValue } from '../../domain/canonical-json.ts';
import type { EventContext } from '../../domain/events.ts';
import type { Tx } from '../db.ts';
import { appendEvents } from '../outbox/append-events.ts';

export type NewNotification = { notificationId: string; playerId: string; type: string; data: JsonValue };

/** Keeps what players are told until they acknowledge it, and tells it on their streams. Ids are the caller's, derived. */
export async function notifyPlayers(
  tx: Tx,
  notifications: readonly NewNotification[],
  context: EventContext | readonly EventContext[],
): Promise<void> {
  if (notifications.length === 0) return;
  await tx.query(
    `INSERT INTO notifications (id, player_id, type, data)
     SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::jsonb[])`,
    [
      notifications.map(({ notificationId }) => notificationId),
      notifications.map(({ playerId }) => playerId),
      notifications.map(({ type }) => type),
      notifications.map(({ data }) => canonicalJson(data)),
    ],
  );
  const events = notifications.map((data) => ({
    type: 'notifications.player.notified.v1' as const,
    key: data.playerId,
    data,
  }));
  await appendEvents(tx, events, context);
}
