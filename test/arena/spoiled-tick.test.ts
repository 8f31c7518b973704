import { beforeAll, expect, test } from 'vitest';
import { testDatabase } from '../support/database.ts';
import { applyArena } from '../store/market/fixtures.ts';
import { claim } from '../store/matches/fixtures.ts';
import { hostNewMatch, startHost } from './world.ts';

const { db } = await testDatabase();
beforeAll(() => applyArena(db));

const move = { action: { type: 'move', direction: 'south' }, seal: false } as const;

test('a tick that the database refuses costs its match this host; others go on, and so does it without the input', async () => {
  const server = await startHost(db);
  const { host } = server;
  const [spoiled, well] = [await hostNewMatch(db, server), await hostNewMatch(db, server)];
  const [badId, goodId] = [spoiled.playerIds[0]!, well.playerIds[0]!];
  const { ended } = await host.host(spoiled.matchId, spoiled.fence);

  // no door lets this through: jsonb has no such character
  const poison = { action: { type: 'attack', targetId: '\u0000' }, seal: false } as const;
  const told = Promise.allSettled([host.submit(spoiled.matchId, badId, poison)]);
  expect(await host.submit(well.matchId, goodId, move)).toMatchObject({ status: 'resolved' });
  expect(await ended).toEqual({ status: 'failed' });
  expect(await told).toMatchObject([{ status: 'rejected', reason: { code: 'host_moving' } }]);

  await host.host(spoiled.matchId, await claim(db, spoiled.matchId, host.hostId));
  expect(await host.submit(spoiled.matchId, badId, move)).toMatchObject({ status: 'resolved' });
  await server.stop();
});

test('a tick that was logged with another outcome is not tried for ever', async () => {
  const server = await startHost(db, { tickMs: 5 });
  const { host } = server;
  const { matchId, fence } = await hostNewMatch(db, server);
  const { ended } = await host.host(matchId, fence);
  await db.query(
    `INSERT INTO tick_log (match_id, tick, fence, inputs, results, state_hash) VALUES ($1, 100, $2, '[]', '[]', '\\x00')`,
    [matchId, fence],
  );
  expect(await ended).toEqual({ status: 'failed' });
  await server.stop();
});
