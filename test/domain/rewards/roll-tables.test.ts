import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseEconomy } from '../../../domain/economy/validate-economy.ts';
import { missesAfter } from '../../../domain/rewards/pity.ts';
import { planRewards, playerOfPlan } from '../../../domain/rewards/plan-rewards.ts';
import type { RewardPlayer } from '../../../domain/rewards/plan-rewards.ts';

const economy = parseEconomy(JSON.parse(readFileSync('economies/showcase.json', 'utf8')));
const hash = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();
const seedOf = (n: number) => hash(Uint8Array.of(n & 255, (n >> 8) & 255));

const winner: RewardPlayer = { playerId: 'w', seat: 0, outcome: 'winner', resources: 0n };
const plan = (player: Partial<RewardPlayer>, n = 0, over = economy) =>
  planRewards(
    { economy: over, economyVersion: 1, seed: seedOf(n), matchId: 'm', players: [{ ...winner, ...player }] },
    hash,
  )[0]!;
const goldOf = ({ lines }: ReturnType<typeof plan>) =>
  BigInt(lines.find(({ asset }) => asset === 'gold')?.amount ?? 0);

describe('a roll', () => {
  test('always gives what is guaranteed, and one entry with what is nested in it', () => {
    for (let n = 0; n < 200; n++) {
      const { draws = [], items, ...rest } = plan({ outcome: 'survivor' }, n);
      const [chest, nested] = draws;
      const drop = { pouch: 50n, purse: 200n }[chest!.entry] ?? 0n;
      expect(goldOf({ ...rest, items })).toBe(200n + 25n + drop);
      expect(draws.map(({ table }) => table)).toEqual(
        chest!.entry === 'weapons' ? ['chest', 'weapons'] : ['chest'],
      );
      expect(items.map(({ kind }) => kind)).toEqual(nested ? [nested.entry] : []);
    }
  });

  test('says of each draw whether anything came of it, also of what is guaranteed or nested', () => {
    const sword = { kind: 'rare_sword', weight: 1 };
    const nothing = { nothing: true as const, weight: 1 };
    const gave = (inner: typeof sword | typeof nothing, guaranteed?: [{ kind: string }]) => {
      const chest = {
        version: 1,
        entries: [{ table: 'weapons', weight: 1 }],
        ...(guaranteed && { guaranteed }),
      };
      const weapons = { version: 1, entries: [inner] };
      const over = parseEconomy({ ...economy, dropTables: { ...economy.dropTables, chest, weapons } });
      return plan({ outcome: 'survivor' }, 0, over).draws!.map((draw) => [draw.table, draw.gave]);
    };
    expect(gave(nothing)).toEqual([
      ['chest', false],
      ['weapons', false],
    ]);
    expect(gave(nothing, [{ kind: 'rare_sword' }])).toEqual([
      ['chest', true],
      ['weapons', false],
    ]);
    expect(gave(sword)).toEqual([
      ['chest', true],
      ['weapons', true],
    ]);
  });

  test('takes its draws from the player’s stream one after another, and repeats on every machine', () => {
    const nested = Array.from({ length: 50 }, (_, n) => plan({}, n)).find(
      ({ draws }) => draws!.length === 3,
    )!;
    expect(nested.draws!.map(({ label, counter }) => `${label} ${counter}`)).toEqual([
      'drop/0 0',
      'drop/0 1',
      'drop/0 2',
    ]);
    expect(new Set(nested.items.map(({ itemId }) => itemId)).size).toBe(2);
  });

  test('under a modifier draws from the favoured weights, exactly, and says so', () => {
    const { draws } = plan({ modifiers: { luck: 150 } });
    expect(draws![0]).toMatchObject({ table: 'chest', variant: 'luck=150', bound: 20 * 150 + 80 * 100 });
    expect(plan({ modifiers: { luck: 100 } }).draws![0]).toMatchObject({ variant: '', bound: 100 });
    expect(plan({ modifiers: { luck: 9_999 } }).draws![0]).toMatchObject({ variant: 'luck=300' });
  });

  test('of an entry that is due needs no luck, and the count begins anew within the same plan', () => {
    let twiceCount = 0;
    for (let n = 0; n < 100; n++) {
      const due = plan({ pity: { weapons: 19 } }, n);
      const [first, ...others] = due.draws!.filter(({ table }) => table === 'weapons');
      expect(first).toMatchObject({ entry: 'rare_sword', variant: 'pity', roll: 0, bound: 1 });
      for (const { variant, entry } of others) {
        twiceCount++;
        expect(variant).toBe('');
        expect(missesAfter(economy, due)['weapons']).toBe(entry === 'rare_sword' ? 0 : 1);
      }
    }
    expect(twiceCount).toBeGreaterThan(5);
  });

  test('never leaves a player longer without than pity says', () => {
    let pity: { [table: string]: number } = { weapons: 0 };
    let [longest, without] = [0, 0];
    for (let n = 0; n < 500; n++) {
      const next = plan({ pity }, n);
      for (const { table, entry } of next.draws!) {
        if (table !== 'weapons') continue;
        without = entry === 'rare_sword' ? 0 : without + 1;
        longest = Math.max(longest, without);
      }
      pity = missesAfter(economy, next);
      expect(pity).toEqual({ weapons: without });
    }
    expect(longest).toBe(19);
  });
});

test('what a plan pinned is all it takes to compute it again', () => {
  const player = fc.record(
    {
      seat: fc.nat(5),
      outcome: fc.constantFrom('winner' as const, 'survivor' as const, 'eliminated' as const),
      resources: fc.bigInt({ min: 0n, max: 10n ** 15n }),
      streakDays: fc.nat(60),
      modifiers: fc.record({ luck: fc.integer({ min: 1, max: 400 }) }),
      pity: fc.record({ weapons: fc.nat(25) }),
      prize: fc.constant({ mode: 'cup', place: 2, tiedCount: 2, tiedIndex: 1, playerCount: 5 }),
    },
    { requiredKeys: ['seat', 'outcome', 'resources'] },
  );
  fc.assert(
    fc.property(player, fc.nat(1_000), (given, n) => {
      const pinned = JSON.parse(JSON.stringify(plan(given, n))) as ReturnType<typeof plan>;
      expect(plan(playerOfPlan(pinned, given.seat), n)).toEqual(pinned);
    }),
  );
});

describe('a streak', () => {
  test.each([
    [1, 503n],
    [6, 503n],
    [7, 628n],
    [13, 628n],
    [14, 754n],
    [29, 754n],
    [30, 1_006n],
    [400, 1_006n],
  ])('of %i days pays 503 gold as %i', (streakDays, gold) => {
    const flat = {
      ...economy,
      rewards: { ...economy.rewards, winner: { ...economy.rewards.winner, rolls: [] } },
    };
    expect(goldOf(plan({ streakDays }, 0, flat))).toBe(gold);
  });

  test('multiplies only what the file names, and is nothing where the file has none', () => {
    const paid = plan({ streakDays: 30 });
    expect(paid.lines).toContainEqual({ asset: 'stamp', amount: '3' });
    const { streaks: _, ...plain } = economy;
    expect(goldOf(plan({ streakDays: 30 }, 0, plain))).toBe(goldOf(plan({}, 0, plain)));
  });
});
