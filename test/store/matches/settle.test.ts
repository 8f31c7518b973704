import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { verifyMatch } from '../../../cli/verify-match.ts';
import type { Input } from '../../../domain/arena/types.ts';
import { parseEconomy } from '../../../domain/economy/validate-economy.ts';
import { applyEconomy } from '../../../store/economy/apply-economy.ts';
import { commitTicks } from '../../../store/matches/commit-tick.ts';
import { holdSeal } from '../../../store/matches/hold-seal.ts';
import { readMatch, readRecording } from '../../../store/matches/reads.ts';
import { reserveSeat } from '../../../store/matches/reserve-seat.ts';
import { settleMatch } from '../../../store/matches/settle-match.ts';
import { voidMatch } from '../../../store/matches/void-match.ts';
import { testDatabase } from '../../support/database.ts';
import { applyArena, eventsOf, itemOf, newSword } from '../market/fixtures.ts';
import {
  hostedMatch,
  newFighter,
  newHostedMatch,
  newLobby,
  newMatch,
  nextTick,
  seat,
  stampsOf,
  terms,
} from './fixtures.ts';
import type { Hosted } from './fixtures.ts';

const { db, url } = await testDatabase();
beforeAll(() => applyArena(db));

const leave = (seatNumber: number): Input => ({ kind: 'leave', seat: seatNumber, sequence: 9 });

/** Seat 1 gives up in the first tick: the shortest match there is. */
async function play(hosted: Hosted): Promise<void> {
  const { commit } = nextTick(hosted, [leave(1)]);
  await commitTicks(db, hosted.hostId, [commit]);
}

const choose = (playerId: string, itemId: string) =>
  db.query('INSERT INTO loadouts (player_id, weapon_item_id) VALUES ($1, $2)', [playerId, itemId]);

describe('settlement', () => {
  test('happens once: result, plans, seats and one event, however often and at once it is asked for', async () => {
    const hosted = await newHostedMatch(db);
    await play(hosted);
    const [winner, loser] = hosted.playerIds;
    const settlements = await Promise.all([settleMatch(db, hosted.matchId), settleMatch(db, hosted.matchId)]);
    expect(settlements[1]).toEqual(settlements[0]);
    expect(settlements[0]).toMatchObject({
      endTick: 1,
      reviewRequired: false,
      players: [
        { playerId: winner, outcome: 'winner', placement: 1, score: 25 },
        { playerId: loser, outcome: 'eliminated', placement: 2 },
      ],
    });
    const types = await eventsOf(db, hosted.matchId);
    expect(types.filter((type) => type === 'game.match.finished.v1')).toHaveLength(1);

    const { rows } = await db.query<{
      data: { seed: string; plans: { playerId: string; lines: object[]; items: object[] }[] };
    }>(`SELECT data FROM outbox WHERE key = $1 AND type = 'game.match.finished.v1'`, [hosted.matchId]);
    const match = await readMatch(db, hosted.matchId);
    expect(rows[0]?.data.seed).toBe(match?.seed);
    expect(rows[0]?.data.plans[0]).toMatchObject({
      playerId: winner,
      lines: [
        { asset: 'gold', amount: '500' },
        { asset: 'stamp', amount: '3' },
      ],
    });
    expect(rows[0]?.data.plans[0]?.items).toHaveLength(1);
    expect(rows[0]?.data.plans[1]).toMatchObject({ playerId: loser, lines: [], items: [] });
  });

  test('frees its players for another match, and keeps the seed secret until then', async () => {
    const hosted = await newHostedMatch(db);
    expect(await readRecording(db, hosted.matchId)).toBeNull();
    expect((await readMatch(db, hosted.matchId))?.seed).toBeNull();
    await play(hosted);
    await settleMatch(db, hosted.matchId);
    expect(await reserveSeat(db, seat(hosted.playerIds[0]!, hosted.matchId))).toMatchObject({
      result: 'reserved',
      opened: true,
    });
  });

  test('gives back the stamp of a sealed action that no tick has resolved', async () => {
    const hosted = await newHostedMatch(db, 2n);
    const playerId = hosted.playerIds[0]!;
    await holdSeal(db, {
      ...hosted,
      playerId,
      actionKey: 'late',
      bodyHash: 'h',
      action: { type: 'defend' },
      terms,
    });
    await play(hosted);
    await settleMatch(db, hosted.matchId);
    expect(await stampsOf(db, playerId)).toEqual({ balance: '2', held: '0' });
  });

  test('is refused for a log without an end, and for a match that was voided', async () => {
    const hosted = await newHostedMatch(db);
    await expect(settleMatch(db, hosted.matchId)).rejects.toThrow('has no end');
    expect((await readMatch(db, hosted.matchId))?.status).toBe('running');
    await voidMatch(db, hosted.matchId, 'test');
    await expect(settleMatch(db, hosted.matchId)).rejects.toThrow('voided');
  });

  test('is what voiding does to a match whose last tick was just being logged', async () => {
    const hosted = await newHostedMatch(db);
    const { commit } = nextTick(hosted, [leave(1)]);
    let voiding: Promise<{ voided: boolean }> | undefined;
    await db.transaction(async (tx) => {
      await commitTicks({ ...db, query: tx.query }, hosted.hostId, [commit]);
      voiding = voidMatch(db, hosted.matchId, 'too_many_host_losses');
      await setTimeout(100);
    });
    expect(await voiding).toEqual({ voided: false });
    expect(await eventsOf(db, hosted.matchId)).toContain('game.match.finished.v1');
    expect(await settleMatch(db, hosted.matchId)).toMatchObject({
      players: [{ outcome: 'winner' }, { outcome: 'eliminated' }],
    });
  });
});

