import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseEconomy } from '../../../domain/economy/validate-economy.ts';
import {
  apiGrantJournal,
  matchGrantJournal,
  spendJournal,
  welcomeGrantJournal,
} from '../../../domain/rewards/grant-journals.ts';
import { needsReview, planRewards } from '../../../domain/rewards/plan-rewards.ts';
import type { RewardInput } from '../../../domain/rewards/plan-rewards.ts';

const economy = parseEconomy(JSON.parse(readFileSync('economies/arena.json', 'utf8')));
const hash = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();
const seed = Uint8Array.from({ length: 32 }, (_, i) => i);
const cause = { actor: 'system:test' };

const plan = (players: RewardInput['players'], over: Partial<RewardInput> = {}) =>
  planRewards({ economy, economyVersion: 7, seed, matchId: 'm', players, ...over }, hash);

describe('the arena pays what the rules say', () => {
  test('winner 500 + resources, 3 stamps and one roll; survivor 200 + resources and 1 stamp; eliminated what they kept', () => {
    const plans = plan([
      { playerId: 'w', seat: 0, outcome: 'winner', resources: 130n },
      { playerId: 's', seat: 1, outcome: 'survivor', resources: 0n },
      { playerId: 'e', seat: 2, outcome: 'eliminated', resources: 31n },
    ]);
    expect(plans.map(({ lines }) => lines)).toEqual([
      [
        { asset: 'gold', amount: '630' },
        { asset: 'stamp', amount: '3' },
      ],
      [
        { asset: 'gold', amount: '200' },
        { asset: 'stamp', amount: '1' },
      ],
      [{ asset: 'gold', amount: '31' }],
    ]);
    expect(plans.map(({ items }) => items.length)).toEqual([1, 0, 0]);
    expect(plans.map(({ economyVersion, input }) => ({ economyVersion, input }))[0]).toEqual({
      economyVersion: 7,
      input: { resources: '130' },
    });
  });

  test('a roll names its stream, its bound and its table, and repeats on every machine', () => {
    const winner = { playerId: 'w', seat: 3, outcome: 'winner' as const, resources: 0n };
    const [item] = plan([winner])[0]!.items;
    expect(item).toMatchObject({
      label: 'drop/3',
      bound: 100,
      table: 'match.winner',
      tableVersion: 1,
      kindVersion: 1,
    });
    expect(plan([winner])[0]!.items[0]).toEqual(item);
    expect(plan([winner], { matchId: 'n' })[0]!.items[0]!.itemId).not.toBe(item!.itemId);
  });

  test('60 / 30 / 10: below 60 is iron, below 90 steel, else rare, and the share follows', () => {
    const seen = { iron_sword: 0, steel_sword: 0, rare_sword: 0 } as Record<string, number>;
    for (let n = 0; n < 3_000; n++) {
      const own = hash(Uint8Array.of(n & 255, n >> 8));
      const [item] = plan([{ playerId: 'w', seat: 0, outcome: 'winner', resources: 0n }], { seed: own })[0]!
        .items;
      expect(item!.kind).toBe(
        item!.roll < 60 ? 'iron_sword' : item!.roll < 90 ? 'steel_sword' : 'rare_sword',
      );
      seen[item!.kind]! += 1;
    }
    expect(seen['iron_sword']! / 3_000).toBeCloseTo(0.6, 1);
    expect(seen['rare_sword']! / 3_000).toBeCloseTo(0.1, 1);
  });

  test('one resource is one gold, whatever the amount', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 12n }), (resources) => {
        const [eliminated] = plan([{ playerId: 'e', seat: 0, outcome: 'eliminated', resources }]);
        expect(eliminated!.lines).toEqual(
          resources === 0n ? [] : [{ asset: 'gold', amount: resources.toString() }],
        );
      }),
    );
  });

  test('a match that pays somebody more than the economy allows unseen waits for a verdict', () => {
    const paying = (resources: bigint) =>
      plan([{ playerId: 'e', seat: 0, outcome: 'eliminated', resources }]);
    expect([needsReview(economy, paying(100_000n)), needsReview(economy, paying(100_001n))]).toEqual([
      false,
      true,
    ]);
  });
});

describe('grants as journals', () => {
  test('an empty plan posts nothing', () => {
    const [empty] = plan([{ playerId: 'e', seat: 0, outcome: 'eliminated', resources: 0n }]);
    expect(matchGrantJournal(empty!, 'm', cause)).toBeNull();
  });

  test("a match grant is its pinned plan, line by line, under the match's and player's key", () => {
    const [winner] = plan([{ playerId: 'w', seat: 0, outcome: 'winner', resources: 5n }]);
    const one = matchGrantJournal(winner!, 'm', cause)!;
    expect(one.key).toBe('grant:match:m:w');
    expect(
      one.transfers.map(
        (line) => 'amount' in line && [line.debit.holder, line.credit.holder, line.debit.asset, line.amount],
      ),
    ).toEqual([
      ['system:match.reward', 'player:w', 'gold', 505n],
      ['system:match.reward', 'player:w', 'stamp', 3n],
    ]);
    expect(one.movements).toMatchObject([{ code: 'mint', itemId: winner!.items[0]!.itemId, to: 'player:w' }]);
    expect(one.pinned).toEqual({ source: 'match', matchId: 'm', plan: winner });
  });

  test('a new player gets the welcome of the file: 100 gold and 5 stamps', () => {
    const one = welcomeGrantJournal({ version: 1, economy }, 'p', cause)!;
    expect(one.transfers.map((line) => 'amount' in line && `${line.amount} ${line.credit.asset}`)).toEqual([
      '100 gold',
      '5 stamp',
    ]);
    const { welcome: _, ...poor } = economy;
    expect(welcomeGrantJournal({ version: 1, economy: poor }, 'p', cause)).toBeNull();
  });

  test("a game server's grant and spend name only what the economy knows", () => {
    const request = { clientId: 'c', reference: 'r', playerId: 'p', lines: [{ asset: 'gold', amount: 3n }] };
    const published = { version: 1, economy };
    expect(
      apiGrantJournal(published, { ...request, items: [{ kind: 'iron_sword' }] }, cause, hash).movements,
    ).toHaveLength(1);
    const unknown = { ...request, lines: [{ asset: 'constructor', amount: 3n }] };
    expect(() => apiGrantJournal(published, unknown, cause, hash)).toThrow(
      expect.objectContaining({ code: 'unknown_asset' }),
    );
    expect(() => spendJournal(published, unknown, cause)).toThrow(
      expect.objectContaining({ code: 'unknown_asset' }),
    );
    expect(() =>
      apiGrantJournal(published, { ...request, items: [{ kind: 'toString' }] }, cause, hash),
    ).toThrow(expect.objectContaining({ code: 'unknown_kind' }));
  });

  test('the identity of a grant is its request, not the version it was priced under', () => {
    const request = {
      clientId: 'c',
      reference: 'r',
      playerId: 'p',
      lines: [],
      items: [{ kind: 'iron_sword' }],
    };
    const later = { ...economy, kinds: { ...economy.kinds, iron_sword: { version: 2, attributes: {} } } };
    const [first, second] = [economy, later].map((each, i) =>
      apiGrantJournal({ version: i + 1, economy: each }, request, cause, hash),
    );
    expect(second!.identity).toEqual(first!.identity);
    expect(second!.movements).not.toEqual(first!.movements);
  });
});
