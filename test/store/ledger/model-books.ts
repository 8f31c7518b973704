/**
 * The ledger as an accountant would keep it: one journal after another on copies of the books, no batches, no locks, no
 * clock. What `post_journals` answers and leaves behind must be what these books say.
 */
export type Asset = 'gold' | 'pearl';
/** A player by number (one past the last does not exist), or an account of the system; faucet and drain have daily caps. */
export type Party = number | 'source' | 'faucet' | 'sink' | 'drain' | 'clearing';
/** How long a hold lives: past any test, a moment of the database's clock, or not at all. */
export type Life = 'long' | 'brief' | 'gone';

type Flow =
  | { type: 'move'; asset: Asset; from: Party; to: Party; amount: bigint }
  | { type: 'hold'; asset: Asset; from: number; to: Party; amount: bigint; life: Life };
type Resolution = { type: 'post'; hold: string } | { type: 'void'; hold: string };
export type MoneyLine = Flow | Resolution;

export type ItemLine =
  | { type: 'mint'; item: number; to: number; level: number | null }
  | { type: 'give'; item: number; from: number; to: number; expect: string | null; lock: string | null }
  | { type: 'lock'; item: number; from: number; expect: string | null; lock: string }
  | { type: 'unlock'; item: number; from: number; expect: string }
  | { type: 'modify'; item: number; from: number; level: number; expect: string | null }
  | { type: 'burn'; item: number; from: number; expect: string | null };

/** A journal as the books see it. `body` is what a repeat under the same key must agree with. */
export type Entry = {
  key: string;
  body: string;
  isTombstone: boolean;
  money: readonly MoneyLine[];
  items: readonly ItemLine[];
};

export type Verdict = {
  result: string;
  /** The line at fault, among the money lines or among the item lines. */
  index?: number;
  asset?: Asset;
  shortfall?: bigint;
  item?: number;
  lockedBy?: string;
  limit?: string;
};

type Wallet = { credits: bigint; incoming: bigint; debits: bigint; held: bigint };
type Hold = {
  asset: Asset;
  from: number;
  to: Party;
  amount: bigint;
  life: Life;
  isExpired: boolean;
  state: 'new' | 'open' | 'posted' | 'voided';
};
export type Item = { owner: number | 'burned'; lock: string | null; level: number; version: number };

export type Books = {
  playerCount: number;
  wallets: Map<string, Wallet>;
  holds: Map<string, Hold>;
  items: Map<number, Item>;
  /** The valve of the faucet. */
  isFaucetClosed: boolean;
  /** What went through a capped flow today. */
  flows: Map<string, bigint>;
  keys: Map<string, { body: string; isTombstone: boolean }>;
};

export const emptyBooks = (playerCount: number): Books => ({
  playerCount,
  wallets: new Map(),
  holds: new Map(),
  items: new Map(),
  isFaucetClosed: false,
  flows: new Map(),
  keys: new Map(),
});

export const pearlWalletMax = 30n;
export const flowMax = 15n;
/** The level of a sword that was minted without one: what its catalog kind says. */
export const catalogLevel = 5;
const amountMax = 2n ** 63n - 1n;

/** Judges a journal; when the answer is `ok` the books are changed, otherwise they are left as they were. */
export function judge(books: Books, entry: Entry): Verdict {
  const known = books.keys.get(entry.key);
  if (known?.isTombstone && !entry.isTombstone) return { result: 'cancelled' };
  if (known) return { result: known.body === entry.body ? 'exists' : 'exists_with_different_body' };

  if (books.isFaucetClosed && entry.money.some((line) => 'from' in line && line.from === 'faucet'))
    return { result: 'frozen' };

  const next = structuredClone(books);
  for (const [index, line] of entry.money.entries()) {
    const refusal = applyMoney(next, line, `${entry.key}#${index}`);
    if (refusal) return { ...refusal, index };
  }
  for (const [index, line] of entry.items.entries()) {
    const refusal = applyItem(next, line);
    if (refusal) return { ...refusal, index };
  }
  // a journal cannot resolve its own holds: they are there for others once it is
  for (const hold of next.holds.values()) if (hold.state === 'new') hold.state = 'open';
  next.keys.set(entry.key, { body: entry.body, isTombstone: entry.isTombstone });
  Object.assign(books, next);
  return { result: 'ok' };
}

/** The moment of a brief hold has passed. */
export function lapse(books: Books): void {
  for (const hold of books.holds.values()) if (hold.life === 'brief') hold.isExpired = true;
}

/** Gives back what expired holds reserve: all of them, or those that somebody has met. */
export function expire(books: Books, isMet: (name: string) => boolean = () => true): number {
  let count = 0;
  for (const [name, hold] of books.holds) {
    if (hold.state !== 'open' || !hold.isExpired || !isMet(name)) continue;
    resolve(books, hold, 'voided');
    count += 1;
  }
  return count;
}

