import type { Db } from '../db.ts';
import { deleteInBatches } from '../delete-in-batches.ts';
import type { PruneOptions } from '../delete-in-batches.ts';

/**
 * Deletes refresh tokens whose time was up a day ago and answers how many. Used ones are kept until then, because a second
 * use gives a copied family away; after it, whoever presents one gets nothing anyway.
 */
export const pruneRefreshTokens = (db: Pick<Db, 'query'>, options?: PruneOptions): Promise<number> =>
  deleteInBatches(
    db,
    {
      table: 'refresh_tokens',
      condition: "expires_at < clock_timestamp() - interval '1 day'",
      orderBy: 'expires_at',
    },
    [],
    options,
  );
