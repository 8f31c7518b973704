import type { JsonValue } from '../../domain/canonical-json.ts';
import type { JournalKind } from '../../domain/ledger/types.ts';
import { playerHolder } from '../../domain/ledger/types.ts';
import type { Queryable } from '../db.ts';

export type ItemAt = {
  itemId: string;
  kind: string;
  kindVersion: number;
  attributes: { [name: string]: JsonValue };
  lock: string | null;
  /** The journal by which the player got it, the last time. */
  acquiredKey: string;
  acquiredKind: JournalKind;
  acquiredAt: Date;
};

/** The items a player owned when `journalId` was the last journal, by id; `after` is the id of the last item seen. */
export async function readItemsAt(
  db: Queryable,
  playerId: string,
  journalId: bigint,
  { after, limit }: { after?: string; limit: number },
): Promise<ItemAt[]> {
  const { rows } = await db.query<ItemAt>(
    `WITH received AS (
       SELECT DISTINCT ON (item_id) item_id, id, lock_after FROM item_movements
       WHERE to_owner = $1 AND journal_id <= $2 AND ($3::uuid IS NULL OR item_id > $3) ORDER BY item_id, id DESC
     ), owned AS (
       SELECT * FROM received r
       WHERE NOT EXISTS (SELECT 1 FROM item_movements x WHERE x.item_id = r.item_id AND x.id > r.id AND x.journal_id <= $2)
       ORDER BY item_id LIMIT $4
     )
     SELECT i.id AS "itemId", i.kind, i.kind_version AS "kindVersion", coalesce(changed.attributes, k.attributes) AS attributes,
       o.lock_after AS lock, j.key AS "acquiredKey", j.kind AS "acquiredKind", j.created_at AS "acquiredAt"
     FROM owned o JOIN items i ON i.id = o.item_id
       JOIN catalog_kinds k ON k.code = i.kind AND k.version = i.kind_version
       CROSS JOIN LATERAL (
         SELECT m.journal_id FROM item_movements m
         WHERE m.item_id = o.item_id AND m.to_owner = $1 AND m.from_owner IS DISTINCT FROM $1 AND m.journal_id <= $2
         ORDER BY m.id DESC LIMIT 1
       ) got JOIN journals j ON j.id = got.journal_id
       LEFT JOIN LATERAL (
         SELECT m.attributes FROM item_movements m
         WHERE m.item_id = o.item_id AND m.attributes IS NOT NULL AND m.journal_id <= $2 ORDER BY m.id DESC LIMIT 1
       ) changed ON true
     ORDER BY o.item_id`,
    [playerHolder(playerId), journalId, after ?? null, limit],
  );
  return rows;
}
