import type { Db } from '../db.ts';
import type { NewApiKey } from './create-api-key.ts';
import { createApiKey } from './create-api-key.ts';

/**
 * Adds the first key of a deployment, and only the first: the caller prints its secret once. Answers whether it was added.
 * Processes that start together queue on the deployment's row, so one of them wins.
 */
export async function ensureOperatorKey(db: Db, key: NewApiKey): Promise<boolean> {
  return db.transaction(async (tx) => {
    await tx.query('SELECT FROM deployment WHERE id = 1 FOR UPDATE');
    const { rowCount } = await tx.query('SELECT FROM api_keys LIMIT 1');
    return rowCount === 0 && createApiKey(tx, key);
  });
}
