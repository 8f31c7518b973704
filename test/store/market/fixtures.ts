import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Economy } from '../../../domain/economy/types.ts';
import { clearingOf, feeOf, sourceOf, walletOf } from '../../../domain/ledger/accounts.ts';
import { playerHolder, systemHolder } from '../../../domain/ledger/types.ts';
import { applyEconomy } from '../../../store/economy/apply-economy.ts';
import type { Db } from '../../../store/db.ts';
import { placeListing } from '../../../store/listings/place-listing.ts';
import type { Listing } from '../../../store/listings/reads.ts';
import { postJournals } from '../../../store/ledger/post-journals.ts';
import { openTrade } from '../../../store/trades/open-trade.ts';

export const cause = { actor: 'system:test' };

/** The economy that ships with us; tests of other files may change a copy. */
export async function applyArena(
  db: Db,
  change: (economy: Economy) => Economy = (same) => same,
): Promise<void> {
  const file = new URL('../../../economies/arena.json', import.meta.url);
  const { $schema: _, ...economy } = JSON.parse(await readFile(file, 'utf8')) as Economy & {
    $schema?: string;
  };
  await applyEconomy(db, change(economy), { actor: 'test' });
}

export async function newPlayer(db: Db, gold = 0n): Promise<string> {
  const playerId = randomUUID();
  await db.query('INSERT INTO players (id) VALUES ($1)', [playerId]);
  if (gold === 0n) return playerId;
  await db.transaction((tx) =>
    postJournals(tx, [
      {
        ...cause,
        key: `test:${randomUUID()}`,
        kind: 'grant',
        transfers: [
          {
            state: 'posted',
            debit: sourceOf('api.grant', 'gold'),
            credit: walletOf(playerId, 'gold'),
            amount: gold,
            code: 'grant',
          },
        ],
        movements: [],
        events: [],
      },
    ]),
  );
  return playerId;
}

export async function newSword(db: Db, playerId: string, kind = 'rare_sword'): Promise<string> {
  const itemId = randomUUID();
  await db.transaction((tx) =>
    postJournals(tx, [
      {
        ...cause,
        key: `test:${itemId}`,
        kind: 'grant',
        transfers: [],
        movements: [
          {
            code: 'mint',
            itemId,
            kind,
            kindVersion: 1,
            from: systemHolder('api.grant'),
            to: playerHolder(playerId),
          },
        ],
        events: [],
      },
    ]),
  );
  return itemId;
}

export type Offer = { sellerId: string; itemId: string; listing: Listing };

export async function newListing(db: Db, price = 800n, ttlMs = 3_600_000): Promise<Offer> {
  const sellerId = await newPlayer(db);
  const itemId = await newSword(db, sellerId);
  const { listing } = await placeListing(
    db,
    { listingId: randomUUID(), sellerId, itemId, price, ttlMs },
    cause,
  );
  return { sellerId, itemId, listing };
}

/** A buyer with `gold` and a trade of the offer that nobody has begun yet. */
export async function newTrade(db: Db, { listing }: Offer, gold = 1_000n, reviewPrice = 100_000n) {
  const buyerId = await newPlayer(db, gold);
  const tradeId = randomUUID();
  const { listingId, price: expectedPrice } = listing;
  const { trade } = await openTrade(db, { tradeId, listingId, buyerId, expectedPrice, reviewPrice });
  return { tradeId, buyerId, trade };
}

export async function walletOfPlayer(db: Db, playerId: string) {
  const { rows } = await db.query<{ balance: bigint; held: bigint }>(
    `SELECT credits_posted - debits_posted AS balance, debits_pending AS held FROM accounts
     WHERE holder = $1 AND asset = 'gold' AND purpose = 'wallet'`,
    [playerHolder(playerId)],
  );
  return rows[0] ?? { balance: 0n, held: 0n };
}

export async function itemOf(db: Db, itemId: string): Promise<{ owner: string; lock: string | null }> {
  const { rows } = await db.query<{ owner: string; lock: string | null }>(
    'SELECT owner, lock FROM items WHERE id = $1',
    [itemId],
  );
  return rows[0]!;
}

/** What the market's own accounts hold, counted from transfers: clearing must be empty at rest. */
export async function marketAccounts(db: Db) {
  const of = async (account: { holder: string; purpose: string }) => {
    const { rows } = await db.query<{ sum: bigint | null }>(
      `SELECT sum(CASE WHEN t.credit_account_id = a.id THEN t.amount ELSE -t.amount END)::bigint AS sum
       FROM accounts a JOIN transfers t ON a.id IN (t.credit_account_id, t.debit_account_id) AND t.state IN ('posted', 'post')
       WHERE a.holder = $1 AND a.purpose = $2 AND a.asset = 'gold'`,
      [account.holder, account.purpose],
    );
    return rows[0]?.sum ?? 0n;
  };
  return { clearing: await of(clearingOf('market', 'gold')), fee: await of(feeOf('market', 'gold')) };
}

export async function eventsOf(db: Db, key: string): Promise<string[]> {
  const { rows } = await db.query<{ type: string }>('SELECT type FROM outbox WHERE key = $1 ORDER BY seq', [
    key,
  ]);
  return rows.map(({ type }) => type);
}

export async function findings(db: Db): Promise<{ rule: string; subject: string }[]> {
  const { rows } = await db.query<{ rule: string; subject: string }>(
    'SELECT rule, subject FROM findings WHERE closed_at IS NULL',
  );
  return rows;
}

/** Lets a listing's time run out. */
export const expireNow = (db: Db, listingId: string) =>
  db.query("UPDATE listings SET expires_at = clock_timestamp() - interval '1 second' WHERE id = $1", [
    listingId,
  ]);

export const rejectionOf = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'no rejection',
    (error: { code?: string; message: string }) => error.code ?? error.message,
  );
