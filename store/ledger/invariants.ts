import type { Queryable } from '../db.ts';

/** `detail` is one sentence: how much was checked, or the first thing that is wrong. */
export type InvariantResult = { rule: string; ok: boolean; detail: string };

type Rule = {
  rule: string;
  /** One row per violation, `subject` naming it; at most a few are needed. */
  violations: string;
  holds: string;
};

/** Transfers as the change each makes to one account's counters. */
const changes = `
  SELECT debit_account_id AS account_id, 'debit' AS side, asset, amount, state FROM transfers
  UNION ALL
  SELECT credit_account_id, 'credit', asset, amount, state FROM transfers`;
const posted = `sum(amount) FILTER (WHERE state IN ('posted', 'post') AND side =`;
const reserved = `CASE state WHEN 'pending' THEN amount WHEN 'posted' THEN 0 ELSE -amount END`;
const fold = `
  SELECT account_id, coalesce(${posted} 'debit'), 0) AS debits_posted, coalesce(${posted} 'credit'), 0) AS credits_posted,
    coalesce(sum(${reserved}) FILTER (WHERE side = 'debit'), 0) AS debits_pending,
    coalesce(sum(${reserved}) FILTER (WHERE side = 'credit'), 0) AS credits_pending
  FROM (${changes}) c GROUP BY account_id`;

