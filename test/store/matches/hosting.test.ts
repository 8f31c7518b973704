import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { claimHost } from '../../../store/matches/claim-host.ts';
import { commitTicks } from '../../../store/matches/commit-tick.ts';
import { drainHost } from '../../../store/matches/drain-host.ts';
import { drawSeed } from '../../../store/matches/draw-seed.ts';
import { issueTicket } from '../../../store/matches/issue-ticket.ts';
import { loadMatch } from '../../../store/matches/load-match.ts';
import { redeemTicket } from '../../../store/matches/redeem-ticket.ts';
import { testDatabase } from '../../support/database.ts';
import { applyArena, newPlayer } from '../market/fixtures.ts';
import { claim, input, killHost, newHost, newHostedMatch, newMatch, nextTick } from './fixtures.ts';

const { db } = await testDatabase();
beforeAll(() => applyArena(db));

const newRunning = async () => newMatch(db, [await newPlayer(db), await newPlayer(db)]);
const collect = { type: 'collect' } as const;

describe('a claim', () => {
  test('stays with the host that runs the match while its lease is fresh, and goes to another when it is not', async () => {
    const [matchId, first, second] = [await newRunning(), await newHost(db), await newHost(db)];
    await claim(db, matchId, first);
    const request = { matchId, candidateId: second, lossCount: 0 };
    expect(await claimHost(db, request)).toMatchObject({ hostId: first, fence: 2, moved: false });
    await killHost(db, first);
    expect(await claimHost(db, request)).toMatchObject({ hostId: second, fence: 3, moved: true });
  });

  test('leaves a host that drains', async () => {
    const [matchId, first, second] = [await newRunning(), await newHost(db), await newHost(db)];
    await claim(db, matchId, first);
    await drainHost(db, first);
    expect(await claimHost(db, { matchId, candidateId: first, lossCount: 0 })).toEqual({ result: 'no_room' });
    expect(await claimHost(db, { matchId, candidateId: second, lossCount: 0 })).toMatchObject({
      hostId: second,
    });
  });

  test('never takes more matches than a host has room for, also at once', async () => {
    const host = await newHost(db, 2);
    const matchIds = [await newRunning(), await newRunning(), await newRunning(), await newRunning()];
    const claims = await Promise.all(
      matchIds.map((matchId) => claimHost(db, { matchId, candidateId: host, lossCount: 0 })),
    );
    expect(claims.map(({ result }) => result).toSorted()).toEqual([
      'claimed',
      'claimed',
      'no_room',
      'no_room',
    ]);
  });

  test('is not given for a match that does not run', async () => {
    const candidateId = await newHost(db);
    expect(await claimHost(db, { matchId: randomUUID(), candidateId, lossCount: 0 })).toEqual({
      result: 'not_running',
    });
  });
});

describe('a zombie', () => {
  test('cannot commit a tick once another claim was drawn, and hinders nobody in its batch', async () => {
    const lost = await newHostedMatch(db);
    const kept = await newHostedMatch(db);
    await db.query('UPDATE matches SET host_id = $2 WHERE id = $1', [kept.matchId, lost.hostId]);
    await killHost(db, lost.hostId);
    await claim(db, lost.matchId, await newHost(db));

    const commits = [lost, kept].map((hosted) => nextTick(hosted, [input(0, 1, collect)]).commit);
    const receipts = await commitTicks(db, lost.hostId, commits);
    expect(receipts.get(lost.matchId)).toEqual({ result: 'fenced' });
    expect(receipts.get(kept.matchId)).toEqual({ result: 'committed', answers: [] });
    const { rows } = await db.query('SELECT match_id FROM tick_log WHERE match_id = ANY($1)', [
      [lost.matchId, kept.matchId],
    ]);
    expect(rows).toEqual([{ match_id: kept.matchId }]);
  });

  test('that was about to commit when the claim was drawn either came first or not at all', async () => {
    for (let round = 0; round < 10; round++) {
      const hosted = await newHostedMatch(db);
      await killHost(db, hosted.hostId);
      const other = await newHost(db);
      const [receipts, fence] = await Promise.all([
        commitTicks(db, hosted.hostId, [nextTick(hosted, [input(0, 1, collect)]).commit]),
        claim(db, hosted.matchId, other),
      ]);
      const loaded = await loadMatch(db, { matchId: hosted.matchId, hostId: other, fence });
      const isCommitted = receipts.get(hosted.matchId)?.result === 'committed';
      // what the new host reads after its claim is all there will ever be of the old one
      expect(loaded?.state.tick).toBe(isCommitted ? 1 : 0);
    }
  });
});

