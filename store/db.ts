import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { PrismaClient } from '../prisma/generated/client.ts';
import { createOutboxAnnouncer } from './outbox/announcer.ts';
import type { OutboxAnnouncer } from './outbox/announcer.ts';

/**
 * The one pool of a process and the one way to open a transaction. Raw `pg` serves the hot paths, Prisma the typed reads
 * and simple writes, both on the same connections.
 */
export type Db = {
  readonly pool: pg.Pool;
  readonly prisma: PrismaClient;
  /** One statement outside a transaction. */
  query: Queryable['query'];
  /**
   * Runs `work` in one transaction on one connection; commits when it returns, rolls back when it throws. Who lifts the
   * server's limits there says how long a statement may take.
   */
  transaction<T>(work: (tx: Tx) => Promise<T>, statementMsMax?: number): Promise<T>;
  /** Calls the listener after each commit here that wrote events; answers how to stop it. */
  onOutbox: OutboxAnnouncer['listen'];
  /** Says that a statement outside `transaction` has written events, as `Tx.wroteOutbox` does for one inside. */
  wroteOutbox: OutboxAnnouncer['committed'];
  close(): Promise<void>;
};

export type Queryable = {
  query<Row extends pg.QueryResultRow = pg.QueryResultRow>(
    text: string | pg.QueryConfig,
    values?: unknown[],
  ): Promise<pg.QueryResult<Row>>;
};

/** A connection inside `transaction`; only store verbs receive one. */
export type Tx = Queryable & {
  readonly transaction: true;
  /** Says that this transaction wrote events, so that the relay is woken when it commits. `appendEvents` calls it. */
  wroteOutbox(): void;
};

export type DbOptions = { url: string; connectionCountMax: number; applicationName?: string };

/** A stopped process must not sit on wallets: whatever waits or idles longer than this gives way. */
const lockTimeoutMs = 2_000;
const transactionTimeoutMs = 10_000;
const idleInTransactionTimeoutMs = 2_000;
/** So long after the server has answered or ended every statement, a connection that says nothing is dead. */
const silenceMs = 5_000;

export function openDb(options: DbOptions): Db {
  const settings = {
    role: 'lootledger_app',
    lock_timeout: lockTimeoutMs,
    transaction_timeout: transactionTimeoutMs,
    idle_in_transaction_session_timeout: idleInTransactionTimeoutMs,
  };
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.connectionCountMax,
    // a new connection plans the posting of journals anew
    idleTimeoutMillis: 60_000,
    keepAlive: true,
    query_timeout: transactionTimeoutMs + silenceMs,
    application_name: options.applicationName ?? 'lootledger',
    options: Object.entries(settings)
      .map(([name, value]) => `-c ${name}=${value}`)
      .join(' '),
    types: { getTypeParser },
  });
  // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
  pool.on('error', () => {});
  // one that the server ends as soon as it stands may say so before whoever asked for it has begun to listen
  pool.on('connect', (client) => client.on('error', () => {}));
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool) });
  const outbox = createOutboxAnnouncer((statement) => pool.query(statement));
  return {
    pool,
    prisma,
    query: (text, values) => pool.query(text, values),
    transaction: (work, statementMsMax) => runTransaction(pool, outbox, work, statementMsMax),
    onOutbox: outbox.listen,
    wroteOutbox: outbox.committed,
    async close() {
      outbox.close();
      await prisma.$disconnect();
      await pool.end();
    },
  };
}

async function runTransaction<T>(
  pool: pg.Pool,
  outbox: OutboxAnnouncer,
  work: (tx: Tx) => Promise<T>,
  statementMsMax?: number,
): Promise<T> {
  const client = await pool.connect();
  let wroteOutbox = false;
  let broken: Error | undefined;
  // A connection the server ends between two statements reports it here, not in a query.
  const onError = (error: Error) => (broken = error);
  client.on('error', onError);
  try {
    await client.query('BEGIN');
    const result = await work({
      transaction: true,
      wroteOutbox: () => (wroteOutbox = true),
      query: (text, values) => client.query(patient(text, statementMsMax), values),
    });
    await client.query('COMMIT');
    if (wroteOutbox) outbox.committed();
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch((rollbackError: Error) => (broken = rollbackError));
    throw error;
  } finally {
    client.off('error', onError);
    client.release(broken);
  }
}

/** A statement's own `query_timeout` goes before the pool's. */
function patient(text: string | pg.QueryConfig, statementMsMax?: number): string | pg.QueryConfig {
  if (statementMsMax === undefined) return text;
  const config = typeof text === 'string' ? { text } : text;
  return Object.assign({}, config, { query_timeout: statementMsMax + silenceMs });
}

/** Amounts and ids are `bigint` inside. */
function getTypeParser(oid: number, format?: 'text' | 'binary') {
  const int8Oid: number = pg.types.builtins.INT8;
  if (oid === int8Oid && format !== 'binary') return BigInt;
  const defaultParser: (oid: number, format?: 'text' | 'binary') => unknown = pg.types.getTypeParser;
  return defaultParser(oid, format);
}
