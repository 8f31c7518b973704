import { loadConfig } from '../platform/config.ts';
import { findViolations } from '../store/auditor/find-violations.ts';
import { ruleNames, rules } from '../store/auditor/rules.ts';
import type { RuleName } from '../store/auditor/rules.ts';
import { readHead } from '../store/blocks/reads.ts';
import type { Db } from '../store/db.ts';
import { openDb } from '../store/db.ts';

/** `npm run verify-ledger`: every rule over everything there is, the chain of blocks among them. Writes nothing. */
export type LedgerVerdict = { intact: boolean; journalCount: number; head: string | null };

const toldEveryMs = 2_000;
/** Of one rule. */
const namedCountMax = 20;

/** Says rule by rule what was found, and about long ones how far it is. */
export async function verifyLedger(
  db: Db,
  say: (line: string) => void,
  graceMs: { rewardMs: number; reviewMs: number },
): Promise<LedgerVerdict> {
  const startedAtMs = performance.now();
  const elapsed = () => `${((performance.now() - startedAtMs) / 1_000).toFixed(1)} s`;
  let intact = true;
  let journalCount = 0;
  for (const rule of [
    'blocks_chained',
    ...ruleNames.filter((name) => name !== 'blocks_chained'),
  ] as RuleName[]) {
    let toldAtMs = performance.now();
    const scope = {
      after: 0n,
      graceMs: graceMs.rewardMs,
      reviewLimitMs: graceMs.reviewMs,
      holdGraceMs: graceMs.rewardMs,
    };
    const working = setInterval(() => say(`  … ${rule}, ${elapsed()}`), toldEveryMs * 5);
    const found = await findViolations(db, rule, scope, (progress) => {
      ({ journalCount } = progress);
      if (performance.now() - toldAtMs < toldEveryMs) return;
      toldAtMs = performance.now();
      say(`  … block ${progress.height}, ${journalCount} journals, ${elapsed()}`);
    }).finally(() => clearInterval(working));
    if (found.violationCount === 0) {
      say(
        `ok    ${rule}: ${rule === 'blocks_chained' ? chained(journalCount) : holdsOf(rule)} (${elapsed()})`,
      );
      continue;
    }
    intact = false;
    for (const { subject, detail } of found.violations.slice(0, namedCountMax))
      say(`DIFFERS ${rule}: ${subject}: ${detail} (${elapsed()})`);
    const otherCount = found.violationCount - namedCountMax;
    if (otherCount > 0) say(`DIFFERS ${rule}: and ${otherCount} more`);
  }
  return { intact, journalCount, head: (await readHead(db))?.hash ?? null };
}

const holdsOf = (rule: RuleName): string => rules.find(({ name }) => name === rule)?.holds ?? '';
const chained = (journalCount: number) => `${journalCount} sealed journals are what was sealed`;

async function main(): Promise<number> {
  const config = loadConfig();
  const db = openDb({
    url: config.DATABASE_URL,
    connectionCountMax: 2,
    applicationName: 'lootledger-verify',
  });
  try {
    const grace = { rewardMs: config.AUDIT_GRACE_MS, reviewMs: config.REWARD_REVIEW_LIMIT_MS };
    const { intact, head } = await verifyLedger(db, (line) => console.log(line), grace);
    console.log(
      intact
        ? `The ledger is what was sealed; newest block ${head ?? 'none yet'}. Compare it with the copy you keep outside.`
        : 'The ledger is not what it was, see the lines above.',
    );
    return intact ? 0 : 1;
  } finally {
    await db.close();
  }
}

if (import.meta.main) process.exitCode = await main();
