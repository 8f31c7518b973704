import type { JsonValue } from '../../domain/canonical-json.ts';
import type { Queryable } from '../db.ts';

export type Notification = {
  notificationId: string;
  type: string;
  data: JsonValue;
  acknowledgedAt: Date | null;
  createdAt: Date;
};

/** A player's notifications, newest first; `after` is the id of the last one on the page before. */
export async function readNotifications(
  db: Queryable,
  playerId: string,
  page: { after?: string; unreadOnly?: boolean; limit: number },
): Promise<Notification[]> {
  const { rows } = await db.query<Notification>(
    `SELECT id AS "notificationId", type, data, acknowledged_at AS "acknowledgedAt", created_at AS "createdAt"
     FROM notifications
     WHERE player_id = $1 AND (NOT $3 OR acknowledged_at IS NULL)
       AND ($2::uuid IS NULL OR (created_at, id) < (SELECT created_at, id FROM notifications WHERE id = $2 AND player_id = $1))
     ORDER BY created_at DESC, id DESC LIMIT $4`,
    [playerId, page.after ?? null, page.unreadOnly ?? false, page.limit],
  );
  return rows;
}
