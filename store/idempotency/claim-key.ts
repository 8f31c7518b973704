import type { Db } from '../db.ts';

export type StoredReply = { status: number; headers: Record<string, string>; body: string };

/** `lease` fences the claim: whoever took it over finishes it, the former holder no longer can. */
export type KeyClaim =
  | { state: 'claimed'; lease: string; takenOver: boolean }
  | { state: 'stored'; reply: StoredReply }
  | { state: 'in_flight'; leaseMs: number }
  | { state: 'mismatch' };

type Row = {
  claimed: boolean;
  taken_over: boolean;
  lease: string | null;
  lease_ms: number;
  same_body: boolean;
  status: number | null;
  headers: Record<string, string> | null;
  body: string | null;
};

/** Longer than any request lives, by the database's clock. */
const leaseMs = 30_000;
const attemptCountMax = 3;

/**
 * Claims a key for one request, takes over a claim whose lease ran out, or answers what stands there. One statement: of
 * two racing requests the second waits for the first's row and then meets it.
 */
export async function claimKey(
  db: Pick<Db, 'query'>,
  claim: { scope: string; key: string; bodyHash: string },
): Promise<KeyClaim> {
  for (let attempt = 0; attempt < attemptCountMax; attempt += 1) {
    const { rows } = await db.query<Row>({
      name: 'claim_idempotency_key',
      text: `
        WITH claimed AS (
          INSERT INTO idempotency_keys AS k (scope, key, body_hash, lease_until)
          VALUES ($1, $2, $3, clock_timestamp() + $4 * interval '1 millisecond')
          ON CONFLICT (scope, key) DO UPDATE SET lease_until = excluded.lease_until
            WHERE k.status IS NULL AND k.lease_until <= clock_timestamp() AND k.body_hash = excluded.body_hash
          RETURNING lease_until, xmax <> 0 AS taken_over
        )
        SELECT true AS claimed, taken_over, lease_until::text AS lease, 0 AS lease_ms, true AS same_body,
          NULL::int AS status, NULL::jsonb AS headers, NULL::text AS body
        FROM claimed
        UNION ALL
        SELECT false, false, NULL, greatest(0, extract(epoch FROM lease_until - clock_timestamp()) * 1000)::int,
          body_hash = $3, status, headers, body
        FROM idempotency_keys WHERE scope = $1 AND key = $2 AND NOT EXISTS (SELECT FROM claimed)`,
      values: [claim.scope, claim.key, claim.bodyHash, leaseMs],
    });
    const row = rows[0];
    // The winner's row was committed after this statement's snapshot, or has just been released: look again.
    if (row === undefined) continue;
    return stateOf(row);
  }
  return { state: 'in_flight', leaseMs: 1_000 };
}

function stateOf(row: Row): KeyClaim {
  if (row.claimed) return { state: 'claimed', lease: row.lease ?? '', takenOver: row.taken_over };
  if (!row.same_body) return { state: 'mismatch' };
  if (row.status === null) return { state: 'in_flight', leaseMs: row.lease_ms };
  return { state: 'stored', reply: { status: row.status, headers: row.headers ?? {}, body: row.body ?? '' } };
}
