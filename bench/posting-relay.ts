import type { Db } from '../store/db.ts';
import { claimRows } from '../store/outbox/claim-rows.ts';
import { markPublished } from '../store/outbox/mark-published.ts';

const shardCount = 16;
const claimCountMax = 500;

/** Empties the outbox as fast as it fills, as the relay does, with a broker that takes everything at once. */
export function startRelay(db: Db): { stop(): Promise<void> } {
  let stopped = false;
  let offset = 0n;
  const round = async (shard: number): Promise<number> => {
    const rows = await claimRows(db, [shard], { countMaxPerShard: claimCountMax });
    if (rows.length > 0) {
      await markPublished(
        db,
        rows.map(({ seq }) => ({ shard, seq, partition: 0, offset: offset++ })),
      );
    }
    return rows.length;
  };
  const run = async () => {
    while (!stopped) {
      let claimed = 0;
      for (let shard = 0; shard < shardCount && !stopped; shard++) claimed += await round(shard);
      // small claims cost most: what has gathered meanwhile goes together
      if (claimed < claimCountMax) await new Promise((resume) => setTimeout(resume, 20));
    }
  };
  const running = run();
  return {
    stop() {
      stopped = true;
      return running;
    },
  };
}
