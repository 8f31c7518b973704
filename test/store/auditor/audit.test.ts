import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { verifyLedger } from '../../../cli/verify-ledger.ts';
import { readProgress } from '../../../store/auditor/begin-audit.ts';
import { findViolations } from '../../../store/auditor/find-violations.ts';
import { readAudit } from '../../../store/auditor/reads.ts';
import { recordFindings } from '../../../store/auditor/record-findings.ts';
import { sealBlocks } from '../../../store/blocks/seal-blocks.ts';
import { listFindings } from '../../../store/findings/reads.ts';
import { closeFindingBy } from '../../../store/findings/close-finding.ts';
import { foldFlows } from '../../../store/flows/fold-flows.ts';
import { foldAccounts } from '../../../store/ledger/fold-accounts.ts';
import { moveLock } from '../../../store/trades/move-lock.ts';
import { settleTrade } from '../../../store/trades/settle-trade.ts';
import { readValve } from '../../../store/valves/reads.ts';
import { testDatabase } from '../../support/database.ts';
import { openOwner } from '../../support/owner.ts';
import { hold, journal, move, pay, post } from '../ledger/fixtures.ts';
import { applyArena, cause } from '../market/fixtures.ts';
import { auditOnce, begunTrade, everything, keepBooks } from './world.ts';
import type { Books } from './world.ts';

const { db, url } = await testDatabase();
const owner = await openOwner(url);
let books: Books;
beforeAll(async () => {
  books = await keepBooks(db);
});

const findings = async (status?: 'open') =>
  (await listFindings(db, { ...(status && { status }), limit: 50 })).map(({ rule, subject }) => ({
    rule,
    subject,
  }));
const walletOf = (playerId: string) =>
  `holder = 'player:${playerId}' AND asset = 'gold' AND purpose = 'wallet'`;
/** Wrong by itself, balance untouched. */
const spoil = (playerId: string, by: number) =>
  owner.query(
    `UPDATE accounts SET debits_posted = debits_posted + ${by}, credits_posted = credits_posted + ${by} WHERE ${walletOf(playerId)}`,
  );

describe('beside live traffic', () => {
  test('the auditor, the sealer and the folds find nothing while players trade', async () => {
    const { alice, bob } = books;
    let running = true;
    const until = async (work: () => Promise<unknown>) => {
      while (running) await work();
    };
    const players = [
      until(() => post(db, journal({ transfers: [move(alice, bob, 1n)] }))),
      until(() => post(db, journal({ transfers: [move(bob, alice, 1n), pay(bob, 3n)] }))),
      until(() => post(db, journal({ transfers: [hold(alice, bob, 1n)] }))),
      until(async () => {
        const tradeId = await begunTrade(db);
        await moveLock(db, tradeId, cause);
        await settleTrade(db, tradeId, cause);
      }),
    ];
    const background = [
      until(() => sealBlocks(db, { journalCountMax: 50 })),
      until(() => foldAccounts(db)),
      until(() => foldFlows(db)),
    ];
    try {
      for (let look = 0; look < 4; look++)
        expect(await auditOnce(db, look % 2 === 0 ? 'incremental' : 'full')).toEqual([]);
    } finally {
      running = false;
      await Promise.all([...players, ...background]);
    }
    expect(await findings()).toEqual([]);
  });
});

