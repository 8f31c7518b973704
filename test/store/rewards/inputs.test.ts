import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Economy } from '../../../domain/economy/types.ts';
import { parseEconomy } from '../../../domain/economy/validate-economy.ts';
import { journalKeys } from '../../../domain/ledger/keys.ts';
import { apiGrantJournal } from '../../../domain/rewards/grant-journals.ts';
import type { RewardPlan } from '../../../domain/rewards/types.ts';
import { applyEconomy } from '../../../store/economy/apply-economy.ts';
import { currentEconomy } from '../../../store/economy/reads.ts';
import { postJournals } from '../../../store/ledger/post-journals.ts';
import { readReceipt } from '../../../store/ledger/reads.ts';
import { setLoadout } from '../../../store/loadouts/set-loadout.ts';
import { sha256 } from '../../../store/matches/sha256.ts';
import { payMatch } from '../../../store/rewards/pay-match.ts';
import { readGrant } from '../../../store/rewards/plans.ts';
import { recordExternalResult } from '../../../store/rewards/record-external-result.ts';
import type { ExternalPlayer, ExternalResult } from '../../../store/rewards/record-external-result.ts';
import { testDatabase } from '../../support/database.ts';
import { cause, newPlayer, newSword, walletOfPlayer } from '../market/fixtures.ts';

const { db } = await testDatabase();
const showcase = parseEconomy(JSON.parse(readFileSync('economies/showcase.json', 'utf8')));
const apply = (economy: Economy) => applyEconomy(db, economy, { actor: 'test' });
beforeAll(() => apply(showcase));

const resultOf = (players: readonly ExternalPlayer[], mode = 'duel'): ExternalResult => ({
  clientId: 'studio',
  reference: randomUUID(),
  externalMatchId: randomUUID(),
  mode,
  players,
});
async function plansOf(result: ExternalResult): Promise<RewardPlan[]> {
  const { matchId } = await recordExternalResult(db, result);
  return (await readGrant(db, matchId))!.plans;
}
const won = async (playerId: string) => (await plansOf(resultOf([{ playerId, outcome: 'winner' }])))[0]!;

describe('a streak', () => {
  // a day that ends in the middle of a test would be another day
  beforeEach(async () => {
    const { rows } = await db.query<{ leftMs: number }>(
      'SELECT (86400 - extract(epoch FROM (clock_timestamp() AT TIME ZONE \'UTC\')::time))::float8 * 1000 AS "leftMs"',
    );
    const { leftMs } = rows[0]!;
    if (leftMs < 10_000) await setTimeout(leftMs + 100);
  });
  const days = async (playerId: string) => (await won(playerId)).input.streakDays;
  const shift = (playerId: string, by: string) =>
    db.query(
      `UPDATE player_streaks SET last_day = (clock_timestamp() AT TIME ZONE 'UTC')::date - $2::int WHERE player_id = $1`,
      [playerId, by],
    );

  test('counts UTC days with a finished match: twice a day is one, a day without ends it', async () => {
    const playerId = await newPlayer(db);
    expect([await days(playerId), await days(playerId)]).toEqual([1, 1]);
    await shift(playerId, '1');
    expect([await days(playerId), await days(playerId)]).toEqual([2, 2]);
    await shift(playerId, '2');
    expect(await days(playerId)).toBe(1);
    // a clock that was set back takes nothing away
    await shift(playerId, '-1');
    expect(await days(playerId)).toBe(1);
  });

  test('pays its tier from the seventh day on', async () => {
    const playerId = await newPlayer(db);
    await won(playerId);
    await db.query('UPDATE player_streaks SET days = 6 WHERE player_id = $1', [playerId]);
    await shift(playerId, '1');
    const { input, lines, draws } = await won(playerId);
    const found = draws!.reduce((sum, { entry }) => sum + ({ pouch: 50, purse: 200 }[entry] ?? 0), 25);
    expect(input.streakDays).toBe(7);
    expect(lines[0]).toEqual({ asset: 'gold', amount: String(628 + found) });
  });

  test('is counted once however often and at the same time a result is reported', async () => {
    const playerId = await newPlayer(db);
    await won(playerId);
    await shift(playerId, '1');
    const result = resultOf([{ playerId, outcome: 'winner' }]);
    await Promise.all([1, 2, 3].map(() => recordExternalResult(db, result)));
    await shift(playerId, '1');
    await recordExternalResult(db, result);
    const { rows } = await db.query('SELECT days FROM player_streaks WHERE player_id = $1', [playerId]);
    expect(rows).toEqual([{ days: 2 }]);
  });
});

describe('pity', () => {
  test('gives the entry that is due, and each plan goes on where the one before ended, also at once', async () => {
    const playerId = await newPlayer(db);
    await won(playerId);
    await db.query('UPDATE pity_counters SET misses = 19 WHERE player_id = $1', [playerId]);
    const plans = await Promise.all([won(playerId), won(playerId), won(playerId)]);
    const forced = plans.flatMap(({ draws = [] }) => draws).filter(({ variant }) => variant === 'pity');
    expect(forced.map(({ entry }) => entry)).toEqual(['rare_sword']);
    const before = plans.map(({ input }) => input.pity!['weapons']!);
    expect(before.filter((misses) => misses === 19)).toHaveLength(1);
    const { rows } = await db.query<{ misses: number }>(
      'SELECT misses FROM pity_counters WHERE player_id = $1',
      [playerId],
    );
    expect(rows[0]!.misses).toBeLessThan(19);
  });
});

