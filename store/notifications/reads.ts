import type { JsonValue } from '../../domain/canonical-json.ts';
import type { Queryable } from '../db.ts';

export type Notification = {
  notificationId: string;
  type: string;
  data: JsonValue;
  acknowledgedAt: Date | null;
  createdAt: Date;
};

/** A player's notifications, newest first; `after` is the last one of the page before. */
export async function readNotifications(
  db: Queryable,
  playerId: string,
  page: { after?: { createdAt: Date | string; notificationId: string }; unreadOnly?: boolean; limit: number },
): Promise<Notification[]> {
  const { rows } = await db.query<Notification>(
    `SELECT id AS "notificationId", type, data, acknowledged_at AS "acknowledgedAt", created_at AS "createdAt"
     FROM notifications
     WHERE player_id = $1 AND ($2::timestamptz IS NULL OR (created_at, id) < ($2, $3::uuid))
       AND (NOT $4 OR acknowledged_at IS NULL)
     ORDER BY created_at DESC, id DESC LIMIT $5`,
    [
      playerId,
      page.after?.createdAt ?? null,
      page.after?.notificationId ?? null,
      page.unreadOnly ?? false,
      page.limit,
    ],
  );
  return rows;
}
