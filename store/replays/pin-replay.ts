import type { Tx } from '../db.ts';
import { moveState } from './decide-replay.ts';

export type PinnedPartition = { partition: number; startOffset: bigint; endOffset: bigint };

/** Fixes the window as offsets and lets the replay run. False when it was pinned, or ended, before. */
export async function pinReplay(
  tx: Tx,
  replayId: string,
  pinned: { partitions: readonly PinnedPartition[]; warnings: readonly string[] },
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `UPDATE replays SET ${moveState}, warnings = $3 WHERE id = $1 AND state = 'pinning'`,
    [replayId, 'running', JSON.stringify(pinned.warnings)],
  );
  if (rowCount !== 1) return false;
  await tx.query(
    `INSERT INTO replay_positions (replay_id, "partition", start_offset, next_offset, end_offset)
     SELECT $1, p, s, s, e FROM unnest($2::int[], $3::bigint[], $4::bigint[]) AS t(p, s, e)`,
    [
      replayId,
      pinned.partitions.map(({ partition }) => partition),
      pinned.partitions.map(({ startOffset }) => startOffset),
      pinned.partitions.map(({ endOffset }) => endOffset),
    ],
  );
  return true;
}

/** Keeps others from filling the same projection, until the transaction ends; answers the replay that is filling it. */
export async function lockProjection(
  tx: Tx,
  replayId: string,
  { projection, into }: { projection: string; into: string },
): Promise<string | null> {
  await tx.query("SELECT pg_advisory_xact_lock(hashtextextended('projection ' || $1 || ' ' || $2, 0))", [
    projection,
    into,
  ]);
  const { rows } = await tx.query<{ id: string }>(
    `SELECT id FROM replays WHERE id <> $1 AND state IN ('running', 'paused')
       AND target @> jsonb_build_object('kind', 'projection', 'projection', $2::text, 'into', $3::text) LIMIT 1`,
    [replayId, projection, into],
  );
  return rows[0]?.id ?? null;
}
