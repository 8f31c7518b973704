import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { MatchConnection } from '../../client/match-connection.ts';
import { startStack } from '../../stack/launcher.ts';
import type { Stack } from '../../stack/types.ts';
import { readBalances } from '../../store/ledger/reads.ts';
import { checkInvariants } from '../../store/ledger/invariants.ts';
import { eventually, grantGold, startLootledger } from '../support/lootledger.ts';
import type { Lootledger } from '../support/lootledger.ts';

/** Servers of this file's own, because it takes them away. */
let folder: string;
let stack: Stack;
let loot: Lootledger;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'lootledger-outage-'));
  stack = await startStack({ dir: folder, ports: 'free', env: {}, rung: 'native' });
  loot = await startLootledger(stack);
}, 240_000);

afterAll(async () => {
  await loot?.stop();
  await stack?.stop();
  await rm(folder, { recursive: true, force: true });
});

const goldOf = async (playerId: string) =>
  (await readBalances(loot.db, playerId)).find(({ asset }) => asset === 'gold')?.balance ?? 0n;

const count = async (sql: string, values: unknown[]): Promise<number> => {
  const { rows } = await loot.db.query<{ count: bigint }>(sql, values);
  return Number(rows[0]?.count ?? 0n);
};

async function startMatchOfTwo() {
  const players = await Promise.all([loot.newPlayer(), loot.newPlayer()]);
  const joins = await Promise.all(players.map((player) => player.joinMatch()));
  const matchId = joins[0]!.matchId;
  const matches = await Promise.all(players.map((player) => player.play(matchId)));
  const ready = async () =>
    matches.every((match) => match.state !== null && match.state.tick >= 1) ? true : undefined;
  await matches[0]!.act({ type: 'defend' });
  await eventually('the match has begun', ready);
  return { matchId, players, matches: matches as [MatchConnection, MatchConnection] };
}

const paidOnce = async (matchId: string, playerIds: string[]) =>
  eventually(
    `match ${matchId} is paid`,
    async () => {
      const journals = await count(`SELECT count(*) FROM journals WHERE key LIKE $1`, [
        `grant:match:${matchId}:%`,
      ]);
      const plans = await count(
        `SELECT count(*) FROM matches m, jsonb_array_elements(m.plans) p
       WHERE m.id = $1 AND (jsonb_array_length(p->'lines') > 0 OR jsonb_array_length(p->'items') > 0)`,
        [matchId],
      );
      return plans > 0 && journals === plans ? playerIds : undefined;
    },
    40_000,
  );

test(
  'Kafka down: play, trade and grant go on; when it is back every effect arrives once',
  { timeout: 180_000 },
  async () => {
    const [seller, buyer] = await Promise.all([loot.newPlayer(), loot.newPlayer()]);
    const winnerOf = await loot.game.reportMatch({
      reference: randomUUID(),
      externalMatchId: randomUUID(),
      mode: 'duel',
      players: [{ player: { id: seller.playerId }, outcome: 'winner', amounts: { resources: '0' } }],
    });
    expect(winnerOf.status).toBeLessThan(300);
    const sword = await eventually('the sword arrives', async () => (await seller.inventory()).items[0]);

    await stack.services.kafka.stop('SIGKILL');
    await grantGold(loot.game, buyer.playerId, 900);
    const { body: listing } = await seller.placeListing({ itemId: sword.itemId, price: '500' });
    const { body: trade } = await buyer.buy({ listingId: listing.listingId, expectedPrice: '500' });
    expect(trade.state).toBe('completed');
    const { matchId, players, matches } = await startMatchOfTwo();
    await matches[0].act({ type: 'defend' }, { id: 'while-kafka-is-down', seal: true });
    const { tick } = await matches[0].finished;
    expect(tick).toBeGreaterThan(1);
    expect(await count('SELECT count(*) FROM outbox', [])).toBeGreaterThan(5);

    await stack.services.kafka.start();
    await eventually(
      'the outbox drains',
      async () => ((await count('SELECT count(*) FROM outbox', [])) === 0 ? true : undefined),
      60_000,
    );
    await paidOnce(
      matchId,
      players.map(({ playerId }) => playerId),
    );
    await eventually('both sides of the trade are told', async () =>
      (await count(
        `SELECT count(*) FROM notifications WHERE type LIKE 'market.trade.completed%' AND player_id = ANY($1::uuid[])`,
        [[seller.playerId, buyer.playerId]],
      )) === 2
        ? true
        : undefined,
    );
    expect(await count('SELECT count(*) FROM dead_letters', [])).toBe(0);
    // told in order: an aggregate's events have offsets in the order of their sequence
    expect(
      await count(
        `SELECT count(*) FROM (SELECT topic, key, id, lag(id) OVER (PARTITION BY topic, key ORDER BY partition, "offset") AS before
     FROM event_log) o WHERE before > id`,
        [],
      ),
    ).toBe(0);
    expect((await checkInvariants(loot.db)).filter(({ ok }) => !ok)).toEqual([]);
  },
);

test(
  'Temporal down: commands that need it answer 503, reads and a running match go on, and it is paid later',
  { timeout: 180_000 },
  async () => {
    const { matchId, players, matches } = await startMatchOfTwo();
    const [player] = players;
    await stack.services.temporal.stop('SIGKILL');
    // an answer is believed for a second; a command sent within it would honestly be told that its outcome is unknown
    await sleep(1_100);

    const token = await player.session.accessToken();
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const join = await fetch(`${loot.apiUrl}/v1/matches`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${await (await loot.newPlayer()).session.accessToken()}`,
        'content-type': 'application/json',
        'idempotency-key': randomUUID(),
      },
      body: '{}',
    });
    expect(join.status).toBe(503);
    expect(Number(join.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await join.json()).toMatchObject({ code: 'dependency_unavailable' });
    const wallet = await fetch(`${loot.apiUrl}/v1/wallet`, { headers });
    expect(wallet.status).toBe(200);
    const before = await goldOf(player.playerId);
    expect((await grantGold(loot.game, player.playerId, 7)).status).toBeLessThan(300);
    expect(await goldOf(player.playerId)).toBe(before + 7n);

    const answer = await matches[0].act({ type: 'defend' }, { id: 'while-temporal-is-down', seal: true });
    expect(answer.status).toBe('resolved');
    await stack.services.temporal.start();
    await matches[0].finished;
    await paidOnce(
      matchId,
      players.map(({ playerId }) => playerId),
    );
    expect((await checkInvariants(loot.db)).filter(({ ok }) => !ok)).toEqual([]);
  },
);
