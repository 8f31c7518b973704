import { beforeAll, expect, test } from 'vitest';
import { randomUUID } from 'node:crypto';
import { unbalanced } from '../../../domain/clawback/totals.ts';
import { sinkOf, sourceOf, walletOf } from '../../../domain/ledger/accounts.ts';
import { playerHolder, systemHolder } from '../../../domain/ledger/types.ts';
import type { NewJournal } from '../../../domain/ledger/types.ts';
import { deferAll, mailboxLines } from '../../../domain/mailbox/deferral.ts';
import { approveClawback, cancelClawback } from '../../../store/clawbacks/decide-clawback.ts';
import { finishClawback } from '../../../store/clawbacks/finish-clawback.ts';
import { GrantsMoved, lockGrants } from '../../../store/clawbacks/lock-grants.ts';
import { beginReversal } from '../../../store/clawbacks/record-report.ts';
import { postGrants } from '../../../store/grants/post-grants.ts';
import { checkInvariants } from '../../../store/ledger/invariants.ts';
import { postJournals } from '../../../store/ledger/post-journals.ts';
import { claimEntry } from '../../../store/mailbox/claim-entry.ts';
import { expireEntries } from '../../../store/mailbox/expire-entries.ts';
import { sha256 } from '../../../store/matches/sha256.ts';
import { placeListing } from '../../../store/listings/place-listing.ts';
import { holdPrice } from '../../../store/trades/hold-price.ts';
import { moveLock } from '../../../store/trades/move-lock.ts';
import { openTrade } from '../../../store/trades/open-trade.ts';
import { settleTrade } from '../../../store/trades/settle-trade.ts';
import { applyArena, eventsOf, itemOf, newPlayer, rejectionOf, walletOfPlayer } from '../market/fixtures.ts';
import { testDatabase } from '../../support/database.ts';
import { eventually } from '../../support/lootledger.ts';
import { openOwner } from '../../support/owner.ts';
import { approved, badTable, cause, clawBack, examined, reverseAll } from './fixtures.ts';
import type { Granted } from './fixtures.ts';

const { db, url } = await testDatabase();
const owner = await openOwner(url);
beforeAll(() => applyArena(db));

const post = (...journals: Partial<NewJournal>[]) =>
  db.transaction((tx) =>
    postJournals(
      tx,
      journals.map((journal) => ({
        ...cause,
        key: `test:${randomUUID()}`,
        kind: 'spend' as const,
        transfers: [],
        movements: [],
        events: [],
        ...journal,
      })),
    ),
  );

const spending = (playerId: string, amount: bigint): Partial<NewJournal> => ({
  transfers: [
    {
      state: 'posted',
      debit: walletOf(playerId, 'gold'),
      credit: sinkOf('spend', 'gold'),
      amount,
      code: 'spend',
    },
  ],
});
const spend = (playerId: string, amount: bigint) => post(spending(playerId, amount));

const useUp = ({ playerId, itemId }: Granted) =>
  post({
    movements: [
      {
        code: 'burn',
        itemId,
        from: playerHolder(playerId),
        to: systemHolder('spend'),
        expectLock: null,
      },
    ],
  });

const list = async ({ playerId, itemId }: Granted, price = 800n) =>
  (
    await placeListing(
      db,
      { listingId: randomUUID(), sellerId: playerId, itemId, price, ttlMs: 3_600_000 },
      cause,
    )
  ).listing;

/** As far as the item is locked for the buyer. */
async function sellHalfway(granted: Granted, price = 800n) {
  const { listingId } = await list(granted, price);
  const buyerId = await newPlayer(db, price);
  const tradeId = randomUUID();
  await openTrade(db, { tradeId, listingId, buyerId, expectedPrice: price, reviewPrice: 100_000n });
  await holdPrice(db, { tradeId, holdTtlMs: 3_600_000 }, cause);
  await moveLock(db, tradeId, cause);
  return { tradeId, buyerId };
}

async function sell(granted: Granted, price?: bigint) {
  const { tradeId, buyerId } = await sellHalfway(granted, price);
  await settleTrade(db, tradeId, cause);
  return buyerId;
}

