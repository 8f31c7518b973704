import type { Tx } from '../db.ts';

/** Answers whether there was one. Its schemas stay: an id once given out means the same for ever. */
export async function deleteOwnTopic(tx: Tx, name: string): Promise<boolean> {
  const { rowCount } = await tx.query('DELETE FROM own_topics WHERE name = $1', [name]);
  return rowCount === 1;
}
