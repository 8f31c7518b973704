import fc from 'fast-check';
import { clearingOf, sinkOf, sourceOf, walletOf } from '../../../domain/ledger/accounts.ts';
import type { AccountRef, NewJournal, NewMovement, NewTransfer } from '../../../domain/ledger/types.ts';
import { playerHolder, systemHolder } from '../../../domain/ledger/types.ts';
import type { Asset, Books, Entry, ItemLine, Life, MoneyLine, Party } from './model-books.ts';

/**
 * What fast-check draws: a journal in outline. `honest` lines ask the books who owns an item and what locks it, and a
 * resolution picks one of the holds there are, so that most of what is drawn means something.
 */
export const playerCount = 4;
export const itemCount = 6;
export const locks = 2;
const briefLifeMs = 10;

const player = fc.nat(playerCount - 1);
/** Once in a while somebody who does not exist. */
const anybody = fc.oneof(
  { weight: 30, arbitrary: player },
  { weight: 1, arbitrary: fc.constant(playerCount) },
);
const asset = fc.constantFrom<Asset[]>('gold', 'gold', 'gold', 'pearl');
const amount = fc.oneof(
  { weight: 60, arbitrary: fc.bigInt({ min: 1n, max: 12n }) },
  { weight: 1, arbitrary: fc.constantFrom(0n, 2n ** 63n) },
);
const item = fc.nat(itemCount - 1);
const lock = fc.option(fc.nat(locks - 1), { nil: null });
const honest = fc.nat(6).map((n) => n > 0);

const move = <From extends Party, To extends Party>(from: fc.Arbitrary<From>, to: fc.Arbitrary<To>) =>
  fc.record({ type: fc.constant('move' as const), asset, from, to, amount });
const giver = fc.constantFrom<Party[]>('source', 'source', 'faucet', 'faucet', 'clearing');
const taker = fc.constantFrom<Party[]>('sink', 'drain', 'drain', 'clearing');
const anyHold = fc.record({
  type: fc.constant('hold' as const),
  asset,
  from: player,
  to: fc.oneof({ weight: 3, arbitrary: anybody }, { weight: 2, arbitrary: taker }),
  amount,
  life: fc.constantFrom<Life[]>('long', 'long', 'long', 'long', 'gone', 'brief'),
});
const resolution = fc.record({ type: fc.constantFrom('post' as const, 'void' as const), pick: fc.nat(5) });
const ofItem = <Type extends ItemLine['type']>(type: Type) =>
  fc.record({
    type: fc.constant(type),
    item,
    from: player,
    to: anybody,
    lock,
    honest,
    level: fc.nat(9),
    isPlain: fc.boolean(),
  });

const itemLine = fc.oneof(
  { weight: 2, arbitrary: ofItem('mint') },
  { weight: 2, arbitrary: ofItem('give') },
  { weight: 1, arbitrary: ofItem('lock') },
  { weight: 2, arbitrary: ofItem('unlock') },
  { weight: 1, arbitrary: ofItem('modify') },
  { weight: 1, arbitrary: ofItem('burn') },
);
const line = fc.oneof(
  { weight: 4, arbitrary: move(giver, anybody) },
  { weight: 3, arbitrary: move(player, anybody) },
  { weight: 2, arbitrary: move(player, taker) },
  { weight: 5, arbitrary: anyHold },
  { weight: 5, arbitrary: resolution },
  { weight: 9, arbitrary: itemLine },
);
type OutlineLine = typeof line extends fc.Arbitrary<infer T> ? T : never;

/** A new journal, or one that was drafted before once more: with the same body, or with another under its key. */
export type Outline =
  | { type: 'new'; lines: OutlineLine[]; identity: number | null }
  | { type: 'again'; back: number; isChanged: boolean };

const fresh = (lines: fc.Arbitrary<OutlineLine>, lengthMax: number) =>
  fc.record({
    type: fc.constant('new' as const),
    lines: fc.array(lines, { minLength: 1, maxLength: lengthMax }),
    identity: fc.nat(15).map((n) => (n < 2 ? n : null)),
  });
const again = fc.record({
  type: fc.constant('again' as const),
  back: fc.nat(5),
  isChanged: fc.nat(2).map((n) => n === 0),
});
export const outline = (againWeight: number, lengthMax = 4): fc.Arbitrary<Outline> =>
  fc.oneof({ weight: 8, arbitrary: fresh(line, lengthMax) }, { weight: againWeight, arbitrary: again });
/** Without a wallet, whose lock would keep callers apart. */
export const itemOutline: fc.Arbitrary<Outline> = fresh(itemLine, 2);
export const gift = (to: number): Outline => ({
  type: 'new',
  lines: [{ type: 'move', asset: 'gold', from: 'source', to, amount: 1n }],
  identity: null,
});

/** Who and what the numbers of a model stand for in the database. */
export type World = {
  id: string;
  /** One more than there are: the last does not exist. */
  playerIds: readonly string[];
  itemIds: readonly string[];
  /** Of a running match and an open listing: locks that have a live story. */
  lockNames: readonly string[];
};

/** A journal as the books see it and as the ledger gets it. */
export type Draft = Entry & { journal: NewJournal };

export const keyAt = (world: World, position: number) => `world:${world.id}:${position}`;

/** Which earlier holds and drafts an outline may speak of. */
export type Scope = { holds: readonly string[]; earlier: readonly Draft[] };

