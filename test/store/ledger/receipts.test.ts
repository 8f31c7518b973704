import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { parseEconomy } from '../../../domain/economy/validate-economy.ts';
import { journalKeys } from '../../../domain/ledger/keys.ts';
import {
  apiGrantJournal,
  matchGrantJournal,
  spendJournal,
  welcomeGrantJournal,
} from '../../../domain/rewards/grant-journals.ts';
import { planRewards } from '../../../domain/rewards/plan-rewards.ts';
import { applyEconomy } from '../../../store/economy/apply-economy.ts';
import { currentEconomy } from '../../../store/economy/reads.ts';
import { readBalances, readItems, readReceipt } from '../../../store/ledger/reads.ts';
import { sha256 } from '../../../store/matches/sha256.ts';
import { testDatabase } from '../../support/database.ts';
import { newPlayer, post } from './fixtures.ts';

const { db } = await testDatabase();
const arena = parseEconomy(JSON.parse(readFileSync('economies/arena.json', 'utf8')));
const actor = 'operator:test';
beforeAll(() => applyEconomy(db, arena, { actor }));

/** A finished match won by one new player who held 40 resources. */
async function finishedMatch() {
  const [matchId, playerId, seed] = [randomUUID(), await newPlayer(db), randomBytes(32)];
  const { version, economy } = await currentEconomy(db);
  await db.query(
    `INSERT INTO matches (id, mode, region, status, config, economy_version, seed) VALUES ($1, 'test', 'local', 'finished', '{}', $2, $3)`,
    [matchId, version, seed],
  );
  await db.query('INSERT INTO seats (match_id, player_id, seat) VALUES ($1, $2, 2)', [matchId, playerId]);
  const players = [{ playerId, seat: 2, outcome: 'winner' as const, resources: 40n }];
  const [plan] = planRewards({ economy, economyVersion: version, seed, matchId, players }, sha256);
  return { matchId, playerId, seed, plan: plan! };
}

test('a match grant pays exactly its plan, and its receipt proves it by computing it again', async () => {
  const { matchId, playerId, seed, plan } = await finishedMatch();
  const key = journalKeys.matchGrant(matchId, playerId);
  await post(
    db,
    matchGrantJournal(plan, matchId, {
      actor: 'system:rewards',
      workflowId: `reward-${matchId}`,
      step: 'pay',
    })!,
  );

  expect(await readBalances(db, playerId)).toEqual([
    { asset: 'gold', balance: 540n, held: 0n, available: 540n },
    { asset: 'stamp', balance: 3n, held: 0n, available: 3n },
  ]);
  const [item] = await readItems(db, playerId, { limit: 5 });
  expect(item).toMatchObject({ id: plan.items[0]!.itemId, kind: plan.items[0]!.kind });

  const receipt = await readReceipt(db, key);
  expect(receipt).toMatchObject({
    key,
    kind: 'grant',
    cause: { actor: 'system:rewards', workflowId: `reward-${matchId}`, step: 'pay' },
    pinned: { plan },
    economy: { version: 1 },
    rolls: [
      {
        table: 'match.winner',
        input: { seed: seed.toString('hex'), label: 'drop/2', counter: 0, bound: 100, variant: '' },
        output: { entry: item!.kind },
      },
    ],
    recomputed: true,
  });
  const { rows } = await db.query(
    `SELECT data FROM outbox WHERE type = 'economy.grant.granted.v1' AND key = $1`,
    [playerId],
  );
  expect(rows).toEqual([{ data: expect.objectContaining({ key, matchId, lines: plan.lines }) }]);
});

test('a receipt does not vouch for a plan that the seed does not give', async () => {
  const { matchId, playerId, plan } = await finishedMatch();
  const rigged = { ...plan, lines: [{ asset: 'gold', amount: '999' }] };
  await post(db, matchGrantJournal(rigged, matchId, { actor })!);
  expect(await readReceipt(db, journalKeys.matchGrant(matchId, playerId))).toMatchObject({
    recomputed: false,
  });
});

test('what was pinned is what is paid, also when the economy has changed since, and never twice', async () => {
  const { matchId, playerId, plan } = await finishedMatch();
  const { playerId: other } = await finishedMatch();
  const request = {
    clientId: 'game',
    reference: randomUUID(),
    playerId: other,
    lines: [],
    items: [{ kind: 'iron_sword' }],
  };
  const welcome = async (id: string) =>
    post(db, welcomeGrantJournal(await currentEconomy(db), id, { actor })!);
  const grant = async () => post(db, apiGrantJournal(await currentEconomy(db), request, { actor }, sha256));
  expect([(await welcome(playerId)).result, (await grant()).result]).toEqual(['ok', 'ok']);

  await applyEconomy(
    db,
    {
      ...arena,
      kinds: { ...arena.kinds, iron_sword: { version: 2, attributes: { slot: 'weapon', weaponBonus: 6 } } },
      rewards: {
        ...arena.rewards,
        winner: { lines: [{ asset: 'gold', amount: '1' }], perResource: [], rolls: [] },
      },
      welcome: { lines: [{ asset: 'gold', amount: '1' }] },
    },
    { actor, expectVersion: 1 },
  );
  expect([(await welcome(playerId)).result, (await grant()).result]).toEqual(['exists', 'exists']);
  expect((await post(db, matchGrantJournal(plan, matchId, { actor })!)).result).toBe('ok');
  expect((await readBalances(db, playerId))[0]).toMatchObject({ asset: 'gold', balance: 640n });
  expect(await readReceipt(db, journalKeys.matchGrant(matchId, playerId))).toMatchObject({
    economy: { version: 1 },
    recomputed: true,
  });
});

test('a spend has a receipt without a plan; what never happened has none', async () => {
  const playerId = await newPlayer(db);
  const published = await currentEconomy(db);
  await post(db, welcomeGrantJournal({ ...published, economy: arena }, playerId, { actor })!);
  const spend = spendJournal(
    published,
    { clientId: 'game', reference: 'r1', playerId, lines: [{ asset: 'gold', amount: 30n }] },
    { actor },
  );
  await post(db, spend);
  expect(await readReceipt(db, spend.key)).toMatchObject({
    kind: 'spend',
    transfers: [{ credit: 'system:spend', amount: 30n }],
    rolls: [],
    recomputed: null,
  });
  expect(await readReceipt(db, 'spend:game:nothing')).toBeNull();
});
