import type { Queryable } from '../db.ts';

/** A topic that a client made for its own events. */
export type OwnTopic = {
  name: string;
  description: string;
  partitionCount: number;
  retentionMs: number;
  category: string;
  ownerClientId: string;
  classification: 'internal' | 'confidential';
  deadLetters: boolean;
  recordBytesMax: number;
  createdAt: Date;
};

const columns = `name, description, partition_count AS "partitionCount", retention_ms::float8 AS "retentionMs", category,
  owner_client_id AS "ownerClientId", classification, dead_letters AS "deadLetters",
  record_bytes_max AS "recordBytesMax", created_at AS "createdAt"`;

/** Undefined also for one that is being deleted. */
export async function findOwnTopic(db: Queryable, name: string): Promise<OwnTopic | undefined> {
  const { rows } = await db.query<OwnTopic>(
    `SELECT ${columns} FROM own_topics WHERE name = $1 AND deleting_since IS NULL`,
    [name],
  );
  return rows[0];
}

/** By name: all of them, or one client's; none that is being deleted. */
export async function listOwnTopics(
  db: Queryable,
  { ownerClientId }: { ownerClientId?: string } = {},
): Promise<OwnTopic[]> {
  const { rows } = await db.query<OwnTopic>(
    `SELECT ${columns} FROM own_topics
     WHERE ($1::text IS NULL OR owner_client_id = $1) AND deleting_since IS NULL ORDER BY name`,
    [ownerClientId ?? null],
  );
  return rows;
}
