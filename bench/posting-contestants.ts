import type { Db } from '../store/db.ts';
import { checkInvariants } from '../store/ledger/invariants.ts';
import { createJournalBatcher } from '../store/ledger/journal-batcher.ts';
import { loadOf, openingBalance, seedWallets, walletCount } from './posting-load.ts';
import type { Scenario } from './posting-load.ts';

/** One second or more at a fixed number of clients, each with one request in flight. */
export type Measured = { perSecond: number; p50Ms: number; p99Ms: number };
export type Contestant = {
  name: string;
  measure(seconds: number): Promise<Measured>;
  /** After all rounds: did everything acknowledged happen, once, and do the sums agree? */
  isValid(): Promise<boolean>;
};

export const clientCount = 64;

export function percentiles(latenciesMs: readonly number[], elapsedMs: number): Measured {
  const sorted = Float64Array.from(latenciesMs).toSorted();
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return { perSecond: (sorted.length * 1_000) / elapsedMs, p50Ms: at(0.5), p99Ms: at(0.99) };
}

/** Closed loop: every client sends its next request when it has the answer to the last. */
export async function closedLoop(
  clients: number,
  seconds: number,
  request: (client: number) => Promise<void>,
): Promise<Measured> {
  const latencies: number[] = [];
  const startedAtMs = performance.now();
  const endsAtMs = startedAtMs + seconds * 1_000;
  const client = async (_: unknown, n: number) => {
    while (performance.now() < endsAtMs) {
      const sentAtMs = performance.now();
      await request(n);
      latencies.push(performance.now() - sentAtMs);
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  return percentiles(latencies, performance.now() - startedAtMs);
}

/** The batcher, called as a route calls it: one journal at a time. */
export async function ours(db: Db, scenario: Scenario): Promise<Contestant> {
  const players = await seedWallets(db, scenario);
  const batcher = createJournalBatcher({ db });
  const loads = Array.from({ length: clientCount }, (_, n) => loadOf(scenario, players, n, clientCount));
  const posted = { ok: 0, wrong: 0 };
  return {
    name: 'ours',
    measure: (seconds) =>
      closedLoop(clientCount, seconds, async (n) => {
        const load = loads[n]?.();
        if (!load) return;
        const { result } = await batcher.post(load.journal);
        if (result !== load.expect) posted.wrong += 1;
        else if (result === 'ok') posted.ok += 1;
      }),
    async isValid() {
      const { rows } = await db.query<{ journals: bigint; events: bigint }>(
        `SELECT (SELECT count(*) FROM journals) AS journals,
           (SELECT count(DISTINCT key) FROM outbox WHERE type = 'ledger.journal.posted.v1') AS events`,
      );
      const expected = BigInt(posted.ok + walletCount);
      const counted = rows[0]?.journals === expected && rows[0].events === expected;
      const rules = (await checkInvariants(db)).filter(({ rule }) => /^P[12]/.test(rule));
      return posted.wrong === 0 && counted && rules.every(({ ok }) => ok);
    },
  };
}

const sumOf = (table: string) => `SELECT sum(balance)::bigint AS sum FROM ${table}`;

/** The same accounts, lines and outbox row as ours, without keys, holds, items or answers per journal. */
export async function seedPeerTables(db: Db): Promise<void> {
  await db.pool.query(`SET ROLE NONE;
    CREATE TABLE peer_accounts (id bigint PRIMARY KEY, balance bigint NOT NULL CHECK (balance >= 0)) WITH (fillfactor = 70);
    CREATE TABLE peer_transfers (id bigserial PRIMARY KEY, debit bigint NOT NULL, credit bigint NOT NULL, amount bigint NOT NULL, created_at timestamptz NOT NULL DEFAULT clock_timestamp());
    CREATE INDEX ON peer_transfers (debit, id);
    CREATE INDEX ON peer_transfers (credit, id);
    CREATE TABLE peer_outbox (id bigserial PRIMARY KEY, topic text NOT NULL, data jsonb NOT NULL, created_at timestamptz NOT NULL DEFAULT clock_timestamp());
    INSERT INTO peer_accounts SELECT n, ${openingBalance} FROM generate_series(1, ${walletCount}) n;`);
  await db.pool.query('VACUUM ANALYZE peer_accounts');
}

export async function isPeerValid(db: Db, transactionCount: number): Promise<boolean> {
  const { rows } = await db.pool.query<{ sum: bigint; transfers: bigint; events: bigint }>(
    `SELECT (${sumOf('peer_accounts')}) AS sum, (SELECT count(*) FROM peer_transfers) AS transfers, (SELECT count(*) FROM peer_outbox) AS events`,
  );
  const found = rows[0];
  const sum = openingBalance * BigInt(walletCount);
  return (
    found?.sum === sum && found.transfers === BigInt(transactionCount) && found.events === found.transfers
  );
}
