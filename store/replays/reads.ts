import type { EventFilter } from '../../domain/event-filter.ts';
import type { ReplayFailure, ReplayState, ReplayTarget, ReplayWindow } from '../../domain/replays/types.ts';
import type { Queryable } from '../db.ts';
import { topicMatches } from '../topic-patterns.ts';
import type { TopicPatterns } from '../topic-patterns.ts';

export type Replay = {
  replayId: string;
  topic: string;
  window: ReplayWindow;
  filter: EventFilter;
  target: ReplayTarget;
  rate: number | null;
  requestedBy: string;
  state: ReplayState;
  /** Why it failed. */
  reason: string | null;
  warnings: string[];
  /** The first of them. */
  failures: ReplayFailure[];
  createdAt: Date;
  endedAt: Date | null;
  /** Offsets of its window, and how many of them are behind it; some may hold no event. */
  totalCount: number;
  doneCount: number;
  matchedCount: number;
  handledCount: number;
  failedCount: number;
  duplicateCount: number;
  /** How long it has run, pauses apart, by the database's clock. */
  activeMs: number;
};

const sum = (expression: string): string => `coalesce(sum(${expression}), 0)::float8`;
const columns = `r.id AS "replayId", r.topic, r."window", r.filter, r.target, r.rate, r.requested_by AS "requestedBy", r.state,
  r.reason, r.warnings, r.failures, r.created_at AS "createdAt", r.ended_at AS "endedAt", p.*,
  (r.active_ms + coalesce(extract(epoch FROM clock_timestamp() - r.active_since) * 1000, 0))::float8 AS "activeMs"`;
const positions = `LATERAL (SELECT ${sum('end_offset - start_offset')} AS "totalCount",
    ${sum('next_offset - start_offset')} AS "doneCount", ${sum('matched_count')} AS "matchedCount",
    ${sum('handled_count')} AS "handledCount", ${sum('failed_count')} AS "failedCount",
    ${sum('duplicate_count')} AS "duplicateCount"
  FROM replay_positions WHERE replay_id = r.id) p`;

export async function findReplay(on: Queryable, replayId: string): Promise<Replay | null> {
  const { rows } = await on.query<Replay>(`SELECT ${columns} FROM replays r, ${positions} WHERE r.id = $1`, [
    replayId,
  ]);
  return rows[0] ?? null;
}

/** Newest first, of topics like `readTopics`; `after` is the last replay of the page before. */
export async function listReplays(
  on: Queryable,
  page: { limit: number; after?: string; readTopics?: TopicPatterns },
): Promise<Replay[]> {
  const { rows } = await on.query<Replay>(
    `SELECT ${columns} FROM replays r, ${positions}
     WHERE ($1::uuid IS NULL OR (r.created_at, r.id) < (SELECT created_at, id FROM replays WHERE id = $1))
       AND ${topicMatches('r.topic', '$3')}
     ORDER BY r.created_at DESC, r.id DESC LIMIT $2`,
    [page.after ?? null, page.limit, page.readTopics ?? null],
  );
  return rows;
}

export type ReplayPosition = {
  partition: number;
  startOffset: bigint;
  nextOffset: bigint;
  endOffset: bigint;
};

export async function readPositions(on: Queryable, replayId: string): Promise<ReplayPosition[]> {
  const { rows } = await on.query<ReplayPosition>(
    `SELECT "partition", start_offset AS "startOffset", next_offset AS "nextOffset", end_offset AS "endOffset"
     FROM replay_positions WHERE replay_id = $1 ORDER BY "partition"`,
    [replayId],
  );
  return rows;
}

export async function readReplayState(on: Queryable, replayId: string): Promise<ReplayState | undefined> {
  const { rows } = await on.query<{ state: ReplayState }>('SELECT state FROM replays WHERE id = $1', [
    replayId,
  ]);
  return rows[0]?.state;
}
