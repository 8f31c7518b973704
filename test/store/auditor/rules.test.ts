import { beforeAll, describe, expect, test } from 'vitest';
import { ruleNames } from '../../../store/auditor/rules.ts';
import type { RuleName } from '../../../store/auditor/rules.ts';
import { testDatabase } from '../../support/database.ts';
import { openOwner } from '../../support/owner.ts';
import { brokenRules, everything, finishedMatch, keepBooks } from './world.ts';
import type { Books } from './world.ts';

const { db, url } = await testDatabase();
const owner = await openOwner(url);
let books: Books;
beforeAll(async () => {
  books = await keepBooks(db);
});

const wallet = (playerId: string) =>
  `(SELECT id FROM accounts WHERE holder = 'player:${playerId}' AND asset = 'gold' AND purpose = 'wallet')`;
const clearing = `(SELECT id FROM accounts WHERE purpose = 'clearing' AND asset = 'gold' LIMIT 1)`;

/** A journal that posting would have refused, with all that belongs to it. */
const forged = (debit: string, credit: string, amount: number): string[] => [
  `WITH j AS (INSERT INTO journals (key, kind, body_hash, actor) VALUES ('forged', 'grant', '\\x00', 'nobody') RETURNING id)
   INSERT INTO transfers (journal_id, index, debit_account_id, credit_account_id, asset, amount, state, code)
   SELECT id, 0, ${debit}, ${credit}, 'gold', ${amount}, 'posted', 'grant' FROM j`,
  `SELECT append_outbox('{ledger.journal}', '{ledger.journal.posted.v1}', '{forged}', '{forged}', ARRAY['{}'], ARRAY['{}'], '{f}')`,
  `UPDATE accounts SET debits_posted = debits_posted + ${amount} WHERE id = ${debit} AND live`,
  `UPDATE accounts SET credits_posted = credits_posted + ${amount} WHERE id = ${credit} AND live`,
];