const rules: readonly Rule[] = [
  {
    rule: 'P1 transfers move one asset between two accounts of it',
    holds: 'every transfer balances',
    violations: `
      SELECT 'transfer ' || t.id AS subject FROM transfers t
      LEFT JOIN accounts d ON d.id = t.debit_account_id AND d.asset = t.asset
      LEFT JOIN accounts c ON c.id = t.credit_account_id AND c.asset = t.asset
      LEFT JOIN journals j ON j.id = t.journal_id
      WHERE d.id IS NULL OR c.id IS NULL OR j.id IS NULL`,
  },
  {
    rule: 'P1 every asset is conserved',
    holds: 'wallets hold exactly what sources gave and sinks did not take',
    violations: `
      SELECT asset || ' is off by ' || sum(balance) AS subject FROM (
        SELECT asset, (credits_posted - debits_posted)::numeric AS balance FROM accounts WHERE live
        UNION ALL
        SELECT a.asset, f.credits_posted - f.debits_posted FROM accounts a JOIN (${fold}) f ON f.account_id = a.id WHERE NOT a.live
      ) b GROUP BY asset HAVING sum(balance) <> 0`,
  },
  {
    rule: 'P1 wallet counters equal the fold of their transfers',
    holds: 'counters and transfers agree',
    violations: `
      SELECT 'account ' || a.id || ' of ' || a.holder AS subject FROM accounts a LEFT JOIN (${fold}) f ON f.account_id = a.id
      WHERE a.live AND (a.debits_posted, a.credits_posted, a.debits_pending, a.credits_pending) IS DISTINCT FROM
        (coalesce(f.debits_posted, 0), coalesce(f.credits_posted, 0), coalesce(f.debits_pending, 0), coalesce(f.credits_pending, 0))`,
  },
  {
    rule: 'P2 no balance below zero',
    holds: 'every wallet covers what it holds',
    violations: `SELECT 'account ' || id AS subject FROM accounts WHERE live AND credits_posted - debits_posted - debits_pending < 0`,
  },
  {
    rule: 'P3 every plan of every finished match is paid or withheld',
    holds: 'every non-empty plan has its one journal or a rejection',
    violations: `
      SELECT 'match ' || m.id || ' player ' || (p.plan ->> 'playerId') AS subject
      FROM matches m CROSS JOIN LATERAL jsonb_array_elements(m.plans) AS p(plan)
      WHERE m.status = 'finished' AND m.reward_status IS DISTINCT FROM 'withheld' AND jsonb_typeof(m.plans) = 'array'
        AND (p.plan -> 'lines' <> '[]'::jsonb OR p.plan -> 'items' <> '[]'::jsonb)
        AND NOT EXISTS (SELECT 1 FROM journals j WHERE j.key = 'grant:match:' || m.id || ':' || (p.plan ->> 'playerId') AND j.kind = 'grant')
        AND NOT EXISTS (SELECT 1 FROM verdicts v WHERE v.subject = 'match:' || m.id AND v.decision = 'rejected')`,
  },
  {
    rule: 'P4 a trade settles once or is undone entirely',
    holds: 'completed trades have their settlement, failed ones none',
    violations: `
      SELECT 'trade ' || t.id || ' is ' || t.state AS subject FROM trades t
      LEFT JOIN journals j ON j.key = 'trade:' || t.id || ':settle' AND j.kind <> 'tombstone'
      WHERE (t.state = 'completed' AND j.id IS NULL) OR (t.state = 'failed' AND j.id IS NOT NULL)`,
  },
  {
    rule: 'P4 an item is where its last movement left it',
    holds: 'owner and lock of every item agree with its chain of custody',
    violations: `
      SELECT 'item ' || i.id AS subject FROM items i LEFT JOIN LATERAL (
        SELECT m.to_owner, m.lock_after FROM item_movements m WHERE m.item_id = i.id ORDER BY m.id DESC LIMIT 1
      ) last ON true
      WHERE (last.to_owner, last.lock_after) IS DISTINCT FROM (i.owner, i.lock)`,
  },
  {
    rule: 'P4 no lock without a live story',
    holds: 'every locked item is listed, in a trade or in a match',
    violations: `
      SELECT 'item ' || i.id || ' locked by ' || i.lock AS subject FROM items i
      WHERE i.lock IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM listings l WHERE i.lock = 'listing:' || l.id AND l.status IN ('open', 'in_trade'))
        AND NOT EXISTS (SELECT 1 FROM trades t WHERE i.lock = 'trade:' || t.id AND t.state NOT IN ('completed', 'failed'))
        AND NOT EXISTS (SELECT 1 FROM matches m WHERE i.lock = 'match:' || m.id AND m.status IN ('lobby', 'starting', 'running'))`,
  },
  {
    rule: 'P4 no escrow at rest',
    holds: 'clearing accounts are empty, open holds belong to open stories',
    violations: `
      SELECT a.holder || ' holds ' || sum(f.credits_posted - f.debits_posted) || ' ' || a.asset AS subject
      FROM accounts a JOIN (${fold}) f ON f.account_id = a.id WHERE a.purpose = 'clearing'
      GROUP BY a.id, a.holder, a.asset HAVING sum(f.credits_posted - f.debits_posted) <> 0
      UNION ALL
      SELECT 'hold ' || t.id || ' of ' || j.key FROM transfers t JOIN journals j ON j.id = t.journal_id
      WHERE t.state = 'pending' AND NOT EXISTS (SELECT 1 FROM transfers r WHERE r.pending_id = t.id)
        AND CASE split_part(j.key, ':', 1)
          WHEN 'trade' THEN EXISTS (SELECT 1 FROM trades x WHERE x.id::text = split_part(j.key, ':', 2) AND x.state IN ('completed', 'failed'))
          WHEN 'seal' THEN EXISTS (SELECT 1 FROM matches x WHERE x.id::text = split_part(j.key, ':', 2) AND x.status IN ('finished', 'cancelled', 'voided'))
          ELSE false END`,
  },
];

/** P1 to P4 in SQL over everything there is; meant for a system at rest: a payment under way is not paid yet. */
export async function checkInvariants(db: Queryable): Promise<InvariantResult[]> {
  const results: InvariantResult[] = [];
  for (const { rule, violations, holds } of rules) {
    const { rows } = await db.query<{ subject: string; total: bigint }>(
      `SELECT subject, count(*) OVER () AS total FROM (${violations}) v ORDER BY subject LIMIT 1`,
    );
    const first = rows[0];
    const detail = first
      ? `${first.subject}${first.total > 1n ? ` and ${first.total - 1n} more` : ''}`
      : holds;
    results.push({ rule, ok: first === undefined, detail });
  }
  return results;
}
