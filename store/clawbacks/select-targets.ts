import type { ClawbackSelection } from '../../domain/clawback/types.ts';
import type { Db } from '../db.ts';

/** Journals that are looked at by one statement: a second at most, far below the limit of a transaction. */
const spanCount = 100_000n;

/**
 * Finds the grants a clawback is about and keeps them as its targets, as long as its reversal has not begun; answers whether
 * it is so still. `pinned` names table and version wherever a grant came from a drop table, whatever the plan around it looks
 * like; a draw that gave nothing does not count. Calls `onProgress` after each span of journals.
 *
 * Targets are only added, for a journal that was selected is so for ever: an attempt that is late, or beside another one,
 * changes nothing that was there.
 */
export async function selectTargets(
  db: Db,
  clawbackId: string,
  selection: ClawbackSelection,
  onProgress: (progress: object) => void,
): Promise<boolean> {
  const { rows } = await db.query<{ first: bigint | null; last: bigint | null }>(
    selection.journalKeys === undefined
      ? 'SELECT min(id) AS first, max(id) AS last FROM journals'
      : 'SELECT min(id) AS first, max(id) AS last FROM journals WHERE key = ANY ($1)',
    selection.journalKeys === undefined ? [] : [selection.journalKeys],
  );
  const { first, last } = rows[0] ?? { first: null, last: null };
  if (first === null || last === null) return true;
  for (let from = first; from <= last; from += spanCount) {
    const isOpen = await db.transaction(async (tx) => {
      const { rowCount } = await tx.query(
        "SELECT 1 FROM clawbacks WHERE id = $1 AND state IN ('examining', 'approved') FOR SHARE",
        [clawbackId],
      );
      if (rowCount === 0) return false;
      await tx.query(selectSql, [
        clawbackId,
        from,
        from + spanCount,
        selection.from ?? null,
        selection.to ?? null,
        selection.source === undefined ? null : `system:${selection.source}`,
        selection.table ?? null,
        selection.tableVersion ?? null,
        selection.journalKeys ?? null,
      ]);
      return true;
    });
    if (!isOpen) return false;
    onProgress({ lookedThrough: (from + spanCount).toString() });
  }
  return true;
}

const selectSql = `
  INSERT INTO clawback_targets (clawback_id, journal_id)
  SELECT $1::uuid, j.id FROM journals j
  WHERE j.id >= $2 AND j.id < $3 AND j.kind IN ('grant', 'import')
    AND ($4::timestamptz IS NULL OR j.created_at >= $4) AND ($5::timestamptz IS NULL OR j.created_at < $5)
    AND ($6::text IS NULL
      OR EXISTS (SELECT 1 FROM transfers t JOIN accounts a ON a.id = t.debit_account_id
        WHERE t.journal_id = j.id AND a.holder = $6 AND a.purpose = 'source')
      OR EXISTS (SELECT 1 FROM item_movements m WHERE m.journal_id = j.id AND m.code = 'mint' AND m.from_owner = $6))
    AND ($7::text IS NULL OR jsonb_path_exists(j.pinned,
      CASE WHEN $8::int IS NULL THEN '$.** ? (@.table == $table && !(@.gave == false))'::jsonpath
        ELSE '$.** ? (@.table == $table && @.tableVersion == $version && !(@.gave == false))'::jsonpath END,
      jsonb_build_object('table', $7::text, 'version', $8::int)))
    AND ($9::text[] IS NULL OR j.key = ANY ($9))
  ON CONFLICT DO NOTHING`;
