import type { Db } from '../db.ts';

const batchCount = 10_000;

/** Takes draws that settlements left into the totals per entry, each once; answers how many rows it took. */
export async function rollUpDraws(db: Db): Promise<number> {
  let takenCount = 0;
  for (;;) {
    const { rows } = await db.query<{ count: number }>({
      name: 'roll_up_draws',
      text: `
        WITH taken AS (
          DELETE FROM drop_draws WHERE id IN (SELECT id FROM drop_draws ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED)
          RETURNING table_code, table_version, variant, entry, draw_count
        ), kept AS (
          INSERT INTO drop_observations AS o (table_code, table_version, variant, entry, draw_count)
          SELECT table_code, table_version, variant, entry, sum(draw_count) FROM taken
          GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
          ON CONFLICT (table_code, table_version, variant, entry)
            DO UPDATE SET draw_count = o.draw_count + excluded.draw_count
        )
        SELECT count(*)::int AS count FROM taken`,
      values: [batchCount],
    });
    const count = rows[0]?.count ?? 0;
    takenCount += count;
    if (count < batchCount) return takenCount;
  }
}