/** What somebody with all rights does to the books, and the one rule that sees it. */
type Crime = {
  rule: RuleName;
  what: string;
  does: (books: Books) => string | string[];
  names: (books: Books) => RegExp;
};
const crimes: Crime[] = [
  {
    rule: 'transfers_balanced',
    what: 'a movement of no journal',
    does: ({ itemId }) => `
      INSERT INTO item_movements (journal_id, index, item_id, from_owner, to_owner, attributes, code)
      SELECT 999999999, 0, id, owner, owner, attributes, 'modify' FROM items WHERE id = '${itemId}'`,
    names: () => /^movement \d+$/,
  },
  {
    rule: 'wallet_counters',
    what: "a wallet's counters",
    does: ({ alice }) => `
      UPDATE accounts SET debits_posted = debits_posted + 7, credits_posted = credits_posted + 7 WHERE id = ${wallet(alice)}`,
    names: ({ alice }) => new RegExp(`of player:${alice}$`),
  },
  {
    rule: 'folded_totals',
    what: "a faucet's totals",
    does: () => `
      UPDATE folded_totals t SET debits_posted = t.debits_posted + 7, credits_posted = t.credits_posted + 7
      FROM accounts a WHERE a.id = t.account_id AND a.holder = 'system:api.grant' AND a.asset = 'gold'`,
    names: () => /of system:api.grant$/,
  },
  {
    rule: 'wallets_not_negative',
    what: 'more spent than there was',
    does: ({ alice, bob }) => [
      'ALTER TABLE accounts DROP CONSTRAINT accounts_never_overdrawn',
      ...forged(wallet(alice), wallet(bob), 1_000_000),
    ],
    names: ({ alice }) => new RegExp(`of player:${alice}$`),
  },
  {
    rule: 'mailboxes_covered',
    what: 'a promise that nothing covers',
    does: ({ alice }) => `
      INSERT INTO mailbox_entries (id, player_id, asset, amount, source, cause)
      VALUES (gen_random_uuid(), '${alice}', 'gold', 5, 'api.grant', 'forged')`,
    names: ({ alice }) => new RegExp(`^mailbox of player:${alice} gold$`),
  },
  {
    rule: 'escrow_empty',
    what: 'gold from where nothing may rest',
    does: ({ bob }) => forged(clearing, wallet(bob), 5),
    names: () => /^system:market gold$/,
  },
  {
    rule: 'keys_once',
    what: 'a key posted twice',
    does: () => [
      'DROP INDEX journals_key_key',
      `INSERT INTO journals (key, kind, body_hash, actor) SELECT key, kind, body_hash, actor FROM journals WHERE key LIKE 'grant:match:%'`,
    ],
    names: ({ matchId }) => new RegExp(`^key grant:match:${matchId}`),
  },
  {
    rule: 'trades_settled',
    what: 'a settled trade that says it failed',
    does: ({ settled }) => `UPDATE trades SET state = 'failed' WHERE id = '${settled}'`,
    names: ({ settled }) => new RegExp(`^trade ${settled}$`),
  },
  {
    rule: 'item_custody',
    what: 'another owner',
    does: ({ itemId, bob }) => `UPDATE items SET owner = 'player:${bob}' WHERE id = '${itemId}'`,
    names: ({ itemId }) => new RegExp(`^item ${itemId}$`),
  },
  {
    rule: 'item_custody',
    what: 'better attributes',
    does: ({ itemId }) => `UPDATE items SET attributes = '{"weaponBonus": 999}' WHERE id = '${itemId}'`,
    names: ({ itemId }) => new RegExp(`^item ${itemId}$`),
  },
  {
    rule: 'locks_owned',
    what: 'a lock whose listing is gone',
    does: ({ listingId }) => `UPDATE listings SET status = 'cancelled' WHERE id = '${listingId}'`,
    names: () => /^item /,
  },
  {
    rule: 'holds_owned',
    what: 'a hold whose trade is over',
    does: ({ held }) => `UPDATE trades SET state = 'failed', ended_at = now() WHERE id = '${held}'`,
    names: () => /^hold \d+$/,
  },
  {
    rule: 'events_told',
    what: 'an event that was never told',
    does: ({ matchId }) =>
      `DELETE FROM outbox WHERE topic = 'ledger.journal' AND key LIKE 'grant:match:${matchId}:%'`,
    names: () => /^journal \d+$/,
  },
  {
    rule: 'event_sequences',
    what: 'a gap before Kafka',
    does: ({ settled }) => `DELETE FROM outbox WHERE key = '${settled}' AND sequence = 2`,
    names: ({ settled }) => new RegExp(`^market.trade ${settled}$`),
  },
  {
    rule: 'flows_reconciled',
    what: 'a prettier report',
    does: () => `UPDATE flow_hours SET debited = debited + 1 WHERE role = 'api.grant' AND asset = 'gold'`,
    names: () => /gold source api.grant/,
  },
  {
    rule: 'blocks_chained',
    what: 'another actor of a sealed journal',
    does: ({ matchId }) => `UPDATE journals SET actor = 'nobody' WHERE key LIKE 'grant:match:${matchId}:%'`,
    names: () => /^journals \d+$/,
  },
];

describe('each rule sees what it is there for, and no other rule does', () => {
  test('nothing is wrong before', async () => {
    expect(await brokenRules(db)).toEqual([]);
    expect(await brokenRules(db, { ...everything, after: 1n })).toEqual([]);
  });

  test.each(crimes)('$rule: $what', async ({ rule, does, names }) => {
    await owner.tampering(does(books), async () => {
      const broken = await brokenRules(owner);
      expect(broken.map((one) => one.rule)).toEqual([rule]);
      expect(broken[0]!.subjects[0]).toMatch(names(books));
    });
  });

  test('plans_paid: a finished match nobody was paid for, when time enough has passed', async () => {
    await owner.tampering([], async () => {
      const matchId = await finishedMatch(owner, books.bob, null);
      expect(await brokenRules(owner)).toEqual([
        { rule: 'plans_paid', subjects: [`match ${matchId} player ${books.bob}`] },
      ]);
      await owner.query('UPDATE matches SET ended_at = now() WHERE id = $1', [matchId]);
      expect(await brokenRules(owner)).toEqual([]);
    });
  });

  test('assets_conserved: a wallet that no journal touched lately, by the look at what is new', async () => {
    const last = (await db.query<{ id: bigint }>('SELECT max(id) AS id FROM journals')).rows[0]!.id;
    const richer = `UPDATE accounts SET credits_posted = credits_posted + 1 WHERE id = ${wallet(books.alice)}`;
    await owner.tampering(richer, async () => {
      expect(await brokenRules(owner, { ...everything, after: last })).toEqual([
        { rule: 'assets_conserved', subjects: ['gold'] },
      ]);
    });
  });

  test('every rule has its crime', () => {
    const seen = new Set<string>([...crimes.map(({ rule }) => rule), 'assets_conserved', 'plans_paid']);
    expect(ruleNames.filter((name) => !seen.has(name))).toEqual([]);
  });
});