describe('an audit', () => {
  test('goes on where the last one ended, and is written down', async () => {
    await auditOnce(db, 'incremental');
    const { journalId } = await readProgress(db);
    const last = (await db.query<{ id: bigint }>('SELECT max(id) AS id FROM journals')).rows[0]!.id;
    expect(journalId).toBeGreaterThanOrEqual(last);
    await auditOnce(db, 'incremental');
    const { rows } = await db.query<{ id: string }>('SELECT id FROM audits ORDER BY started_at DESC LIMIT 1');
    expect(await readAudit(db, rows[0]!.id)).toMatchObject({
      afterJournalId: journalId,
      mode: 'incremental',
    });
  });

  test('opens a finding once, tells it, and closes it when the rule holds again', async () => {
    await spoil(books.alice, 7);
    await auditOnce(db, 'incremental');
    // nobody touched that wallet: the look at what is new does not see it, the full one does
    expect(await findings('open')).toEqual([]);
    await auditOnce(db, 'full');
    await auditOnce(db, 'incremental');
    const [found, ...others] = await findings('open');
    expect([found?.rule, others]).toEqual(['wallet_counters', []]);
    await spoil(books.alice, -7);
    await auditOnce(db, 'incremental');
    expect(await findings('open')).toEqual([]);
    const { rows } = await db.query<{ type: string }>(
      `SELECT type FROM outbox WHERE topic = 'ledger.finding' AND subject = $1 ORDER BY seq`,
      [found!.subject],
    );
    expect(rows.map(({ type }) => type)).toEqual(['ledger.finding.opened.v1', 'ledger.finding.closed.v1']);
  });

  test('sees a lock whose listing ended, long after the journals that locked it', async () => {
    const last = (await db.query<{ id: bigint }>('SELECT max(id) AS id FROM journals')).rows[0]!.id;
    const look = () => findViolations(db, 'locks_owned', { ...everything, after: last });
    expect((await look()).violations).toEqual([]);
    const end = (status: string) =>
      db.query('UPDATE listings SET status = $2 WHERE id = $1', [books.listingId, status]);
    await end('cancelled');
    expect((await look()).violations).toMatchObject([{ detail: `locked by listing:${books.listingId}` }]);
    await end('open');
  });

  test('leaves open what another one has found since it looked', async () => {
    const look = await findViolations(db, 'wallet_counters', everything);
    await spoil(books.bob, 7);
    await post(db, journal({ transfers: [pay(books.bob, 1n)] }));
    await auditOnce(db, 'incremental');
    const record = (found: typeof look) =>
      db.transaction((tx) => recordFindings(tx, 'wallet_counters', found, { everything: true }));
    expect(await record(look)).toMatchObject({ closedCount: 0 });
    expect((await findings('open')).map(({ rule }) => rule)).toEqual(['wallet_counters']);
    await spoil(books.bob, -7);
    expect(await record(await findViolations(db, 'wallet_counters', everything))).toMatchObject({
      closedCount: 1,
    });
  });

  test('sees a wallet that is touched again without a full look', async () => {
    await spoil(books.bob, 7);
    await post(db, journal({ transfers: [pay(books.bob, 1n)] }));
    await auditOnce(db, 'incremental');
    expect((await findings('open')).map(({ rule }) => rule)).toEqual(['wallet_counters']);
    await spoil(books.bob, -7);
    await auditOnce(db, 'incremental');
  });

  test('leaves closed what somebody closed with a reason, while it is the same', async () => {
    await spoil(books.alice, 7);
    await auditOnce(db, 'full');
    const { id } = (await listFindings(db, { status: 'open', limit: 1 }))[0]!;
    const seen = { id, actor: 'client:ops', reason: 'known since the restore' };
    await db.transaction((tx) => closeFindingBy(tx, seen));
    await auditOnce(db, 'full');
    expect(await findings('open')).toEqual([]);
    await owner.query(
      `UPDATE accounts SET credits_posted = credits_posted + 1 WHERE ${walletOf(books.alice)}`,
    );
    await auditOnce(db, 'full');
    expect((await findings('open')).map(({ rule }) => rule).toSorted()).toEqual([
      'assets_conserved',
      'wallet_counters',
    ]);
    await owner.query(
      `UPDATE accounts SET credits_posted = credits_posted - 1 WHERE ${walletOf(books.alice)}`,
    );
    await spoil(books.alice, -7);
    await auditOnce(db, 'full');
    expect(await findings('open')).toEqual([]);
  });

  test('closes the valve that the economy names for the rule, once: whoever opens it again is not overruled', async () => {
    await applyArena(db, (economy) => ({
      ...economy,
      tripwires: { wallet_counters: { close: 'channel:market' } },
    }));
    const stateOf = async () => (await readValve(db, 'channel', 'market'))!.state;
    await spoil(books.alice, 7);
    await auditOnce(db, 'full');
    const valve = await readValve(db, 'channel', 'market');
    expect(valve).toMatchObject({
      state: 'closed',
      closedBy: 'system:auditor',
      reason: expect.stringContaining('tripwire of wallet_counters: account'),
    });
    await db.query(`DELETE FROM valves`);
    await auditOnce(db, 'full');
    expect(await stateOf()).toBe('open');
    await spoil(books.alice, -7);
    await auditOnce(db, 'full');
  });
});

describe('verify-ledger', () => {
  const verify = async () => {
    const lines: string[] = [];
    const { intact } = await verifyLedger(db, (line) => lines.push(line), {
      rewardMs: 60_000,
      reviewMs: 60_000,
    });
    return { intact, lines };
  };

  test('says what it looked at, and that all is as it was', async () => {
    const { intact, lines } = await verify();
    expect(lines.filter((line) => line.startsWith('DIFFERS'))).toEqual([]);
    expect(intact).toBe(true);
    expect(lines[0]).toMatch(/^ok {4}blocks_chained: \d+ sealed journals are what was sealed/);
    expect(lines).toHaveLength(17);
  });

  test('names the row that was rewritten', async () => {
    const victim = journal({ transfers: [pay(books.alice, 2n)] });
    await post(db, victim);
    while ((await sealBlocks(db, { waitMsMax: 20_000 })) > 0);
    const rewrite = async (reason: string | null) => {
      await owner.query('BEGIN');
      await owner.query('SET LOCAL session_replication_role = replica');
      const { rows } = await owner.query<{ id: bigint }>(
        'UPDATE journals SET reason = $2 WHERE key = $1 RETURNING id',
        [victim.key, reason],
      );
      await owner.query('COMMIT');
      return rows[0]!.id;
    };
    const id = await rewrite(`a better one ${randomUUID()}`);
    const { intact, lines } = await verify();
    expect(intact).toBe(false);
    expect(lines.filter((line) => line.startsWith('DIFFERS'))).toEqual([
      expect.stringContaining(
        `DIFFERS blocks_chained: journals ${id}: the row was rewritten after it was sealed`,
      ),
    ]);
    await rewrite(null);
    expect((await verify()).intact).toBe(true);
  });
});
