import type { Db } from '../db.ts';
import { commitWithoutDisk } from '../commit-without-disk.ts';
import { createMicroBatch } from '../micro-batch.ts';

export type StoredReply = { status: number; headers: Record<string, string>; body: string };

/** `lease` fences the claim: whoever took it over finishes it, the former holder no longer can. */
export type KeyClaim =
  | { state: 'claimed'; lease: string; takenOver: boolean }
  | { state: 'stored'; reply: StoredReply }
  | { state: 'in_flight'; leaseMs: number }
  | { state: 'mismatch' };

type Row = {
  found: boolean;
  claimed: boolean;
  taken_over: boolean | null;
  lease: string | null;
  lease_ms: number;
  same_body: boolean | null;
  status: number | null;
  headers: Record<string, string> | null;
  body: string | null;
};

type Claim = { scope: string; key: string; bodyHash: string };

/** Longer than any request lives, by the database's clock. */
const leaseMs = 30_000;
const attemptCountMax = 3;

type Ask = (claim: Claim) => Promise<Row>;
const batches = new WeakMap<Pick<Db, 'query'>, Ask>();

/**
 * Claims a key for one request, takes over a claim whose lease ran out, or answers what stands there. One statement, which
 * requests at the same moment share: a commit per request would cost more than the request. Of two racing requests the
 * second waits for the first's row and then meets it.
 */
export async function claimKey(db: Pick<Db, 'query'>, claim: Claim): Promise<KeyClaim> {
  let ask = batches.get(db);
  if (!ask) {
    ask = createMicroBatch({
      run: (claims: readonly Claim[]) => claimKeys(db, claims),
      nameOf: ({ scope, key }) => `${scope}\n${key}`,
    });
    batches.set(db, ask);
  }
  for (let attempt = 0; attempt < attemptCountMax; attempt += 1) {
    const row = await ask(claim);
    // Neither: the winner's row was committed after this statement's snapshot, or has just been released. Look again.
    if (row.claimed || row.found) return stateOf(row);
  }
  return { state: 'in_flight', leaseMs: 1_000 };
}

/**
 * In the order of their keys, so that two of these cannot wait for each other. The commit does not wait for the disk: the one
 * of the effect or of the reply, which come after it in the log, brings the claim with it, and a claim that is lost before
 * those is taken again.
 */
async function claimKeys(db: Pick<Db, 'query'>, claims: readonly Claim[]): Promise<Row[]> {
  const { rows } = await db.query<Row>({
    // without a name, so planned anew each time: a plan kept from when the table was empty would read all of it
    text: `
      WITH asked AS MATERIALIZED (
        SELECT * FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS a(scope, key, body_hash, n)
      ), unhurried AS MATERIALIZED (
        SELECT ${commitWithoutDisk}
      ), claimed AS (
        INSERT INTO idempotency_keys AS k (scope, key, body_hash, lease_until)
        SELECT scope, key, body_hash, clock_timestamp() + $4 * interval '1 millisecond' FROM asked ORDER BY scope, key
        ON CONFLICT (scope, key) DO UPDATE SET lease_until = excluded.lease_until
          WHERE k.status IS NULL AND k.lease_until <= clock_timestamp() AND k.body_hash = excluded.body_hash
        RETURNING scope, key, lease_until, xmax <> 0 AS taken_over
      )
      SELECT c.key IS NOT NULL AS claimed, c.taken_over, c.lease_until::text AS lease, k.key IS NOT NULL AS found,
        greatest(0, extract(epoch FROM k.lease_until - clock_timestamp()) * 1000)::int AS lease_ms,
        k.body_hash = a.body_hash AS same_body, k.status, k.headers, k.body
      FROM unhurried CROSS JOIN asked a LEFT JOIN claimed c ON c.scope = a.scope AND c.key = a.key
      LEFT JOIN LATERAL (
        SELECT * FROM idempotency_keys i WHERE i.scope = a.scope AND i.key = a.key AND c.key IS NULL OFFSET 0
      ) k ON true
      ORDER BY a.n`,
    values: [
      claims.map(({ scope }) => scope),
      claims.map(({ key }) => key),
      claims.map(({ bodyHash }) => bodyHash),
      leaseMs,
    ],
  });
  return rows;
}

function stateOf(row: Row): KeyClaim {
  if (row.claimed) return { state: 'claimed', lease: row.lease ?? '', takenOver: row.taken_over ?? false };
  if (!row.same_body) return { state: 'mismatch' };
  if (row.status === null) return { state: 'in_flight', leaseMs: row.lease_ms };
  return { state: 'stored', reply: { status: row.status, headers: row.headers ?? {}, body: row.body ?? '' } };
}
