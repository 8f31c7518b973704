import { randomUUID } from 'node:crypto';
import { journalKeys } from '../../../domain/ledger/keys.ts';
import { beginAudit } from '../../../store/auditor/begin-audit.ts';
import type { AuditMode } from '../../../store/auditor/begin-audit.ts';
import { findViolations } from '../../../store/auditor/find-violations.ts';
import { finishAudit } from '../../../store/auditor/finish-audit.ts';
import { recordFindings } from '../../../store/auditor/record-findings.ts';
import { rules } from '../../../store/auditor/rules.ts';
import type { AuditScope } from '../../../store/auditor/scope.ts';
import { sealBlocks } from '../../../store/blocks/seal-blocks.ts';
import { verifyBlocks } from '../../../store/blocks/verify-blocks.ts';
import type { Db, Queryable } from '../../../store/db.ts';
import { foldFlows } from '../../../store/flows/fold-flows.ts';
import { foldAccounts } from '../../../store/ledger/fold-accounts.ts';
import { holdPrice } from '../../../store/trades/hold-price.ts';
import { moveLock } from '../../../store/trades/move-lock.ts';
import { settleTrade } from '../../../store/trades/settle-trade.ts';
import { journal, pay, post } from '../ledger/fixtures.ts';
import { applyArena, cause, newListing, newPlayer, newSword, newTrade } from '../market/fixtures.ts';

export const everything: AuditScope = {
  after: 0n,
  graceMs: 60_000,
  reviewLimitMs: 60_000,
  holdGraceMs: 60_000,
};

export type Books = {
  alice: string;
  bob: string;
  /** Alice's, free. */
  itemId: string;
  /** Completed, and one whose price is held and nothing else. */
  settled: string;
  held: string;
  listingId: string;
  matchId: string;
};

/** Some of everything, at rest but for one trade; folded and sealed. */
export async function keepBooks(db: Db): Promise<Books> {
  await applyArena(db);
  const alice = await newPlayer(db, 500n);
  const bob = await newPlayer(db, 500n);
  const itemId = await newSword(db, alice);
  const settled = await begunTrade(db);
  await moveLock(db, settled, cause);
  await settleTrade(db, settled, cause);
  const held = await begunTrade(db);
  const { listing } = await newListing(db);
  const matchId = await finishedMatch(db, alice, 'paid');
  await post(db, journal({ key: journalKeys.matchGrant(matchId, alice), transfers: [pay(alice, 5n)] }));
  await foldAccounts(db);
  await foldFlows(db);
  await sealBlocks(db, { waitMsMax: 20_000 });
  return { alice, bob, itemId, settled, held, listingId: listing.listingId, matchId };
}

export async function begunTrade(db: Db): Promise<string> {
  const { tradeId } = await newTrade(db, await newListing(db));
  await holdPrice(db, { tradeId, holdTtlMs: 3_600_000 }, cause);
  return tradeId;
}

export async function finishedMatch(
  db: Queryable,
  playerId: string,
  rewardStatus: 'paid' | null,
): Promise<string> {
  const matchId = randomUUID();
  const plans = JSON.stringify([{ playerId, lines: [{ asset: 'gold', amount: '5' }], items: [] }]);
  await db.query(
    `INSERT INTO matches (id, mode, region, status, config, economy_version, plans, ended_at, reward_status)
     VALUES ($1, 'test', 'local', 'finished', '{}', 1, $2, now() - interval '27 hours', $3)`,
    [matchId, plans, rewardStatus],
  );
  return matchId;
}

/** Every rule over the scope, by whatever connection: what does not hold, and for whom. */
export async function brokenRules(on: Queryable, scope: AuditScope = everything) {
  const broken: { rule: string; subjects: string[] }[] = [];
  for (const { name, fullOnly, find } of rules) {
    if (fullOnly === true && scope.after > 0n) continue;
    const { violations } = await find(on, scope);
    if (violations.length > 0)
      broken.push({ rule: name, subjects: violations.map(({ subject }) => subject) });
  }
  const { differences } = await verifyBlocks(on);
  if (differences.length > 0)
    broken.push({ rule: 'blocks_chained', subjects: differences.map(({ table, id }) => `${table} ${id}`) });
  return broken;
}

/** What the `audit` story does, without Temporal. */
export async function auditOnce(db: Db, mode: AuditMode): Promise<string[]> {
  const auditId = randomUUID();
  let plan = null;
  while (plan === null) plan = await beginAudit(db, { auditId, mode, actor: 'system:test' });
  const broken: string[] = [];
  for (const { rule, after } of plan.checks) {
    const found = await findViolations(db, rule, { ...everything, after });
    await db.transaction((tx) => recordFindings(tx, rule, found, { everything: after === 0n }));
    if (found.violationCount > 0)
      broken.push(`${rule}: ${found.violations[0]!.subject} ${found.violations[0]!.detail}`);
  }
  await finishAudit(db, { auditId, until: plan.until, results: [] });
  return broken;
}