async function debtOfPlayer(playerId: string, asset = 'gold'): Promise<bigint> {
  const { rows } = await db.query<{ debt: bigint }>(
    `SELECT coalesce(sum(t.amount), 0)::bigint AS debt FROM transfers t JOIN accounts a ON a.id = t.debit_account_id
     WHERE a.holder = $1 AND a.asset = $2 AND a.purpose = 'debt'`,
    [playerHolder(playerId), asset],
  );
  return rows[0]?.debt ?? 0n;
}

/** A grant of 100 gold that waits in its player's mailbox. */
async function deferred() {
  const playerId = await newPlayer(db);
  const key = `test:${randomUUID()}`;
  const journal = deferAll(
    {
      ...cause,
      key,
      kind: 'grant',
      identity: { key },
      transfers: [
        {
          state: 'posted',
          debit: sourceOf('api.grant', 'gold'),
          credit: walletOf(playerId, 'gold'),
          amount: 100n,
          code: 'grant',
        },
      ],
      movements: [],
      events: [],
    },
    sha256,
  );
  await db.transaction((tx) => postGrants(tx, [journal]));
  return { playerId, key, entryId: mailboxLines(journal, sha256)[0]!.entryId };
}

const keysOf = (...granted: Granted[]) => ({ journalKeys: granted.map(({ key }) => key) });
const one = async (gold?: bigint): Promise<Granted> =>
  (await badTable(db, { count: 1, ...(gold !== undefined && { gold }) }))[0]!;

test('what the grantee still has is taken back: wallet and item, and the player is told', async () => {
  const granted = await one();
  const { result } = await clawBack(db, keysOf(granted));
  expect(result).toMatchObject({
    grantCount: 1,
    assets: [{ asset: 'gold', granted: '100', takenBack: '100', debt: '0' }],
    items: [{ kind: 'rare_sword', granted: 1, takenBack: 1, left: 0, unrecoverable: 0 }],
    proceeds: [],
  });
  expect((await walletOfPlayer(db, granted.playerId)).balance).toBe(0n);
  expect((await itemOf(db, granted.itemId)).owner).toBe('system:match.reward');
  expect(await eventsOf(db, granted.playerId)).toEqual(['economy.grant.reversed.v1']);
});

test('what was spent becomes debt, and the wallet is left at zero', async () => {
  const granted = await one();
  await spend(granted.playerId, 70n);
  const { result } = await clawBack(db, keysOf(granted));
  expect(result?.assets).toMatchObject([{ granted: '100', takenBack: '30', debt: '70' }]);
  expect(await debtOfPlayer(granted.playerId)).toBe(70n);
});

test('an item for sale is taken off the market first', async () => {
  const granted = await one();
  const { listingId } = await list(granted);
  expect((await examined(db, keysOf(granted))).report?.places).toMatchObject([{ listed: 1 }]);
  await clawBack(db, keysOf(granted));
  expect(await itemOf(db, granted.itemId)).toEqual({ owner: 'system:match.reward', lock: null });
  expect(await eventsOf(db, listingId)).toEqual(['market.listing.placed.v1', 'market.listing.cancelled.v1']);
});

test('an innocent buyer keeps the item; the seller pays back what they got for it', async () => {
  const granted = await one();
  const buyerId = await sell(granted);
  await spend(granted.playerId, 560n);
  const { result } = await clawBack(db, keysOf(granted));
  expect(await itemOf(db, granted.itemId)).toEqual({ owner: playerHolder(buyerId), lock: null });
  expect(result).toMatchObject({
    assets: [{ granted: '100', takenBack: '100', debt: '0' }],
    items: [{ granted: 1, takenBack: 0, left: 1 }],
    // 800 less the market's 40
    proceeds: [{ asset: 'gold', owed: '760', takenBack: '200', debt: '560' }],
  });
});

test('a buyer who has used the item up owes nothing; the seller still pays', async () => {
  const granted = await one();
  const buyerId = await sell(granted);
  await useUp({ ...granted, playerId: buyerId });
  const { result } = await clawBack(db, keysOf(granted));
  expect(result).toMatchObject({ items: [{ left: 1 }], proceeds: [{ owed: '760', takenBack: '760' }] });
  expect(await debtOfPlayer(buyerId)).toBe(0n);
});

