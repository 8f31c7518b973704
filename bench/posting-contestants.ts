import type { Db } from '../store/db.ts';
import { checkInvariants } from '../store/ledger/invariants.ts';
import { createJournalBatcher } from '../store/ledger/journal-batcher.ts';
import { closedLoop, openLoop } from './loops.ts';
import { loadOf, openingBalance, seedWallets, walletCount } from './posting-load.ts';
import type { Scenario } from './posting-load.ts';
import { startRelay } from './posting-relay.ts';
import { ownCpuMs } from './race.ts';
import type { Contestant } from './race.ts';

export const clientCount = 64;

/** The batcher, called as a route calls it: one journal at a time. */
export async function ours(db: Db, scenario: Scenario, name = 'ours'): Promise<Contestant> {
  const players = await seedWallets(db, scenario);
  const batcher = createJournalBatcher({ db });
  const loads = Array.from({ length: clientCount }, (_, n) => loadOf(scenario, players, n, clientCount));
  const posted = { ok: 0, wrong: 0 };
  const request = async (n: number) => {
    const load = loads[n % clientCount]?.();
    if (!load) return;
    const { result } = await batcher.post(load.journal);
    if (result !== load.expect) posted.wrong += 1;
    else if (result === 'ok') posted.ok += 1;
  };
  return {
    name,
    measure: (seconds) => closedLoop(clientCount, seconds, request),
    pace: (perSecond, seconds) => openLoop(perSecond, seconds, request),
    clientCpuMs: ownCpuMs,
    isValid: async () => posted.wrong === 0 && (await isOursValid(db, posted.ok)),
  };
}

/** The same while a relay claims what is written, at the same rate. */
export async function oursWithRelay(db: Db, scenario: Scenario): Promise<Contestant> {
  const contestant = await ours(db, scenario, 'ours, relay claiming');
  const claimed = async <T>(work: () => Promise<T>): Promise<T> => {
    const relay = startRelay(db);
    try {
      return await work();
    } finally {
      await relay.stop();
    }
  };
  return {
    ...contestant,
    measure: (seconds) => claimed(() => contestant.measure(seconds)),
    pace: (perSecond, seconds) => claimed(() => contestant.pace(perSecond, seconds)),
  };
}

/** Every acknowledged journal is there once with its one event, told already or waiting; the books balance. */
async function isOursValid(db: Db, acknowledged: number): Promise<boolean> {
  const { rows } = await db.query<{ journals: bigint; events: bigint; keys: bigint }>(
    `SELECT (SELECT count(*) FROM journals) AS journals, count(*) AS events, count(DISTINCT key) AS keys
     FROM (SELECT key FROM outbox UNION ALL SELECT key FROM event_log) AS told`,
  );
  const expected = BigInt(acknowledged + walletCount);
  const counted = rows[0]?.journals === expected && rows[0].events === expected && rows[0].keys === expected;
  const rules = (await checkInvariants(db)).filter(({ rule }) => /^P[12]/.test(rule));
  return counted && rules.every(({ ok }) => ok);
}

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

/** Nothing lost or repeated: a line and an event per transaction, and every balance is what its lines say. */
export async function isPeerValid(db: Db, transactionCount: number): Promise<boolean> {
  const { rows } = await db.pool.query<{ transfers: bigint; events: bigint; off: bigint }>(
    `SELECT (SELECT count(*) FROM peer_transfers) AS transfers, (SELECT count(*) FROM peer_outbox) AS events,
       (SELECT count(*) FROM peer_accounts a LEFT JOIN (
          SELECT account, sum(amount) AS change FROM (
            SELECT debit AS account, -amount AS amount FROM peer_transfers UNION ALL SELECT credit, amount FROM peer_transfers
          ) lines GROUP BY account
        ) l ON l.account = a.id WHERE a.balance <> ${openingBalance} + coalesce(l.change, 0)) AS off`,
  );
  const found = rows[0];
  return (
    found?.off === 0n && found.transfers === BigInt(transactionCount) && found.events === found.transfers
  );
}
