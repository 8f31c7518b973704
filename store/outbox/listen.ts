import type { Db } from '../db.ts';
import { outboxChannel } from './announcer.ts';

/** Relays that are alive hold this advisory lock, shared: how they count each other. */
const membershipLock = 7_001;
const reconnectMs = 1_000;

export type OutboxListener = { stop(): void };

/**
 * Keeps one connection on which other processes' notices arrive, and which counts as this relay's sign of life. Replaced
 * when it breaks; between, the relay's poll is the net.
 */
export function listenForOutbox(db: Db, wake: () => void): OutboxListener {
  let stopped = false;
  let end: (() => void) | undefined;
  let timer: NodeJS.Timeout | undefined;

  async function connect(): Promise<void> {
    const client = await db.pool.connect();
    const closed = Promise.withResolvers<Error | undefined>();
    client.on('error', closed.resolve);
    client.on('end', () => closed.resolve(undefined));
    client.on('notification', wake);
    end = () => closed.resolve(undefined);
    try {
      await client.query('SELECT pg_advisory_lock_shared($1)', [membershipLock]);
      await client.query(`LISTEN ${outboxChannel}`);
      wake();
      if (!stopped) await closed.promise;
    } finally {
      // destroyed, not returned to the pool: it listens and holds a session lock
      client.removeAllListeners('notification');
      client.release(true);
    }
  }

  const run = (): void => {
    connect()
      .catch(() => {})
      .finally(() => {
        if (!stopped) timer = setTimeout(run, reconnectMs);
      });
  };
  run();
  return {
    stop() {
      stopped = true;
      clearTimeout(timer);
      end?.();
    },
  };
}

/** How many relays are alive on this database, this one included once its connection stands. */
export async function countRelays(db: Db): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    `SELECT count(DISTINCT pid)::int AS count FROM pg_locks
     WHERE locktype = 'advisory' AND classid = 0 AND objid = $1 AND granted AND mode = 'ShareLock'
       AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    [membershipLock],
  );
  return rows[0]?.count ?? 0;
}