test('what the grantee has used up is reported as unrecoverable', async () => {
  const granted = await one();
  await useUp(granted);
  expect((await clawBack(db, keysOf(granted))).result?.items).toMatchObject([
    { granted: 1, takenBack: 0, unrecoverable: 1 },
  ]);
});

test('what waits in the mailbox is taken from there, and cannot be claimed any more', async () => {
  const [waiting, claimed, expired] = [await deferred(), await deferred(), await deferred()];
  await claimEntry(db, claimed, cause);
  await owner.query(
    "UPDATE mailbox_entries SET expires_at = clock_timestamp() - interval '1 s' WHERE id = $1",
    [expired.entryId],
  );
  await expireEntries(db, 10, cause);
  const selection = { journalKeys: [waiting.key, claimed.key, expired.key] };
  const { clawbackId, result } = await clawBack(db, selection);
  expect(result?.assets).toMatchObject([{ asset: 'gold', granted: '300', takenBack: '300', debt: '0' }]);
  const { rows } = await db.query(
    `SELECT outcome -> 'assets' -> 0 ->> 'fromMailbox' AS mailbox, outcome -> 'assets' -> 0 ->> 'fromWallet' AS wallet,
       outcome -> 'assets' -> 0 ->> 'returned' AS returned FROM clawback_lines WHERE clawback_id = $1 ORDER BY journal_id`,
    [clawbackId],
  );
  expect(rows).toEqual([
    { mailbox: '100', wallet: '0', returned: '0' },
    { mailbox: '0', wallet: '100', returned: '0' },
    { mailbox: '0', wallet: '0', returned: '100' },
  ]);
  expect(await rejectionOf(claimEntry(db, waiting, cause))).toBe('mailbox_expired');
});

test('an item in a trade is waited for, then counted where it ends up', async () => {
  const granted = await one();
  const { tradeId, buyerId } = await sellHalfway(granted);
  const clawbackId = await approved(db, keysOf(granted));
  const first = await reverseAll(db, clawbackId);
  expect(first).toMatchObject({ reversedCount: 0, waiting: [{ key: granted.key }] });
  expect(first.waiting[0]?.reason).toContain(`trade:${tradeId}`);
  expect((await walletOfPlayer(db, granted.playerId)).balance).toBe(100n);

  await settleTrade(db, tradeId, cause);
  expect(await reverseAll(db, clawbackId)).toMatchObject({ reversedCount: 1, waiting: [] });
  expect((await finishClawback(db, clawbackId)).result?.items).toMatchObject([{ left: 1 }]);
  expect((await itemOf(db, granted.itemId)).owner).toBe(playerHolder(buyerId));
});

test('a grant behind a closed valve waits, and takes nothing from what its neighbours find', async () => {
  const held = await one();
  const [paid] = await badTable(db, { count: 1, playerId: held.playerId });
  await useUp(paid!);
  await spend(held.playerId, 100n);
  const clawbackId = await approved(db, keysOf(held, paid!));
  await db.query("UPDATE catalog_kinds SET frozen = true WHERE code = 'rare_sword'");
  try {
    expect(await reverseAll(db, clawbackId)).toMatchObject({
      reversedCount: 1,
      waiting: [{ key: held.key, reason: 'The valve kind:rare_sword is closed.' }],
    });
    expect(await debtOfPlayer(held.playerId)).toBe(0n);
  } finally {
    await db.query("UPDATE catalog_kinds SET frozen = false WHERE code = 'rare_sword'");
  }
  expect(await reverseAll(db, clawbackId)).toMatchObject({ reversedCount: 1, waiting: [] });
  expect(await debtOfPlayer(held.playerId)).toBe(100n);
});

