import type { Db } from '../db.ts';

export type HostRegistration = { hostId: string; publicUrl: string; internalUrl: string; capacity: number };

/** A host is one incarnation of a process: `hostId` is new at every start. Rows of long dead hosts go. */
export async function registerHost(db: Db, host: HostRegistration, leaseMs: number): Promise<void> {
  await db.query(
    `INSERT INTO match_hosts (id, public_url, internal_url, capacity, lease_until)
     VALUES ($1, $2, $3, $4, clock_timestamp() + $5 * interval '1 ms')`,
    [host.hostId, host.publicUrl, host.internalUrl, host.capacity, leaseMs],
  );
  await db.query(`DELETE FROM match_hosts WHERE lease_until < clock_timestamp() - interval '1 day'`);
}
