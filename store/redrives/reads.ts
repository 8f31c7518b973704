import type { Queryable } from '../db.ts';
import { topicMatches } from '../topic-patterns.ts';
import type { TopicPatterns } from '../topic-patterns.ts';
import type { Redrive, RedriveLetter } from './types.ts';

const columns = `id AS "redriveId", requested_by AS "requestedBy", selection, preview, discard_reason AS "discardReason",
  force, rate_per_second AS "ratePerSecond", state, letter_count AS "letterCount", done_count AS "doneCount",
  handled_count AS "handledCount", kept_count AS "keptCount", released_count AS "releasedCount",
  created_at AS "createdAt", ended_at AS "endedAt", moving_from_count AS "movingFromCount",
  (extract(epoch FROM clock_timestamp() - moving_since) * 1000)::float8 AS "movingForMs"`;

type Row = Omit<Redrive, 'percent' | 'leftMs'> & { movingFromCount: number; movingForMs: number };

function toRedrive({ movingFromCount, movingForMs, ...row }: Row): Redrive {
  const { state, doneCount, letterCount } = row;
  const movedCount = doneCount - movingFromCount;
  const leftMs =
    state !== 'running' || movedCount <= 0
      ? null
      : Math.round((Math.max(0, movingForMs) / movedCount) * (letterCount - doneCount));
  return { ...row, percent: Math.floor((doneCount / letterCount) * 100), leftMs };
}

/** Every letter's topic is like these; of one that is deleted nobody knows it. */
const isReadable = (parameter: string): string => `(${parameter}::text[] IS NULL OR NOT EXISTS (
  SELECT FROM redrive_letters l LEFT JOIN dead_letters d ON d.id = l.dead_letter_id
  WHERE l.redrive_id = redrives.id AND (d.id IS NULL OR NOT ${topicMatches('d.topic', parameter)})))`;

/** Undefined also for one with letters of other topics than `readTopics`. */
export async function readRedrive(
  db: Queryable,
  redriveId: string,
  readTopics: TopicPatterns = null,
): Promise<Redrive | undefined> {
  const { rows } = await db.query<Row>(
    `SELECT ${columns} FROM redrives WHERE id = $1 AND ${isReadable('$2')}`,
    [redriveId, readTopics],
  );
  return rows.map(toRedrive)[0];
}

/** Newest first. */
export async function listRedrives(
  db: Queryable,
  { after, limit, readTopics = null }: { after?: string; limit: number; readTopics?: TopicPatterns },
): Promise<Redrive[]> {
  const { rows } = await db.query<Row>(
    `SELECT ${columns} FROM redrives
     WHERE ($1::uuid IS NULL OR (created_at, id) < (SELECT a.created_at, a.id FROM redrives a WHERE a.id = $1))
       AND ${isReadable('$3')}
     ORDER BY created_at DESC, id DESC LIMIT $2`,
    [after ?? null, limit, readTopics],
  );
  return rows.map(toRedrive);
}

/** In the order in which they are worked off. */
export async function listRedriveLetters(
  db: Queryable,
  { redriveId, after, limit }: { redriveId: string; after: number; limit: number },
): Promise<RedriveLetter[]> {
  const { rows } = await db.query<RedriveLetter>(
    `SELECT n, dead_letter_id AS "deadLetterId", outcome, detail, released_count AS "releasedCount", done_at AS "doneAt"
     FROM redrive_letters WHERE redrive_id = $1 AND n > $2 ORDER BY n LIMIT $3`,
    [redriveId, after, limit],
  );
  return rows;
}

/** The first letter that is not done with; undefined when all are. */
export async function nextRedriveLetter(
  db: Queryable,
  redriveId: string,
): Promise<RedriveLetter | undefined> {
  const { rows } = await db.query<RedriveLetter>(
    `SELECT n, dead_letter_id AS "deadLetterId", outcome, detail, released_count AS "releasedCount", done_at AS "doneAt"
     FROM redrive_letters WHERE redrive_id = $1 AND done_at IS NULL AND n > (SELECT done_count FROM redrives WHERE id = $1)
     ORDER BY n LIMIT 1`,
    [redriveId],
  );
  return rows[0];
}
