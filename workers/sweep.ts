import type { Running } from '../events/consumer/handler.ts';
import type { Log } from '../platform/log.ts';
import type { Metrics } from '../platform/metrics.ts';
import { sealBlocks } from '../store/blocks/seal-blocks.ts';
import { checkConformance } from '../store/conformance/check-conformance.ts';
import type { Db } from '../store/db.ts';
import { foldFlows } from '../store/flows/fold-flows.ts';
import { measureHoldings } from '../store/flows/measure-holdings.ts';
import { expireHolds } from '../store/ledger/expire-holds.ts';
import { releaseHolds } from '../store/ledger/release-holds.ts';
import { releaseLocks } from '../store/items/release-locks.ts';
import { foldAccounts } from '../store/ledger/fold-accounts.ts';
import { expireEntries } from '../store/mailbox/expire-entries.ts';
import { expireListings } from '../store/listings/expire-listings.ts';
import { setLedgerGauges } from './ledger-gauges.ts';
import { setOutboxGauges } from './outbox-gauges.ts';
import { prune } from './prune.ts';

const sweepEveryMs = 5_000;
const sealEveryMs = 3_000;
const oddsEveryMs = 3_600_000;
const pruneEveryMs = 3_600_000;
const countMax = 200;
/** Long after the auditor has seen it: what is released here is a finding first. */
const ownerlessGraceMs = 15 * 60_000;
const sweepOptions = { graceMs: ownerlessGraceMs, limit: countMax };

/**
 * Takes back what nobody came for: listings whose time is up, holds that outlived their story; brings the totals of system
 * accounts up to date; seals what is new into blocks; and every hour compares what was drawn with the published odds and forgets
 * what nobody can ask for any more. Each is a guarded statement by PostgreSQL's clock, so every worker process may sweep.
 */
export function startSweep({ db, log, metrics }: { db: Db; log: Log; metrics: Metrics }): Running {
  const stop = new AbortController();

  const told = async (what: string, takeBack: Promise<number>): Promise<void> => {
    const count = await takeBack;
    if (count > 0) log.info({ [what]: count }, 'swept');
  };
  const listings = () => told('listings', expireListings(db, countMax, { actor: 'system:sweep' }));
  const mailboxes = () => told('mailboxes', expireEntries(db, countMax, { actor: 'system:sweep' }));
  const holds = () => told('holds', expireHolds(db, { limit: countMax }));
  const ownerless = async () => {
    await told('ownerless locks', releaseLocks(db, sweepOptions));
    await told('ownerless holds', releaseHolds(db, sweepOptions));
  };
  const seal = async () => void (await sealBlocks(db, { minAgeMs: sealEveryMs / 2 }));
  const gauges = () => setLedgerGauges(db, metrics);
  const outbox = () => setOutboxGauges(db, metrics);
  const fold = async () => void (await foldAccounts(db));
  // the journals' events ask for it too; this finds what they could not, behind a long transaction or a dead letter
  const flows = async () => void (await foldFlows(db));
  const holdings = async () => void (await measureHoldings(db));

  async function odds(): Promise<void> {
    const off = (await checkConformance(db)).filter(({ conforms }) => !conforms);
    if (off.length > 0) log.error({ off }, 'draws do not come out as published');
  }

  async function forget(): Promise<void> {
    const pruned = await prune(db, { signal: stop.signal });
    if (Object.values(pruned).some((count) => count > 0)) log.info(pruned, 'pruned');
  }

  // apart, so that one that fails takes no other with it
  const parts = [
    ...[listings, mailboxes, holds, fold, flows, holdings, gauges, outbox, ownerless].map((work) =>
      every(sweepEveryMs, work, log),
    ),
    every(sealEveryMs, seal, log),
    every(oddsEveryMs, odds, log),
    every(pruneEveryMs, forget, log),
  ];
  return {
    async stop() {
      stop.abort();
      await Promise.all(parts.map((part) => part.stop()));
    },
  };
}

/** Runs `work` again and again, never twice at once. */
function every(intervalMs: number, work: () => Promise<void>, log: Log): Running {
  let running: Promise<void> | undefined;
  const timer = setInterval(() => {
    running ??= work()
      .catch((error: unknown) => log.warn({ err: error }, 'the sweep failed and is tried again'))
      .finally(() => (running = undefined));
  }, intervalMs);
  return {
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}