export const balanceOf = (wallet: Wallet) => ({
  balance: wallet.credits - wallet.debits,
  held: wallet.held,
});

export const walletName = (player: number, asset: Asset) => `${player} ${asset}`;

function walletAt(books: Books, party: Party, asset: Asset): Wallet | undefined {
  if (typeof party !== 'number') return undefined;
  const name = walletName(party, asset);
  const wallet = books.wallets.get(name) ?? { credits: 0n, incoming: 0n, debits: 0n, held: 0n };
  books.wallets.set(name, wallet);
  return wallet;
}

function applyMoney(books: Books, line: MoneyLine, name: string): Verdict | undefined {
  if (line.type === 'post' || line.type === 'void') {
    const hold = books.holds.get(line.hold);
    if (!hold || hold.state === 'new') return { result: 'pending_not_found' };
    if (hold.state !== 'open') return { result: `pending_already_${hold.state}` };
    if (line.type === 'post' && hold.isExpired) return { result: 'pending_expired' };
    resolve(books, hold, line.type === 'post' ? 'posted' : 'voided');
    return undefined;
  }
  const { asset, from, to, amount } = line;
  if (amount <= 0n || amount > amountMax) return { result: 'overflow' };
  if (from === books.playerCount || to === books.playerCount || from === to)
    return { result: 'unknown_account' };
  const [debit, credit] = [walletAt(books, from, asset), walletAt(books, to, asset)];
  const available: bigint = debit ? debit.credits - debit.debits - debit.held : amount;
  if (available < amount) return { result: 'insufficient_funds', asset, shortfall: amount - available };
  if (credit && credit.credits + credit.incoming + amount > amountMax) return { result: 'overflow' };
  const limit = exceededLimit(books, line, credit);
  if (limit) return { result: 'limit_exceeded', limit };
  if (line.type === 'move') {
    if (debit) debit.debits += amount;
    if (credit) credit.credits += amount;
    return undefined;
  }
  if (debit) debit.held += amount;
  if (credit) credit.incoming += amount;
  const { life } = line;
  books.holds.set(name, {
    asset,
    from: line.from,
    to,
    amount,
    life,
    isExpired: life === 'gone',
    state: 'new',
  });
  return undefined;
}

/** Counts what a capped flow takes. A wallet's cap stands against sources only: what players give each other passes. */
function exceededLimit(
  books: Books,
  { asset, from, to, amount }: Flow,
  credit: Wallet | undefined,
): string | undefined {
  const isGiven = from === 'source' || from === 'faucet';
  if (isGiven && asset === 'pearl' && credit && credit.credits - credit.debits + amount > pearlWalletMax)
    return `wallet:${asset}`;
  for (const flow of [from, to]) {
    if (flow !== 'faucet' && flow !== 'drain') continue;
    const used = (books.flows.get(`${flow} ${asset}`) ?? 0n) + amount;
    if (used > flowMax) return flow;
    books.flows.set(`${flow} ${asset}`, used);
  }
  return undefined;
}

function resolve(books: Books, hold: Hold, state: 'posted' | 'voided'): void {
  const { asset, amount } = hold;
  const [debit, credit] = [walletAt(books, hold.from, asset), walletAt(books, hold.to, asset)];
  if (debit) debit.held -= amount;
  if (credit) credit.incoming -= amount;
  if (state === 'posted' && debit) debit.debits += amount;
  if (state === 'posted' && credit) credit.credits += amount;
  // a hold counts to its flow when it is taken, and no longer when it is given up
  if (state === 'voided' && hold.to === 'drain') {
    const flow = `${hold.to} ${asset}`;
    books.flows.set(flow, (books.flows.get(flow) ?? 0n) - amount);
  }
  hold.state = state;
}

function applyItem(books: Books, line: ItemLine): Verdict | undefined {
  const item = books.items.get(line.item);
  if (line.type === 'mint') {
    if (item) return { result: 'item_not_owned' };
    if (line.to === books.playerCount) return { result: 'unknown_account' };
    books.items.set(line.item, { owner: line.to, lock: null, level: line.level ?? catalogLevel, version: 1 });
    return undefined;
  }
  if (item?.owner !== line.from) return { result: 'item_not_owned' };
  if (item.lock !== line.expect) return { result: 'item_locked', item: line.item, lockedBy: item.lock ?? '' };
  if (line.type === 'give' && line.to === books.playerCount) return { result: 'unknown_account' };
  item.version += 1;
  if (line.type === 'give') [item.owner, item.lock] = [line.to, line.lock];
  if (line.type === 'lock') item.lock = line.lock;
  if (line.type === 'unlock') item.lock = null;
  if (line.type === 'modify') item.level = line.level;
  if (line.type === 'burn') [item.owner, item.lock] = ['burned', null];
  return undefined;
}