describe('an older claim of the same host', () => {
  test('commits nothing, so that the host has to learn of the new one first', async () => {
    const hosted = await newHostedMatch(db);
    await claim(db, hosted.matchId, hosted.hostId);
    const { commit } = nextTick(hosted, [input(0, 1, collect)]);
    const receipts = await commitTicks(db, hosted.hostId, [commit]);
    expect(receipts.get(hosted.matchId)).toEqual({ result: 'fenced' });
  });

  test('waits for a claim that is being drawn, and then finds itself too old', async () => {
    const hosted = await newHostedMatch(db);
    const { commit } = nextTick(hosted, [input(0, 1, collect)]);
    const receipts = await db.transaction(async (tx) => {
      await tx.query('UPDATE matches SET fence = fence + 1 WHERE id = $1', [hosted.matchId]);
      const committing = commitTicks(db, hosted.hostId, [commit]);
      await new Promise((resolve) => setTimeout(resolve, 200));
      return { committing };
    });
    expect((await receipts.committing).get(hosted.matchId)).toEqual({ result: 'fenced' });
  });
});

describe('the tick log', () => {
  test('keeps one row when a commit is tried again, and refuses another history', async () => {
    const hosted = await newHostedMatch(db);
    const { commit } = nextTick(hosted, [input(0, 1, collect)]);
    for (let tries = 0; tries < 2; tries++) {
      const receipts = await commitTicks(db, hosted.hostId, [commit]);
      expect(receipts.get(hosted.matchId)).toMatchObject({ result: 'committed' });
    }
    const other = nextTick(hosted, [input(0, 1, { type: 'defend' })]).commit;
    await expect(commitTicks(db, hosted.hostId, [other])).rejects.toThrow('another outcome');
  });

  test('is append-only', async () => {
    const hosted = await newHostedMatch(db);
    await commitTicks(db, hosted.hostId, [nextTick(hosted, [input(0, 1, collect)]).commit]);
    await expect(
      db.query('UPDATE tick_log SET tick = 2 WHERE match_id = $1', [hosted.matchId]),
    ).rejects.toThrow('permission');
  });

  test('gives a new host the state after its last tick, silent ticks before it included', async () => {
    let hosted = await newHostedMatch(db);
    for (let tick = 0; tick < 4; tick++) hosted = { ...hosted, state: nextTick(hosted).state };
    const { commit, state } = nextTick(hosted, [input(1, 1, { type: 'move', direction: 'north' })]);
    await commitTicks(db, hosted.hostId, [commit]);
    const loaded = await loadMatch(db, hosted);
    expect(loaded?.state).toEqual(JSON.parse(JSON.stringify(state)));
    expect(loaded?.state.tick).toBe(5);
  });
});

test('a seed asked for twice is the same one, and only its hash is answered', async () => {
  const matchId = await newRunning();
  const first = await drawSeed(db, matchId);
  expect(await drawSeed(db, matchId)).toEqual(first);
  expect(Object.keys(first)).toEqual(['seedHash']);
});

describe('a ticket', () => {
  test('opens one socket, for its player and match, on the present host', async () => {
    const { matchId, hostId, playerIds } = await newHostedMatch(db);
    const issued = await issueTicket(db, matchId, playerIds[0]!);
    if (issued.result !== 'issued') throw new Error(issued.result);
    expect(issued.url).toBe(`ws://${hostId}`);
    const uses = await Promise.all([redeemTicket(db, issued.ticket), redeemTicket(db, issued.ticket)]);
    expect(uses.filter((use) => use !== null)).toEqual([{ matchId, playerId: playerIds[0] }]);
    const { rows } = await db.query('SELECT 1 FROM tickets WHERE hash = $1', [issued.ticket]);
    expect(rows).toHaveLength(0);
  });

  test('is not issued to strangers, nor while the match has no live host; an old one is refused', async () => {
    const { matchId, hostId, playerIds } = await newHostedMatch(db);
    expect(await issueTicket(db, matchId, await newPlayer(db))).toEqual({ result: 'not_found' });
    const issued = await issueTicket(db, matchId, playerIds[0]!);
    await db.query(
      "UPDATE tickets SET expires_at = clock_timestamp() - interval '1 ms' WHERE match_id = $1",
      [matchId],
    );
    expect(await redeemTicket(db, issued.result === 'issued' ? issued.ticket : '')).toBeNull();
    await killHost(db, hostId);
    expect(await issueTicket(db, matchId, playerIds[0]!)).toEqual({ result: 'match_not_hosted' });
  });
});
