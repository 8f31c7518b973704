import { randomUUID } from 'node:crypto';
import { clearingOf, sourceOf, walletOf } from '../domain/ledger/accounts.ts';
import type { NewJournal } from '../domain/ledger/types.ts';
import { playerHolder, systemHolder } from '../domain/ledger/types.ts';
import type { Db } from '../store/db.ts';
import { postBatch } from '../store/ledger/post-journals.ts';

export type Scenario = 'distinct' | 'hot' | 'pair' | 'mix';
export const walletCount = 10_000;
export const openingBalance = 1_000_000n;

/** Players with a gold wallet each, and for the mix one sword each. */
export async function seedWallets(db: Db, scenario: Scenario): Promise<string[]> {
  await db.query(`INSERT INTO assets (code, kind) VALUES ('gold', 'currency')`);
  await db.query(`INSERT INTO catalog_kinds (code, version, attributes) VALUES ('sword', 1, '{}')`);
  const { rows } = await db.query<{ id: string }>(
    'INSERT INTO players (id) SELECT gen_random_uuid() FROM generate_series(1, $1) RETURNING id',
    [walletCount],
  );
  const players = rows.map(({ id }) => id);
  for (let n = 0; n < players.length; n += 500) {
    await postBatch(
      db,
      players
        .slice(n, n + 500)
        .map((player) => ({ journal: opening(player, scenario === 'mix'), context: {} })),
    );
  }
  await db.query('VACUUM ANALYZE').catch(() => {});
  return players;
}

const base = { actor: 'system:bench', movements: [], events: [], transfers: [] } as const;

const opening = (player: string, withItem: boolean): NewJournal => ({
  ...base,
  key: `bench:opening:${player}`,
  kind: 'import',
  transfers: [
    {
      state: 'posted',
      debit: sourceOf('opening', 'gold'),
      credit: walletOf(player, 'gold'),
      amount: openingBalance,
      code: 'opening',
    },
  ],
  movements: withItem
    ? [
        {
          code: 'mint',
          itemId: player,
          kind: 'sword',
          kindVersion: 1,
          from: systemHolder('opening'),
          to: playerHolder(player),
        },
      ]
    : [],
});

/** One client's next journal; `expect` is what its answer must be. */
export type Load = { journal: NewJournal; expect: 'ok' | 'exists' };

/**
 * distinct: two random wallets · hot: one wallet is in every journal · pair: two wallets, both ways · mix: 30 % holds (each then posted), 20 % items locked
 * and unlocked, 5 % the journal before once more, the rest as in distinct. Every journal has its outbox row.
 */
export function loadOf(
  scenario: Scenario,
  players: readonly string[],
  client: number,
  clients: number,
): () => Load {
  const random = (): string => players[Math.floor(Math.random() * players.length)] ?? '';
  // a client moves items of its own only, so that no answer depends on another client
  const own = players.filter((_, n) => n % clients === client);
  const queue: Load[] = [];
  let last: NewJournal | undefined;
  let turn = 0;

  const simple = (): NewJournal => {
    if (scenario === 'pair') {
      const [a = '', b = ''] = turn % 2 === 0 ? [players[0], players[1]] : [players[1], players[0]];
      return { ...base, key: `bench:${randomUUID()}`, kind: 'spend', transfers: [moved(a, b)] };
    }
    const from = scenario === 'hot' && turn % 2 === 0 ? (players[0] ?? '') : random();
    const to = scenario === 'hot' && turn % 2 === 1 ? (players[0] ?? '') : random();
    return from === to
      ? simple()
      : { ...base, key: `bench:${randomUUID()}`, kind: 'spend', transfers: [moved(from, to)] };
  };
  return () => {
    turn += 1;
    const dice = Math.random();
    const waiting = queue.shift();
    if (waiting) return waiting;
    if (scenario === 'mix' && dice < 0.05 && last) return { journal: last, expect: 'exists' };
    let next = simple();
    if (scenario === 'mix' && dice < 0.22) {
      const [hold, post] = holdAndPost(random());
      queue.push({ journal: post, expect: 'ok' });
      next = hold;
    } else if (scenario === 'mix' && dice < 0.34) {
      const [lock, unlock] = lockAndUnlock(own[turn % own.length] ?? '');
      queue.push({ journal: unlock, expect: 'ok' });
      next = lock;
    }
    last = next;
    return { journal: next, expect: 'ok' };
  };
}

const moved = (from: string, to: string) =>
  ({
    state: 'posted',
    debit: walletOf(from, 'gold'),
    credit: walletOf(to, 'gold'),
    amount: 1n,
    code: 'spend',
  }) as const;

function holdAndPost(player: string): [NewJournal, NewJournal] {
  const key = `bench:${randomUUID()}`;
  const hold = {
    state: 'pending',
    debit: walletOf(player, 'gold'),
    credit: clearingOf('market', 'gold'),
    amount: 1n,
    code: 'hold',
    ttlMs: 600_000,
  } as const;
  return [
    { ...base, key, kind: 'trade_hold', transfers: [hold] },
    {
      ...base,
      key: `${key}:post`,
      kind: 'trade_settle',
      transfers: [{ state: 'post', pending: { key, index: 0 }, code: 'trade_price' }],
    },
  ];
}

function lockAndUnlock(player: string): [NewJournal, NewJournal] {
  const [key, lock, from] = [`bench:${randomUUID()}`, 'match:bench', playerHolder(player)];
  return [
    {
      ...base,
      key,
      kind: 'match_lock',
      movements: [{ code: 'lock', itemId: player, from, expectLock: null, lock }],
    },
    {
      ...base,
      key: `${key}:undo`,
      kind: 'match_release',
      movements: [{ code: 'unlock', itemId: player, from, expectLock: lock }],
    },
  ];
}
