import type { Running } from '../events/handler.ts';
import type { Log } from '../platform/log.ts';
import type { Db } from '../store/db.ts';
import { expireHolds } from '../store/ledger/expire-holds.ts';
import { foldAccounts } from '../store/ledger/fold-accounts.ts';
import { expireListings } from '../store/listings/expire-listings.ts';

const intervalMs = 5_000;
const countMax = 200;

/**
 * Takes back what nobody came for: listings whose time is up, holds that outlived their story; and brings the totals of
 * system accounts up to date. Each is a guarded statement by PostgreSQL's clock, so every worker process may sweep.
 */
export function startSweep({ db, log }: { db: Db; log: Log }): Running {
  let sweeping: Promise<void> = Promise.resolve();
  let busy = false;

  async function sweep(): Promise<void> {
    busy = true;
    try {
      const listings = await expireListings(db, countMax, { actor: 'system:sweep' });
      const holds = await expireHolds(db, { limit: countMax });
      await foldAccounts(db);
      if (listings + holds > 0) log.info({ listings, holds }, 'swept');
    } catch (error) {
      log.warn({ err: error }, 'the sweep failed and is tried again');
    }
    busy = false;
  }

  const timer = setInterval(() => {
    if (!busy) sweeping = sweep();
  }, intervalMs);
  return {
    async stop() {
      clearInterval(timer);
      await sweeping;
    },
  };
}