describe('weapons', () => {
  test('are locked from start to settlement; what is not free or not theirs is left out and named', async () => {
    const players = [await newFighter(db), await newFighter(db), await newFighter(db)];
    const [rare, locked, foreign] = [
      await newSword(db, players[0]!),
      await newSword(db, players[1]!),
      await newSword(db, players[0]!),
    ];
    await choose(players[0]!, rare);
    await choose(players[1]!, locked);
    await choose(players[2]!, foreign);
    const other = await newMatch(db, [players[1]!, await newFighter(db)]);
    await voidSeat(other, players[1]!);

    const matchId = await newMatch(db, players);
    expect((await readMatch(db, matchId))?.players).toMatchObject([
      { weaponItemId: rare, weaponBonus: 20 },
      { weaponItemId: null, weaponBonus: 0 },
      { weaponItemId: null, weaponBonus: 0 },
    ]);
    expect(await itemOf(db, rare)).toMatchObject({ lock: `match:${matchId}` });
    expect(await itemOf(db, locked)).toMatchObject({ lock: `match:${other}` });

    const notices = await db.query('SELECT player_id, data FROM notifications WHERE data @> $1', [
      { matchId },
    ]);
    expect(notices.rows).toEqual([
      { player_id: players[1], data: { matchId, itemId: locked } },
      { player_id: players[2], data: { matchId, itemId: foreign } },
    ]);

    await voidMatch(db, matchId, 'test');
    expect(await itemOf(db, rare)).toMatchObject({ lock: null });
    expect(await itemOf(db, locked)).toMatchObject({ lock: `match:${other}` });
  });

  test('of a frozen kind stay behind alone', async () => {
    const players = [await newFighter(db), await newFighter(db)];
    const [frozen, free] = [
      await newSword(db, players[0]!, 'iron_sword'),
      await newSword(db, players[1]!, 'rare_sword'),
    ];
    await choose(players[0]!, frozen);
    await choose(players[1]!, free);
    await db.query(
      "INSERT INTO valves (scope, id, reason, closed_by) VALUES ('kind', 'iron_sword', 'test', 'test')",
    );
    const matchId = await newMatch(db, players);
    await db.query('DELETE FROM valves');
    expect((await readMatch(db, matchId))?.players).toMatchObject([
      { weaponItemId: null, weaponBonus: 0 },
      { weaponItemId: free, weaponBonus: 20 },
    ]);
    expect(await itemOf(db, frozen)).toMatchObject({ lock: null });
  });

  /** The weapon stays locked there, the player is free for another match. */
  const voidSeat = (matchId: string, playerId: string) =>
    db.query('UPDATE seats SET active_player_id = NULL WHERE match_id = $1 AND player_id = $2', [
      matchId,
      playerId,
    ]);
});