export function draftOf(world: World, books: Books, key: string, outline: Outline, scope: Scope): Draft {
  if (outline.type === 'new') {
    const lines = outline.lines.map((each) => resolveLine(world, books, each, scope));
    return draft(world, key, lines, outline.identity);
  }
  const { back, isChanged } = outline;
  const target = scope.earlier[scope.earlier.length - 1 - (back % Math.max(1, scope.earlier.length))];
  const more: MoneyLine = { type: 'move', asset: 'gold', from: 'source', to: back % playerCount, amount: 1n };
  if (!target) return draft(world, key, [more], null);
  return isChanged ? draft(world, target.key, [...target.money, ...target.items, more], null) : target;
}

type Line = MoneyLine | ItemLine;

function resolveLine(world: World, books: Books, outlined: OutlineLine, { holds }: Scope): Line {
  switch (outlined.type) {
    case 'move':
    case 'hold':
      return outlined;
    case 'post':
    case 'void': {
      const name = holds[holds.length - 1 - (outlined.pick % Math.max(1, holds.length))];
      return { type: outlined.type, hold: name ?? 'no such hold#0' };
    }
    default: {
      const { item, honest, level, isPlain } = outlined;
      const known = books.items.get(item);
      const isKnown = honest && known !== undefined && known.owner !== 'burned';
      const from = isKnown ? (known.owner as number) : outlined.from;
      const lock = outlined.lock === null ? null : world.lockNames[outlined.lock]!;
      const expect = isKnown ? known.lock : lock;
      const [named] = world.lockNames;
      if (outlined.type === 'mint')
        return { type: 'mint', item, to: outlined.to, level: isPlain ? null : level };
      if (outlined.type === 'give') return { type: 'give', item, from, to: outlined.to, expect, lock };
      if (outlined.type === 'lock') return { type: 'lock', item, from, expect, lock: lock ?? named! };
      if (outlined.type === 'unlock') return { type: 'unlock', item, from, expect: expect ?? named! };
      if (outlined.type === 'modify') return { type: 'modify', item, from, level, expect };
      return { type: 'burn', item, from, expect };
    }
  }
}

const isMoney = (each: Line): each is MoneyLine => ['move', 'hold', 'post', 'void'].includes(each.type);

export function draft(world: World, key: string, lines: readonly Line[], identity: number | null): Draft {
  const money = lines.filter(isMoney);
  const items = lines.filter((each) => !isMoney(each));
  // how long a hold lives is not part of what a repeat must agree with
  const body = identity === null ? [money.map((each) => ({ ...each, life: null })), items] : identity;
  return {
    key,
    body: JSON.stringify(body, (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value)),
    isTombstone: false,
    money,
    items,
    journal: {
      key,
      kind: 'grant',
      actor: 'system:test',
      ...(identity !== null && { identity }),
      transfers: money.map((each) => transferOf(world, each)),
      movements: items.map((each) => movementOf(world, each)),
      events: [],
    },
  };
}

export const roleOf = (world: World) => `world.${world.id}`;

function accountOf(world: World, party: Party, code: Asset): AccountRef {
  if (typeof party === 'number') return walletOf(world.playerIds[party]!, code);
  if (party === 'source') return sourceOf('api.grant', code);
  if (party === 'sink') return sinkOf('burn', code);
  const open = { faucet: sourceOf, drain: sinkOf, clearing: clearingOf }[party];
  return open(roleOf(world), code);
}

const lifeMs = { long: 3_600_000, brief: briefLifeMs, gone: -1 };

function transferOf(world: World, each: MoneyLine): NewTransfer {
  if (each.type === 'post' || each.type === 'void') {
    const [key = '', index] = each.hold.split('#');
    return { state: each.type, pending: { key, index: Number(index) }, code: 'hold' };
  }
  const debit = accountOf(world, each.from, each.asset);
  const credit = accountOf(world, each.to, each.asset);
  const { amount } = each;
  return each.type === 'hold'
    ? { state: 'pending', debit, credit, amount, code: 'hold', ttlMs: lifeMs[each.life] }
    : { state: 'posted', debit, credit, amount, code: 'grant' };
}

function movementOf(world: World, each: ItemLine): NewMovement {
  const itemId = world.itemIds[each.item]!;
  const holder = (n: number) => playerHolder(world.playerIds[n]!);
  switch (each.type) {
    case 'mint': {
      const attributes = each.level !== null && { attributes: { weaponBonus: each.level } };
      const from = systemHolder('api.grant');
      return {
        code: 'mint',
        itemId,
        kind: 'sword',
        kindVersion: 1,
        from,
        to: holder(each.to),
        ...attributes,
      };
    }
    case 'give': {
      const { expect: expectLock, lock } = each;
      return { code: 'transfer', itemId, from: holder(each.from), to: holder(each.to), expectLock, lock };
    }
    case 'lock':
      return { code: 'lock', itemId, from: holder(each.from), expectLock: each.expect, lock: each.lock };
    case 'unlock':
      return { code: 'unlock', itemId, from: holder(each.from), expectLock: each.expect };
    case 'modify': {
      const attributes = { weaponBonus: each.level };
      return { code: 'modify', itemId, from: holder(each.from), attributes, expectLock: each.expect };
    }
    case 'burn':
      return {
        code: 'burn',
        itemId,
        from: holder(each.from),
        to: systemHolder('burn'),
        expectLock: each.expect,
      };
  }
}
