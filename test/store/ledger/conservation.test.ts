import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { systemHolder, playerHolder } from '../../../domain/ledger/types.ts';
import type { NewJournal, NewMovement, NewTransfer } from '../../../domain/ledger/types.ts';
import { checkInvariants } from '../../../store/ledger/invariants.ts';
import { foldAccounts } from '../../../store/ledger/fold-accounts.ts';
import { readItem } from '../../../store/ledger/reads.ts';
import { testDatabase } from '../../support/database.ts';
import {
  goldOf,
  hold,
  journal,
  mint,
  move,
  newPlayer,
  pay,
  postAll,
  resolve,
  seedAssets,
} from './fixtures.ts';

const { db } = await testDatabase();
beforeAll(() => seedAssets(db));

/** The ledger as an accountant would do it: slowly, one journal after another, copying the books before each. */
type Books = {
  balance: bigint[];
  held: bigint[];
  holds: Map<string, { from: number; to: number; amount: bigint; state: 'open' | 'posted' | 'voided' }>;
  items: Map<string, { owner: number | null; lock: string | null }>;
  keys: Map<string, string>;
};

const playerCount = 3;
const player = fc.integer({ min: 0, max: playerCount - 1 });
const amount = fc.bigInt({ min: 1n, max: 12n });
const itemSlot = fc.integer({ min: 0, max: 3 });
/** How many plans ago; 0 is the plan itself. */
const back = fc.integer({ min: 0, max: 4 });
const line = fc.oneof(
  { weight: 2, arbitrary: fc.record({ type: fc.constant('pay' as const), to: player, amount }) },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant('move' as const), from: player, to: player, amount }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ type: fc.constant('hold' as const), from: player, to: player, amount }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ type: fc.constantFrom('post' as const, 'void' as const), back, index: fc.nat(1) }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('mint' as const), item: itemSlot, to: player }) },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('give' as const),
      item: itemSlot,
      from: player,
      to: player,
      expect: fc.boolean(),
      lock: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('burn' as const), item: itemSlot, from: player }) },
);
type Line = typeof line extends fc.Arbitrary<infer T> ? T : never;
/** A plan is posted under a key of its own, or once in eight times under that of the plan before. */
const plan = fc.record({
  repeats: fc.nat(7).map((n) => n === 0),
  lines: fc.array(line, { minLength: 1, maxLength: 4 }),
});
type Plan = { repeats: boolean; lines: Line[] };

function judge(
  books: Books,
  key: string,
  body: string,
  lines: readonly Line[],
  holdKey: (back: number) => string,
): string {
  const known = books.keys.get(key);
  if (known !== undefined) return known === body ? 'exists' : 'exists_with_different_body';
  const next = structuredClone(books);
  const transfers = lines.filter(isTransfer);
  for (const [index, one] of transfers.entries()) {
    const refusal = applyTransfer(next, one, `${key}#${index}`, holdKey);
    if (refusal) return refusal;
  }
  // holds are there for others once their journal is
  for (const one of lines.filter((each) => !isTransfer(each))) {
    const refusal = applyMovement(next, one);
    if (refusal) return refusal;
  }
  for (const [name, each] of next.holds)
    if (each.state === ('new' as string)) next.holds.set(name, { ...each, state: 'open' });
  next.keys.set(key, body);
  Object.assign(books, next);
  return 'ok';
}

const isTransfer = (one: Line) => ['pay', 'move', 'hold', 'post', 'void'].includes(one.type);

function applyTransfer(
  books: Books,
  one: Line,
  name: string,
  holdKey: (back: number) => string,
): string | undefined {
  if (one.type === 'pay') {
    books.balance[one.to]! += one.amount;
  } else if (one.type === 'move' || one.type === 'hold') {
    if (one.from === one.to) return 'unknown_account';
    if (books.balance[one.from]! - books.held[one.from]! < one.amount) return 'insufficient_funds';
    if (one.type === 'hold') {
      books.held[one.from]! += one.amount;
      books.holds.set(name, { from: one.from, to: one.to, amount: one.amount, state: 'new' as 'open' });
    } else {
      books.balance[one.from]! -= one.amount;
      books.balance[one.to]! += one.amount;
    }
  } else if (one.type === 'post' || one.type === 'void') {
    const held = books.holds.get(`${holdKey(one.back)}#${one.index}`);
    if (!held || held.state === ('new' as string)) return 'pending_not_found';
    if (held.state !== 'open') return `pending_already_${held.state}`;
    held.state = one.type === 'post' ? 'posted' : 'voided';
    books.held[held.from]! -= held.amount;
    if (one.type === 'post') {
      books.balance[held.from]! -= held.amount;
      books.balance[held.to]! += held.amount;
    }
  }
  return undefined;
}

