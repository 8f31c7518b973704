import { isFull } from './scope.ts';
import type { SqlRule } from './rules.ts';

/** Accounts that the journals of the scope touched; all of them when it is everything. */
const touched = `
  SELECT debit_account_id AS id FROM transfers WHERE journal_id > $1
  UNION SELECT credit_account_id FROM transfers WHERE journal_id > $1
  UNION SELECT id FROM accounts WHERE ${isFull}`;

/** Transfers as the change each makes to one account's counters. */
const changesOf = (condition: (side: 'debit' | 'credit') => string) => `
  SELECT debit_account_id AS account_id, 'debit' AS side, amount, state FROM transfers WHERE ${condition('debit')}
  UNION ALL
  SELECT credit_account_id, 'credit', amount, state FROM transfers WHERE ${condition('credit')}`;
const posted = `sum(amount) FILTER (WHERE state IN ('posted', 'post') AND side =`;
const reserved = `CASE state WHEN 'pending' THEN amount WHEN 'posted' THEN 0 ELSE -amount END`;
const foldOf = (changes: string) => `
  SELECT account_id, coalesce(${posted} 'debit'), 0) AS debits_posted, coalesce(${posted} 'credit'), 0) AS credits_posted,
    coalesce(sum(${reserved}) FILTER (WHERE side = 'debit'), 0) AS debits_pending,
    coalesce(sum(${reserved}) FILTER (WHERE side = 'credit'), 0) AS credits_pending
  FROM (${changes}) c GROUP BY account_id`;
const counters = (of: string) =>
  ['debits_posted', 'credits_posted', 'debits_pending', 'credits_pending']
    .map((name) => `coalesce(${of}.${name}, 0)`)
    .join();
const differs = (kept: string) => `(${counters(kept)}) IS DISTINCT FROM (${counters('f')})`;
const shownAs = (kept: string) => `format('balance %s, its transfers say %s',
  coalesce(${kept}.credits_posted, 0) - coalesce(${kept}.debits_posted, 0),
  coalesce(f.credits_posted, 0) - coalesce(f.debits_posted, 0))`;

/** Where the folded totals of system accounts end; what is above is added from the transfers. */
const foldedUpTo = `(SELECT folded_journal_id FROM fold_progress)`;

