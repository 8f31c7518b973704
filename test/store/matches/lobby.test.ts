import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { cancelMatch } from '../../../store/matches/cancel-match.ts';
import { closeLobby } from '../../../store/matches/close-lobby.ts';
import { confirmSeat } from '../../../store/matches/confirm-seat.ts';
import { readMatch } from '../../../store/matches/reads.ts';
import { releaseSeat } from '../../../store/matches/release-seat.ts';
import { reserveSeat } from '../../../store/matches/reserve-seat.ts';
import { testDatabase } from '../../support/database.ts';
import { applyArena, eventsOf, newPlayer } from '../market/fixtures.ts';
import { newLobby, newMatch, seat } from './fixtures.ts';

const { db } = await testDatabase();
beforeAll(() => applyArena(db));

const reserve = async (playerId: string, mode: string, more: object = {}) => {
  const reservation = await reserveSeat(db, seat(playerId, mode, more));
  return reservation.result === 'reserved' ? reservation.matchId : reservation.result;
};
const newPlayers = (count: number) => Promise.all(Array.from({ length: count }, () => newPlayer(db)));

describe('places in a lobby', () => {
  test('twelve joins at once fill two lobbies of six', async () => {
    const mode = randomUUID();
    const matchIds = await Promise.all((await newPlayers(12)).map((playerId) => reserve(playerId, mode)));
    const counts = Object.values(Object.groupBy(matchIds, (matchId) => matchId)).map(
      (group) => group?.length,
    );
    expect(counts).toEqual([6, 6]);
  });

  test('the seventh opens another lobby', async () => {
    const mode = randomUUID();
    const players = await newPlayers(7);
    const matchIds = [];
    for (const playerId of players) matchIds.push(await reserve(playerId, mode));
    expect(new Set(matchIds.slice(0, 6)).size).toBe(1);
    expect(matchIds[6]).not.toBe(matchIds[0]);
  });

  test('a player who asks twice at once has one seat', async () => {
    const [playerId] = await newPlayers(1);
    const mode = randomUUID();
    const matchIds = await Promise.all([
      reserve(playerId!, mode),
      reserve(playerId!, mode),
      reserve(playerId!, mode),
    ]);
    expect(new Set(matchIds).size).toBe(1);
    const { rows } = await db.query('SELECT 1 FROM seats WHERE player_id = $1', [playerId]);
    expect(rows).toHaveLength(1);
    const match = await db.query<{ reserved_count: number }>(
      'SELECT reserved_count FROM matches WHERE id = $1',
      [matchIds[0]],
    );
    expect(match.rows[0]?.reserved_count).toBe(1);
  });

  test('a player in a running match gets that match', async () => {
    const players = await newPlayers(2);
    const matchId = await newMatch(db, players);
    const again = await reserveSeat(db, seat(players[0]!, randomUUID()));
    expect(again).toEqual({ result: 'in_match', matchId, status: 'running' });
  });

  test('a late retry of a join meets its own match, also when that is over', async () => {
    const [playerId] = await newPlayers(1);
    const request = seat(playerId!, randomUUID());
    const first = await reserveSeat(db, request);
    if (first.result !== 'reserved') throw new Error(first.result);
    await cancelMatch(db, first.matchId, 'test');
    expect(await reserveSeat(db, request)).toEqual({
      result: 'in_match',
      matchId: first.matchId,
      status: 'cancelled',
    });
  });

  test('a private lobby is found by its code alone, and holds six', async () => {
    const mode = randomUUID();
    const [host, ...others] = await newPlayers(8);
    const opened = await reserveSeat(db, seat(host!, mode, { private: true }));
    if (opened.result !== 'reserved' || opened.joinCode === null) throw new Error('no code');
    expect(await reserve(others[0]!, mode)).not.toBe(opened.matchId);
    for (const playerId of others.slice(1, 6)) {
      expect(await reserve(playerId, mode, { joinCode: opened.joinCode.toLowerCase() })).toBe(opened.matchId);
    }
    expect(await reserve(others[6]!, mode, { joinCode: opened.joinCode })).toBe('lobby_full');
    expect(await reserve(others[6]!, mode, { joinCode: 'NOSUCHCODE' })).toBe('not_found');
  });
});

describe('seats', () => {
  test('are numbered by confirmed join, close up when somebody leaves, and a place is free again', async () => {
    const players = await newPlayers(3);
    const matchId = await newLobby(db, players);
    expect(await releaseSeat(db, matchId, players[1]!)).toEqual({ released: true });
    expect(await releaseSeat(db, matchId, players[1]!)).toEqual({ released: false });
    expect(await closeLobby(db, matchId)).toEqual({
      result: 'starting',
      playerIds: [players[0], players[2]],
    });
    const match = await readMatch(db, matchId);
    expect(match?.players.map(({ playerId, seat: number }) => [playerId, number])).toEqual([
      [players[0], 0],
      [players[2], 1],
    ]);
    expect(await closeLobby(db, matchId)).toEqual({
      result: 'starting',
      playerIds: [players[0], players[2]],
    });
  });

  test('confirming twice is one join and one event', async () => {
    const [playerId] = await newPlayers(1);
    const matchId = await newLobby(db, [playerId!]);
    expect(await confirmSeat(db, matchId, playerId!)).toEqual({ confirmed: true, seat: 0 });
    expect(await eventsOf(db, playerId!)).toEqual(['game.player.joined.v1']);
  });

  test('nobody is confirmed without a reservation, or after the lobby has closed', async () => {
    const players = await newPlayers(3);
    const matchId = await newLobby(db, players.slice(0, 2));
    expect(await confirmSeat(db, matchId, players[2]!)).toEqual({ confirmed: false });
    await closeLobby(db, matchId);
    expect(await confirmSeat(db, matchId, players[0]!)).toEqual({ confirmed: false });
  });

  test('a lobby of one does not start, and cancelling frees its player', async () => {
    const [playerId] = await newPlayers(1);
    const matchId = await newLobby(db, [playerId!]);
    expect(await closeLobby(db, matchId)).toMatchObject({ result: 'too_few' });
    expect(await cancelMatch(db, matchId, 'too_few_players')).toEqual({ cancelled: true });
    expect(await cancelMatch(db, matchId, 'too_few_players')).toEqual({ cancelled: false });
    expect(await eventsOf(db, matchId)).toEqual(['game.match.opened.v1', 'game.match.cancelled.v1']);
    expect(await reserve(playerId!, randomUUID())).not.toBe(matchId);
  });

  test('a reservation that was never confirmed does not start with the others', async () => {
    const mode = randomUUID();
    const players = await newPlayers(3);
    const matchId = await reserve(players[0]!, mode);
    for (const playerId of players.slice(1)) await reserve(playerId, mode);
    for (const playerId of players.slice(0, 2)) await confirmSeat(db, matchId, playerId);
    await closeLobby(db, matchId);
    expect(await reserve(players[2]!, mode)).not.toBe(matchId);
  });
});