function applyMovement(books: Books, one: Line): string | undefined {
  if (one.type === 'mint') {
    if (books.items.has(`${one.item}`)) return 'item_not_owned';
    books.items.set(`${one.item}`, { owner: one.to, lock: null });
  } else if (one.type === 'give' || one.type === 'burn') {
    const item = books.items.get(`${one.item}`);
    if (item?.owner !== one.from) return 'item_not_owned';
    const expected = one.type === 'give' && one.expect ? 'trade:1' : null;
    if (item.lock !== expected) return 'item_locked';
    if (one.type === 'burn') books.items.set(`${one.item}`, { owner: null, lock: null });
    else books.items.set(`${one.item}`, { owner: one.to, lock: one.lock ? 'trade:1' : null });
  }
  return undefined;
}

test('whatever is posted in whatever batches: answers, balances, holds and items are those of the simple books', async () => {
  const batches = fc.array(fc.array(plan, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 6 });
  await fc.assert(fc.asyncProperty(batches, agreesWithBooks), { numRuns: 80 });
  await foldAccounts(db);
  const broken = (await checkInvariants(db)).filter(({ ok, rule }) => !ok && !rule.includes('lock without'));
  expect(broken).toEqual([]);
}, 180_000);

async function agreesWithBooks(runs: Plan[][]): Promise<void> {
  const world = randomUUID();
  const players = await Promise.all(Array.from({ length: playerCount }, () => newPlayer(db, 15n)));
  const items = Array.from({ length: 4 }, () => randomUUID());
  const books: Books = {
    balance: players.map(() => 15n),
    held: players.map(() => 0n),
    holds: new Map(),
    items: new Map(),
    keys: new Map(),
  };
  let position = 0;

  for (const run of runs) {
    const positions = run.map(({ repeats }) => (position += repeats ? 0 : 1));
    const keyAt = (at: number) => `world:${world}:${at}`;
    const journals = run.map(({ lines }, i) =>
      toJournal(keyAt(positions[i]!), lines, {
        players,
        items,
        holdKey: (ago) => keyAt(positions[i]! - ago),
      }),
    );
    const expected = run.map(({ lines }, i) =>
      judge(books, keyAt(positions[i]!), bodyOf(lines), lines, (ago) => keyAt(positions[i]! - ago)),
    );
    const answers = await postAll(db, journals);
    // two plans that differ only in the order of money and items are one body
    expect(answers.map(({ result }) => unifyExisting(result))).toEqual(expected.map(unifyExisting));
  }

  for (const [n, id] of players.entries()) {
    expect(await goldOf(db, id)).toEqual({ balance: books.balance[n], held: books.held[n] });
  }
  for (const [n, id] of items.entries()) {
    const item = books.items.get(`${n}`);
    const owner = item && (item.owner === null ? systemHolder('burn') : playerHolder(players[item.owner]!));
    expect(await readItem(db, id)).toEqual(item ? expect.objectContaining({ owner, lock: item.lock }) : null);
  }
}

const bodyOf = (lines: readonly Line[]) =>
  JSON.stringify(lines, (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value));
const unifyExisting = (result: string) => (result.startsWith('exists') ? 'exists' : result);

function toJournal(
  key: string,
  lines: readonly Line[],
  { players, items, holdKey }: { players: string[]; items: string[]; holdKey(back: number): string },
): NewJournal {
  const transfers = lines.flatMap((one): NewTransfer[] => {
    if (one.type === 'pay') return [pay(players[one.to]!, one.amount)];
    if (one.type === 'move') return [move(players[one.from]!, players[one.to]!, one.amount)];
    if (one.type === 'hold') return [hold(players[one.from]!, players[one.to]!, one.amount)];
    return one.type === 'post' || one.type === 'void'
      ? [resolve(one.type, holdKey(one.back), one.index)]
      : [];
  });
  const movements = lines.flatMap((one): NewMovement[] => {
    if (one.type === 'mint') return [mint(items[one.item]!, players[one.to]!)];
    if (one.type === 'burn') {
      return [
        {
          code: 'burn',
          itemId: items[one.item]!,
          from: playerHolder(players[one.from]!),
          to: systemHolder('burn'),
          expectLock: null,
        },
      ];
    }
    if (one.type !== 'give') return [];
    const [from, to] = [playerHolder(players[one.from]!), playerHolder(players[one.to]!)];
    const lock = one.lock ? 'trade:1' : null;
    return [
      {
        code: 'transfer',
        itemId: items[one.item]!,
        from,
        to,
        expectLock: one.expect ? 'trade:1' : null,
        lock,
      },
    ];
  });
  return journal({ key, transfers, movements });
}
