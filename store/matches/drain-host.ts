import type { Db } from '../db.ts';

/** From now on the host gets no more matches, and those it has prefer another. */
export async function drainHost(db: Db, hostId: string): Promise<void> {
  await db.query('UPDATE match_hosts SET draining = true WHERE id = $1', [hostId]);
}

/** The host has ended: its lease is over at once, not in some seconds. */
export async function retireHost(db: Db, hostId: string): Promise<void> {
  await db.query('UPDATE match_hosts SET draining = true, lease_until = clock_timestamp() WHERE id = $1', [
    hostId,
  ]);
}