test('what is approved is what was shown: an item sold since then needs a new approval', async () => {
  const granted = await one();
  const { clawbackId, reportHash } = await examined(db, keysOf(granted));
  const approve = (hash: string | null) =>
    approveClawback(db, { clawbackId, actor: 'client:ops', reportHash: hash ?? '' });
  expect(await rejectionOf(approve('another'))).toBe('precondition_failed');
  await approve(reportHash);
  expect((await approve(reportHash)).state).toBe('approved');
  await sell(granted);
  const stale = await beginReversal(db, clawbackId);
  expect([stale.state, stale.approvedBy, stale.report?.places]).toMatchObject([
    'waiting',
    null,
    [{ sold: 1 }],
  ]);
  expect(await rejectionOf(approve(reportHash))).toBe('precondition_failed');
  await approve(stale.reportHash);
  expect((await beginReversal(db, clawbackId)).state).toBe('reversing');
  expect(await rejectionOf(cancelClawback(db, { clawbackId, actor: 'client:ops' }))).toBe('clawback_closed');
});

test('an approval that another clawback has overtaken ends with nothing done', async () => {
  const granted = await one();
  const { clawbackId, reportHash } = await examined(db, keysOf(granted));
  await approveClawback(db, { clawbackId, actor: 'client:ops', reportHash: reportHash ?? '' });
  await clawBack(db, keysOf(granted));
  const over = await beginReversal(db, clawbackId);
  expect([over.state, over.result]).toMatchObject(['completed', { grantCount: 0, reversedBeforeCount: 1 }]);
});

test('a table is not blamed for a grant to which it gave nothing', async () => {
  const grantOf = async (gave: boolean) => {
    const playerId = await newPlayer(db);
    const key = `grant:match:${randomUUID()}:drawn`;
    const draw = { table: 'draws', tableVersion: 3, entry: gave ? 'pouch' : 'nothing', gave };
    await post({
      key,
      kind: 'grant',
      pinned: { plan: { items: [], draws: [{ table: 'another', tableVersion: 1, gave: true }, draw] } },
      transfers: [
        {
          state: 'posted',
          debit: sourceOf('match.reward', 'gold'),
          credit: walletOf(playerId, 'gold'),
          amount: 5n,
          code: 'match_reward',
        },
      ],
    });
    return playerId;
  };
  const [paid, unpaid] = [await grantOf(true), await grantOf(false)];
  for (const selection of [{ table: 'draws' }, { table: 'draws', tableVersion: 3 }])
    expect((await examined(db, selection)).report).toMatchObject({ grantCount: 1 });
  await clawBack(db, { table: 'draws' });
  expect((await walletOfPlayer(db, paid)).balance).toBe(0n);
  expect((await walletOfPlayer(db, unpaid)).balance).toBe(5n);
});

test('a wallet that only matters since an item was sold is not taken from unlocked', async () => {
  const grants = await Promise.all(
    [1, 2].map(async () => {
      const granted = { playerId: await newPlayer(db), itemId: randomUUID(), key: `test:${randomUUID()}` };
      const [from, to] = [systemHolder('match.reward'), playerHolder(granted.playerId)];
      const { itemId, key } = granted;
      const minted = { code: 'mint' as const, itemId, kind: 'rare_sword', kindVersion: 1, from, to };
      const [posted] = await post({ key, kind: 'grant', movements: [minted] });
      return { ...granted, journalId: posted?.result === 'ok' ? posted.journalId : 0n };
    }),
  );
  const [first, sold] = grants.toSorted((a, b) => (a.itemId < b.itemId ? -1 : 1));
  await owner.query('BEGIN');
  await owner.query('SELECT 1 FROM items WHERE id = $1 FOR UPDATE', [first!.itemId]);
  const locked = db.transaction(async (tx) => {
    await tx.query('SET LOCAL lock_timeout = 0');
    return lockGrants(
      tx,
      grants.map(({ journalId }) => journalId),
    );
  });
  await eventually('the grants wait for an item', async () =>
    (await db.query(waitingHere)).rowCount ? true : undefined,
  );
  await sell(sold!);
  await owner.query('COMMIT');
  await expect(locked).rejects.toBeInstanceOf(GrantsMoved);
  expect((await clawBack(db, keysOf(...grants))).result?.items).toMatchObject([{ takenBack: 1, left: 1 }]);
});
const waitingHere = `SELECT 1 FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE NOT l.granted AND a.datname = current_database()`;