describe('verify-match', () => {
  test('recomputes every tick and roll, and names the first tick that was tampered with', async () => {
    const hosted = await newHostedMatch(db);
    const steps: Input[] = [
      { kind: 'action', seat: 0, sequence: 1, action: { type: 'defend' }, sealed: false },
    ];
    const { commit, state } = nextTick(hosted, steps);
    await commitTicks(db, hosted.hostId, [commit]);
    await commitTicks(db, hosted.hostId, [nextTick({ ...hosted, state }, [leave(1)]).commit]);
    expect(await verifyMatch(db, hosted.matchId)).toBeNull();
    await settleMatch(db, hosted.matchId);
    expect(await verifyMatch(db, hosted.matchId)).toEqual({ equal: true, tickCount: 2, rollCount: 1 });

    await tamper(hosted.matchId);
    expect(await verifyMatch(db, hosted.matchId)).toEqual({
      equal: false,
      difference: 'the first tick that differs is 1',
    });
  });

  test('of an economy with streaks, luck and pity takes what was read of the players from the plans', async () => {
    await applyEconomy(db, parseEconomy(JSON.parse(readFileSync('economies/showcase.json', 'utf8'))), {
      actor: 'test',
    });
    const players = [await newFighter(db), await newFighter(db)];
    await choose(players[0]!, await newSword(db, players[0]!, 'clover_ring'));
    const hosted = await hostedMatch(db, players);
    await play(hosted);
    await settleMatch(db, hosted.matchId);
    const { rows } = await db.query('SELECT plans FROM matches WHERE id = $1', [hosted.matchId]);
    expect(rows[0]?.['plans']).toMatchObject([
      { input: { streakDays: 1, modifiers: { luck: 150 }, pity: { weapons: 0 } } },
      { input: { streakDays: 1 } },
    ]);
    expect(await verifyMatch(db, hosted.matchId)).toMatchObject({ equal: true });
    await db.query(
      `UPDATE matches SET plans = jsonb_set(plans, '{0,input,modifiers,luck}', '100') WHERE id = $1`,
      [hosted.matchId],
    );
    expect(await verifyMatch(db, hosted.matchId)).toEqual({
      equal: false,
      difference: 'the pinned rewards are other ones',
    });
  });

  async function tamper(matchId: string): Promise<void> {
    const { openDb } = await import('../../../store/db.ts');
    const owner = openDb({ url, connectionCountMax: 1 });
    try {
      await owner.transaction(async (tx) => {
        await tx.query('SET LOCAL ROLE NONE');
        await tx.query('ALTER TABLE tick_log DISABLE TRIGGER tick_log_append_only');
        await tx.query(`UPDATE tick_log SET inputs = '[]'::jsonb WHERE match_id = $1 AND tick = 1`, [
          matchId,
        ]);
        await tx.query('ALTER TABLE tick_log ENABLE TRIGGER tick_log_append_only');
      });
    } finally {
      await owner.close();
    }
  }
});

test('a lobby can be voided too, and its players are free', async () => {
  const playerId = await newFighter(db);
  const matchId = await newLobby(db, [playerId]);
  expect(await voidMatch(db, matchId, 'test')).toEqual({ voided: true });
  expect(await reserveSeat(db, seat(playerId, matchId))).toMatchObject({ result: 'reserved' });
});