export const accountRules: readonly SqlRule[] = [
  {
    name: 'transfers_balanced',
    title: 'P1 transfers move one asset between two accounts of it',
    holds: 'every transfer balances',
    violations: `
      SELECT 'transfer ' || t.id AS subject,
        CASE WHEN j.id IS NULL THEN 'its journal is missing' ELSE 'its accounts are missing or of another asset' END AS detail,
        j.created_at AS since
      FROM transfers t
      LEFT JOIN accounts d ON d.id = t.debit_account_id AND d.asset = t.asset
      LEFT JOIN accounts c ON c.id = t.credit_account_id AND c.asset = t.asset
      LEFT JOIN journals j ON j.id = t.journal_id
      WHERE t.journal_id > $1 AND (d.id IS NULL OR c.id IS NULL OR j.id IS NULL OR t.debit_account_id = t.credit_account_id)
      UNION ALL
      SELECT 'movement ' || m.id, 'its journal is missing', NULL FROM item_movements m
      WHERE m.journal_id > $1 AND NOT EXISTS (SELECT 1 FROM journals j WHERE j.id = m.journal_id)`,
  },
  {
    name: 'assets_conserved',
    title: 'P1 every asset is conserved',
    holds: 'wallets hold exactly what sources gave and sinks did not take',
    violations: `
      SELECT asset AS subject, 'is off by ' || sum(balance) AS detail, NULL::timestamptz AS since FROM (
        SELECT asset, (credits_posted - debits_posted)::numeric AS balance FROM accounts WHERE live
        UNION ALL
        SELECT a.asset, t.credits_posted - t.debits_posted FROM folded_totals t JOIN accounts a ON a.id = t.account_id
        UNION ALL
        SELECT a.asset, -t.amount FROM transfers t JOIN accounts a ON a.id = t.debit_account_id AND NOT a.live
        WHERE t.journal_id > ${foldedUpTo} AND t.state IN ('posted', 'post')
        UNION ALL
        SELECT a.asset, t.amount FROM transfers t JOIN accounts a ON a.id = t.credit_account_id AND NOT a.live
        WHERE t.journal_id > ${foldedUpTo} AND t.state IN ('posted', 'post')
      ) line GROUP BY asset HAVING sum(balance) <> 0`,
  },
  {
    name: 'wallet_counters',
    title: 'P1 wallet counters equal the fold of their transfers',
    holds: 'counters and transfers agree',
    violations: `
      WITH touched AS MATERIALIZED (${touched}),
        fold AS (${foldOf(changesOf((side) => `${side}_account_id IN (SELECT id FROM touched)`))})
      SELECT 'account ' || a.id || ' of ' || a.holder AS subject, ${shownAs('a')} AS detail, NULL::timestamptz AS since
      FROM accounts a LEFT JOIN fold f ON f.account_id = a.id
      WHERE a.live AND a.id IN (SELECT id FROM touched) AND ${differs('a')}`,
  },
  {
    name: 'folded_totals',
    title: 'P1 totals of system accounts equal the fold of their transfers',
    holds: 'totals and transfers agree, as far as they are folded',
    fullOnly: true,
    violations: `
      WITH fold AS (${foldOf(changesOf(() => `journal_id <= ${foldedUpTo}`))})
      SELECT 'account ' || a.id || ' of ' || a.holder AS subject, ${shownAs('t')} AS detail, NULL::timestamptz AS since
      FROM accounts a LEFT JOIN folded_totals t ON t.account_id = a.id LEFT JOIN fold f ON f.account_id = a.id
      WHERE NOT a.live AND ${differs('t')}`,
  },
  {
    name: 'wallets_not_negative',
    title: 'P2 no balance below zero',
    holds: 'every wallet covers what it holds',
    violations: `
      SELECT 'account ' || id || ' of ' || holder AS subject,
        'available ' || (credits_posted - debits_posted - debits_pending) AS detail, NULL::timestamptz AS since
      FROM accounts WHERE live AND credits_posted - debits_posted - debits_pending < 0`,
  },
  {
    name: 'mailboxes_covered',
    title: 'P2 a mailbox holds exactly what waits in it',
    holds: 'mailboxes and their entries agree',
    violations: `
      SELECT 'mailbox of ' || holder || ' ' || asset AS subject,
        'holds ' || coalesce(a.balance, 0) || ', waiting ' || coalesce(w.amount, 0) AS detail, NULL::timestamptz AS since
      FROM (SELECT holder, asset, credits_posted - debits_posted AS balance FROM accounts WHERE purpose = 'mailbox') a
      FULL JOIN (
        SELECT 'player:' || player_id AS holder, asset, sum(amount) AS amount FROM mailbox_entries
        WHERE status = 'waiting' GROUP BY player_id, asset
      ) w USING (holder, asset)
      WHERE coalesce(a.balance, 0) <> coalesce(w.amount, 0)`,
  },
  {
    name: 'escrow_empty',
    title: 'P4 no escrow at rest',
    holds: 'clearing accounts are empty: what one journal puts in, it takes out',
    violations: `
      SELECT a.holder || ' ' || a.asset AS subject, 'holds ' || sum(c.amount) AS detail, NULL::timestamptz AS since
      FROM accounts a JOIN (
        SELECT debit_account_id AS id, -amount AS amount FROM transfers
          WHERE journal_id > $1 AND state IN ('posted', 'post')
        UNION ALL
        SELECT credit_account_id, amount FROM transfers WHERE journal_id > $1 AND state IN ('posted', 'post')
      ) c ON c.id = a.id
      WHERE a.purpose = 'clearing' GROUP BY a.id, a.holder, a.asset HAVING sum(c.amount) <> 0`,
  },
];
