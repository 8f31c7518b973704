import type { Queryable } from '../db.ts';

/** Marks a player's own notifications as read; those already read, and those of others, stay as they are. */
export async function acknowledgeNotifications(
  db: Queryable,
  playerId: string,
  notificationIds: readonly string[],
): Promise<{ acknowledgedCount: number }> {
  const { rowCount } = await db.query(
    `UPDATE notifications SET acknowledged_at = now()
     WHERE player_id = $1 AND id = ANY ($2::uuid[]) AND acknowledged_at IS NULL`,
    [playerId, notificationIds],
  );
  return { acknowledgedCount: rowCount ?? 0 };
}
