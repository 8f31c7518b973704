import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { parseEconomy } from '../../../domain/economy/validate-economy.ts';
import { planRewards } from '../../../domain/rewards/plan-rewards.ts';
import type { RewardPlan } from '../../../domain/rewards/types.ts';
import { checkConformance } from '../../../store/conformance/check-conformance.ts';
import { rollUpDraws } from '../../../store/conformance/roll-up-draws.ts';
import { applyEconomy } from '../../../store/economy/apply-economy.ts';
import { sha256 } from '../../../store/matches/sha256.ts';
import { keepDraws } from '../../../store/rewards/keep-draws.ts';
import { testDatabase } from '../../support/database.ts';

const { db } = await testDatabase();
const economy = parseEconomy(JSON.parse(readFileSync('economies/showcase.json', 'utf8')));
beforeAll(() => applyEconomy(db, economy, { actor: 'test' }));

const playerId = randomUUID();
/** What settlement pins for so many winners, each match under a seed of its own. */
const plansOf = (first: number, count: number, luck = 100): RewardPlan[] =>
  Array.from({ length: count }, (_, n) => {
    const seed = sha256(Buffer.from(`seed ${first + n}`));
    const player = { playerId, seat: 0, outcome: 'winner' as const, resources: 0n, modifiers: { luck } };
    return planRewards({ economy, economyVersion: 1, seed, matchId: 'm', players: [player] }, sha256)[0]!;
  });
const keep = (plans: readonly RewardPlan[]) => db.transaction((tx) => keepDraws(tx, economy, plans));
const totals = async () => {
  const { rows } = await db.query<{ key: string; count: string }>(
    `SELECT table_code || ' ' || variant AS key, sum(draw_count)::text AS count FROM drop_observations
     GROUP BY 1 ORDER BY 1`,
  );
  return Object.fromEntries(rows.map(({ key, count }) => [key.trim(), Number(count)]));
};

test('every draw is counted once, whoever rolls up at the same time', async () => {
  await keep(plansOf(0, 400));
  await keep(plansOf(400, 100, 200));
  const taken = await Promise.all([rollUpDraws(db), rollUpDraws(db), rollUpDraws(db)]);
  expect(taken.reduce((a, b) => a + b, 0)).toBeGreaterThan(0);
  expect(await rollUpDraws(db)).toBe(0);
  const counts = await totals();
  expect([counts['chest'], counts['chest luck=200']]).toEqual([400, 100]);
});

test('draws that come out as published open no finding, with luck or without', async () => {
  await keep(plansOf(1_000, 600));
  const checked = await checkConformance(db);
  expect(checked.map(({ table, variant }) => `${table} ${variant}`.trim())).toEqual([
    'chest',
    'chest luck=200',
    'weapons',
    'weapons luck=200',
  ]);
  expect(checked.every(({ conforms }) => conforms)).toBe(true);
  expect((await totals())['chest']).toBe(1_000);
});

test('a source that favours one entry is found, and the tripwire closes what it may close', async () => {
  const rigged = plansOf(5_000, 400).map((plan) => ({
    ...plan,
    draws: plan.draws!.map((draw, i) =>
      draw.table === 'weapons' && (draw.roll + i) % 3 === 0 ? { ...draw, entry: 'rare_sword' } : draw,
    ),
  }));
  await keep(rigged);
  const off = (await checkConformance(db)).filter(({ conforms }) => !conforms);
  expect(off).toMatchObject([{ table: 'weapons', version: 1, variant: '' }]);
  const { rows } = await db.query(
    'SELECT subject, detail FROM findings WHERE rule = $1 AND closed_at IS NULL',
    ['odds_conformance'],
  );
  expect(rows).toMatchObject([{ subject: 'table:weapons:1', detail: { falseAlarmRate: 2.5e-5 } }]);
  const valves = await db.query("SELECT scope, id FROM valves WHERE closed_by = 'system:auditor'");
  expect(valves.rows).toEqual([{ scope: 'source', id: 'match.reward' }]);
  await checkConformance(db);
  const events = await db.query("SELECT FROM outbox WHERE type = 'ledger.finding.opened.v1'");
  expect(events.rows).toHaveLength(1);
});

test('draws of a table that nobody published are found at once', async () => {
  const [plan] = plansOf(9_000, 1);
  await keep([{ ...plan!, draws: [{ ...plan!.draws![0]!, tableVersion: 7 }] }]);
  const off = (await checkConformance(db)).filter(({ conforms }) => !conforms);
  expect(off).toContainEqual(expect.objectContaining({ table: 'chest', version: 7 }));
});