test('nothing is taken back without an approval, and a cancelled clawback cannot be approved', async () => {
  const granted = await one();
  const { clawbackId, reportHash } = await examined(db, keysOf(granted));
  expect(await reverseAll(db, clawbackId)).toMatchObject({ reversedCount: 0 });
  const decision = { clawbackId, actor: 'client:ops' };
  expect((await cancelClawback(db, decision)).state).toBe('cancelled');
  expect((await cancelClawback(db, decision)).state).toBe('cancelled');
  expect(await rejectionOf(approveClawback(db, { ...decision, reportHash: reportHash ?? '' }))).toBe(
    'clawback_closed',
  );
  const { rows } = await db.query('SELECT action FROM audit_entries WHERE target = $1 ORDER BY created_at', [
    clawbackId,
  ]);
  expect(rows).toEqual([{ action: 'clawback.requested' }, { action: 'clawback.cancelled' }]);
});

test('two clawbacks of the same grants at the same time take each back once', async () => {
  const granted = await badTable(db, { count: 20 });
  const selection = keysOf(...granted);
  const ids = [await approved(db, selection), await approved(db, selection)];
  const sums = await Promise.all(ids.map((id) => reverseAll(db, id, 3)));
  expect(sums[0]!.reversedCount + sums[1]!.reversedCount).toBe(20);
  for (const { playerId } of granted) expect((await walletOfPlayer(db, playerId)).balance).toBe(0n);
  expect(await Promise.all(granted.map(({ playerId }) => debtOfPlayer(playerId)))).toEqual(
    granted.map(() => 0n),
  );
});

test('a bad drop table paid a thousand players and half traded on: everything adds up, once', async () => {
  const granted = await badTable(db, { count: 1_000, table: 'bad_chest' });
  const buyers = new Map<Granted, string>();
  const [sold, listed, spent] = [granted.slice(0, 50), granted.slice(50, 100), granted.slice(100, 500)];
  for (let from = 0; from < 50; from += 5) {
    await Promise.all(sold.slice(from, from + 5).map(async (each) => buyers.set(each, await sell(each))));
    await Promise.all(listed.slice(from, from + 5).map((each) => list(each)));
  }
  await post(...spent.map(({ playerId }, index) => spending(playerId, BigInt(index % 100) + 1n)));
  const selection = { table: 'bad_chest', tableVersion: 2, source: 'match.reward' };
  expect((await examined(db, { ...selection, tableVersion: 1 })).result).toMatchObject({ grantCount: 0 });
  const clawbackId = await approved(db, selection);
  const { report } = await examined(db, selection);
  expect(report).toMatchObject({
    grantCount: 1_000,
    playerCount: 1_000,
    places: [{ kind: 'rare_sword', withGrantee: 900, listed: 50, busy: 0, sold: 50, gone: 0 }],
  });

  await reverseAll(db, clawbackId);
  const { result } = await finishClawback(db, clawbackId);
  const { places: _, computedAt: __, ...shown } = report!;
  expect(result).toEqual(shown);
  expect(unbalanced(result!)).toEqual([]);
  expect(result).toMatchObject({ assets: [{ granted: '100000' }], items: [{ granted: 1_000, left: 50 }] });
  for (const [{ itemId }, buyerId] of buyers)
    expect((await itemOf(db, itemId)).owner).toBe(playerHolder(buyerId));

  const before = await countJournals();
  expect(await reverseAll(db, clawbackId)).toMatchObject({ reversedCount: 0, waiting: [] });
  const again = await examined(db, selection);
  expect([again.state, again.result]).toMatchObject([
    'completed',
    { grantCount: 0, reversedBeforeCount: 1_000 },
  ]);
  expect(await countJournals()).toBe(before);
});

test('after all of it the books are whole', async () => {
  expect((await checkInvariants(db)).filter(({ ok }) => !ok)).toEqual([]);
});

async function countJournals(): Promise<number> {
  const { rows } = await db.query<{ count: number }>('SELECT count(*)::int AS count FROM journals');
  return rows[0]!.count;
}
