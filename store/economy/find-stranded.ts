import type { Economy } from '../../domain/economy/types.ts';
import type { ErrorPlace } from '../../domain/errors.ts';
import type { Queryable } from '../db.ts';

/** Assets and kinds that players hold and the file no longer names: nothing could be done with them any more. */
export async function findStranded(db: Queryable, { assets, kinds }: Economy): Promise<ErrorPlace[]> {
  const { rows } = await db.query<{ pointer: string; detail: string }>(
    `SELECT '/assets/' || asset AS pointer, format('%s wallets hold it, %s in all', count(*), sum(credits_posted - debits_posted)) AS detail
     FROM accounts WHERE purpose IN ('wallet', 'mailbox') AND credits_posted > debits_posted AND asset <> ALL ($1)
     GROUP BY asset
     UNION ALL
     SELECT '/kinds/' || kind, format('%s items of it exist', count(*)) FROM items
     WHERE owner LIKE 'player:%' AND kind <> ALL ($2) GROUP BY kind`,
    [Object.keys(assets), Object.keys(kinds)],
  );
  return rows;
}