test('luck is that of the item the player has equipped, and is pinned', async () => {
  const playerId = await newPlayer(db);
  expect((await won(playerId)).input.modifiers).toEqual({ luck: 100 });
  const itemId = await newSword(db, playerId, 'clover_ring');
  await setLoadout(db, playerId, itemId);
  const plan = await won(playerId);
  expect(plan.input.modifiers).toEqual({ luck: 150 });
  expect(plan.draws![0]).toMatchObject({ table: 'chest', variant: 'luck=150' });
});

test('the pot of a mode is shared by placement, ties and all, to the last unit', async () => {
  const placements = [1, 2, 2, 4, 5];
  const players = await Promise.all(
    placements.map(async (placement) => ({
      playerId: await newPlayer(db),
      outcome: 'eliminated' as const,
      placement,
    })),
  );
  const plans = await plansOf(resultOf(players, 'cup'));
  const gems = plans.map(({ lines }) => lines.find(({ asset }) => asset === 'gems_free')?.amount ?? '0');
  expect(gems).toEqual(['501', '225', '225', '50', '0']);
});

test('every plan with all of this is paid, and its receipt recomputes it from what it pinned', async () => {
  const playerId = await newPlayer(db);
  const itemId = await newSword(db, playerId, 'clover_ring');
  await setLoadout(db, playerId, itemId);
  await won(playerId);
  await db.query('UPDATE player_streaks SET days = 29, last_day = last_day - 1 WHERE player_id = $1', [
    playerId,
  ]);
  await db.query('UPDATE pity_counters SET misses = 19 WHERE player_id = $1', [playerId]);
  const { matchId } = await recordExternalResult(
    db,
    resultOf([{ playerId, outcome: 'winner', placement: 1, resources: 7n }], 'cup'),
  );
  expect(await payMatch(db, matchId, cause)).toMatchObject({ status: 'paid', lines: [{ result: 'ok' }] });
  // counters have moved on since
  await won(playerId);
  const receipt = await readReceipt(db, journalKeys.matchGrant(matchId, playerId));
  expect(receipt).toMatchObject({ recomputed: true });
  expect(receipt!.pinned).toMatchObject({
    plan: { input: { streakDays: 30, modifiers: { luck: 150 }, prize: { mode: 'cup', place: 1 } } },
  });
});

describe('a retry after a new version', () => {
  const richer: Economy = {
    ...showcase,
    rewards: {
      ...showcase.rewards,
      survivor: { ...showcase.rewards.survivor, rolls: [], lines: [{ asset: 'gold', amount: '9000' }] },
    },
    kinds: { ...showcase.kinds, iron_sword: { version: 2, attributes: { slot: 'weapon', weaponBonus: 6 } } },
  };

  test('of a match pays the plan that was pinned, once', async () => {
    const playerId = await newPlayer(db);
    const result = resultOf([{ playerId, outcome: 'survivor' }]);
    const { matchId } = await recordExternalResult(db, result);
    const [plan] = (await readGrant(db, matchId))!.plans;
    await apply(richer);
    expect(await recordExternalResult(db, result)).toMatchObject({ matchId, replayed: true });
    expect((await readGrant(db, matchId))!.plans).toEqual([plan]);
    expect(await payMatch(db, matchId, cause)).toMatchObject({ lines: [{ result: 'ok' }] });
    await apply(showcase);
    expect(await payMatch(db, matchId, cause)).toMatchObject({ lines: [{ result: 'exists' }] });
    const gold = plan!.lines.find(({ asset }) => asset === 'gold')!;
    expect((await walletOfPlayer(db, playerId)).balance).toBe(BigInt(gold.amount));
  });

  test('of a game server’s grant meets the first journal, though items have a new version since', async () => {
    const playerId = await newPlayer(db);
    const request = {
      clientId: 'studio',
      reference: randomUUID(),
      playerId,
      lines: [{ asset: 'gold', amount: 5n }],
      items: [{ kind: 'iron_sword' }],
    };
    const grant = async () => {
      const journal = apiGrantJournal(await currentEconomy(db), request, cause, sha256);
      return db.transaction(async (tx) => (await postJournals(tx, [journal]))[0]!);
    };
    const first = await grant();
    await apply(richer);
    const again = await grant();
    expect([first.result, again.result]).toEqual(['ok', 'exists']);
    expect((await walletOfPlayer(db, playerId)).balance).toBe(5n);
    const { rows } = await db.query('SELECT kind_version FROM items WHERE owner = $1', [
      `player:${playerId}`,
    ]);
    expect(rows).toEqual([{ kind_version: 1 }]);
  });
});
