import type { Tx } from '../db.ts';

export type TopicChange = { description?: string; retentionMs?: number };

/** Answers whether there is such a topic. What is not named stays. */
export async function alterOwnTopic(tx: Tx, name: string, change: TopicChange): Promise<boolean> {
  const { rowCount } = await tx.query(
    `UPDATE own_topics SET description = coalesce($2, description), retention_ms = coalesce($3, retention_ms)
     WHERE name = $1`,
    [name, change.description ?? null, change.retentionMs ?? null],
  );
  return rowCount === 1;
}
