import type { Db } from '../db.ts';

/** Renews the host's lease by the database's clock. */
export async function heartbeatHost(db: Db, hostId: string, leaseMs: number): Promise<void> {
  await db.query(
    `UPDATE match_hosts SET lease_until = clock_timestamp() + $2 * interval '1 ms' WHERE id = $1`,
    [hostId, leaseMs],
  );
}
