import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { checkInvariants } from '../../store/ledger/invariants.ts';
import { payMatch } from '../../store/rewards/pay-match.ts';
import type { TestApi } from './support.ts';
import { testApi } from './support.ts';

let api: TestApi;
let game: string;
let operator: string;
beforeAll(async () => {
  api = await testApi();
  game = await api.key(['grants:write', 'results:write', 'receipts:read'], 'game-one');
  operator = await api.key([
    'receipts:all',
    'receipts:read',
    'keys:write',
    'grants:write',
    'dead-letters:read',
    'redrives:write',
  ]);
});

type Granting = {
  playerId: string;
  reference?: string;
  lines?: object[];
  items?: object[];
  by?: string;
  key?: string;
};
const grant = ({ playerId, by = game, key = randomUUID(), reference = randomUUID(), ...rest }: Granting) =>
  api.send('POST', '/v1/grants', { token: by, key, body: { reference, player: { id: playerId }, ...rest } });
const balanceOf = async (token: string, asset: string) => {
  const { body } = await api.send('GET', '/v1/wallet', { token });
  return (
    (body['balances'] as { asset: string; available: string }[]).find((balance) => balance.asset === asset)
      ?.available ?? '0'
  );
};
const gold = (amount: string) => ({ lines: [{ asset: 'gold', amount }] });

/** A player with one sword. */
async function armed() {
  const player = await api.player();
  await grant({ playerId: player.playerId, items: [{ kind: 'iron_sword' }] });
  const { body } = await api.send('GET', '/v1/inventory', { token: player.token });
  const [item] = body['items'] as { itemId: string; locked: boolean; lockedBy: string | null }[];
  return { ...player, itemId: item!.itemId };
}

describe('grants', () => {
  test('one reference pays once, under whatever key it comes', async () => {
    const { playerId, token } = await api.player();
    const before = BigInt(await balanceOf(token, 'gold'));
    const reference = randomUUID();
    const first = await grant({ playerId, reference, ...gold('250') });
    const again = await grant({ playerId, reference, ...gold('250') });
    expect([first.status, again.status]).toEqual([201, 200]);
    expect(again.body).toEqual(first.body);
    expect(BigInt(await balanceOf(token, 'gold')) - before).toBe(250n);
    const other = await grant({ playerId, reference, ...gold('251') });
    expect([other.status, other.body['code']]).toEqual([422, 'exists_with_different_body']);
    const stranger = await grant({
      playerId,
      reference,
      ...gold('250'),
      by: await api.key(['grants:write'], 'game-two'),
    });
    expect(stranger.status).toBe(201);
  });

  test('an outside player is made on first use and is the same ever after', async () => {
    const player = { issuer: 'https://game.example', subject: randomUUID() };
    const pay = () =>
      api.send('POST', '/v1/grants', {
        token: game,
        key: randomUUID(),
        body: { reference: randomUUID(), player, ...gold('1') },
      });
    const replies = await Promise.all(Array.from({ length: 8 }, pay));
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([201]));
    expect(new Set(replies.map(({ body }) => body['playerId'])).size).toBe(1);
  });

  test.each([
    [{ lines: [{ asset: 'doubloon', amount: '1' }] }, 'unknown_asset'],
    [{ items: [{ kind: 'light_sabre' }] }, 'unknown_kind'],
    [
      { playerId: '00000000-0000-7000-8000-000000000000', lines: [{ asset: 'gold', amount: '1' }] },
      'unknown_account',
    ],
  ])('%j is refused as %s and leaves the reference free', async (change, code) => {
    const { playerId } = await api.player();
    const reference = randomUUID();
    const refused = await grant({ playerId, reference, ...change });
    expect([refused.status, refused.body['code']]).toEqual([422, code]);
    expect((await grant({ playerId, reference, ...gold('1') })).status).toBe(201);
  });

  test('a closed valve answers 409, and the same request is paid when it opens', async () => {
    const { playerId } = await api.player();
    const request = { playerId, key: randomUUID(), reference: randomUUID(), ...gold('1') };
    await api.db.query(
      "INSERT INTO valves (scope, id, reason, closed_by) VALUES ('channel', 'grants', 'test', 'test')",
    );
    const closed = await grant(request);
    expect([closed.status, closed.body['code']]).toEqual([409, 'frozen']);
    await api.db.query('DELETE FROM valves');
    expect((await grant(request)).status).toBe(201);
  });
});

describe('receipts', () => {
  test('the player, the game that paid and an operator can read one; others cannot tell it exists', async () => {
    const [{ playerId, token }, other] = [await api.player(), await api.player()];
    const granted = await grant({ playerId, ...gold('7') });
    const path = String(granted.body['receipt']);
    const read = async (by: string) => (await api.send('GET', path, { token: by })).status;
    expect([await read(token), await read(game), await read(operator)]).toEqual([200, 200, 200]);
    expect([await read(other.token), await read(await api.key(['receipts:read'], 'game-three'))]).toEqual([
      404, 404,
    ]);
    const { body } = await api.send('GET', path, { token });
    expect(body).toMatchObject({
      kind: 'grant',
      transfers: [{ asset: 'gold', amount: '7', code: 'grant', credit: `player:${playerId}` }],
    });
  });

  test('the transfer list leads to them', async () => {
    const { playerId, token } = await api.player();
    await grant({ playerId, ...gold('7') });
    const { body } = await api.send('GET', '/v1/wallet/transfers?code=grant', { token });
    const [transfer] = body['items'] as { receipt: string; direction: string; amount: string }[];
    expect(transfer).toMatchObject({ direction: 'in', amount: '7' });
    expect((await api.send('GET', transfer!.receipt, { token })).status).toBe(200);
  });
});

describe('match results', () => {
  const result = (change: object = {}) => ({
    reference: randomUUID(),
    externalMatchId: randomUUID(),
    mode: 'duel',
    players: [
      {
        player: { issuer: 'https://game.example', subject: 'ann' },
        outcome: 'winner',
        amounts: { resources: '12' },
      },
      {
        player: { issuer: 'https://game.example', subject: 'ben' },
        outcome: 'eliminated',
        placement: 2,
        score: 10,
      },
    ],
    ...change,
  });
  const report = (body: object) =>
    api.send('POST', '/v1/match-results', { token: game, key: randomUUID(), body });

  test('are recorded once, with the story and the receipts to come', async () => {
    const body = result();
    const [first, again] = [await report(body), await report(body)];
    expect([first.status, again.status]).toEqual([202, 202]);
    expect(again.body).toEqual(first.body);
    const matchId = String(first.body['matchId']);
    expect(first.body).toMatchObject({
      workflowId: `reward-${matchId}`,
      receipts: [{ key: expect.stringContaining(`grant:match:${matchId}:`) }, {}],
    });
    const { rows } = await api.db.query(
      "SELECT FROM outbox WHERE type = 'game.match.finished.v1' AND key = $1",
      [matchId],
    );
    expect(rows).toHaveLength(1);
    const other = await report({ ...body, players: body.players.slice(0, 1) });
    expect([other.status, other.body['code']]).toEqual([422, 'exists_with_different_body']);
  });

  test('lead to receipts that the game that reported may read, and no other', async () => {
    const { body } = await report(result());
    await payMatch(api.db, String(body['matchId']), { actor: 'system:rewards' });
    const [{ receipt }] = body['receipts'] as [{ receipt: string }];
    const read = async (token: string) => (await api.send('GET', receipt, { token })).status;
    expect([await read(game), await read(await api.key(['receipts:read'], 'game-three'))]).toEqual([
      200, 404,
    ]);
  });

  test('name each player once', async () => {
    const { players } = result();
    const twice = await report(result({ players: [players[0], players[0]] }));
    expect([twice.status, twice.body['errors']]).toMatchObject([422, [{ pointer: '/players/1/player' }]]);
  });
});

describe('loadout and listings', () => {
  test('only what one owns can be chosen or offered, and what is offered is locked', async () => {
    const [seller, other] = [await armed(), await api.player()];
    const choose = (token: string, weaponItemId: string | null) =>
      api.send('PUT', '/v1/loadout', { token, key: randomUUID(), body: { weaponItemId } });
    expect((await choose(seller.token, seller.itemId)).status).toBe(200);
    expect((await api.send('GET', '/v1/loadout', { token: seller.token })).body).toEqual({
      weaponItemId: seller.itemId,
    });
    expect((await choose(other.token, seller.itemId)).body['code']).toBe('item_not_owned');
    const offer = (token: string, key = randomUUID()) =>
      api.send('POST', '/v1/market/listings', { token, key, body: { itemId: seller.itemId, price: '100' } });
    expect((await offer(other.token)).body['code']).toBe('item_not_owned');
    const key = randomUUID();
    const placed = await offer(seller.token, key);
    expect([placed.status, placed.headers.get('etag')]).toEqual([201, '"1"']);
    expect((await offer(seller.token, key)).headers.get('idempotency-replayed')).toBe('true');
    expect((await offer(seller.token)).body['code']).toBe('item_locked');
    const inventory = await api.send('GET', '/v1/inventory', { token: seller.token });
    expect(inventory.body['items']).toMatchObject([
      { locked: true, lockedBy: `listing:${String(placed.body['listingId'])}` },
    ]);
  });

  test('an offer is taken back by its seller, who has seen its version', async () => {
    const [seller, other] = [await armed(), await api.player()];
    const placed = await api.send('POST', '/v1/market/listings', {
      token: seller.token,
      key: randomUUID(),
      body: { itemId: seller.itemId, price: '100' },
    });
    const path = String(placed.headers.get('location'));
    const take = (token: string, headers: Record<string, string>) =>
      api.send('DELETE', path, { token, key: randomUUID(), headers });
    expect((await take(seller.token, {})).status).toBe(428);
    expect((await take(seller.token, { 'if-match': '"9"' })).status).toBe(412);
    expect((await take(seller.token, { 'if-match': '*' })).status).toBe(412);
    expect((await take(other.token, { 'if-match': '"1"' })).status).toBe(404);
    expect((await take(seller.token, { 'if-match': '"1"' })).body['status']).toBe('cancelled');
    const inventory = await api.send('GET', '/v1/inventory', { token: seller.token });
    expect(inventory.body['items']).toMatchObject([{ locked: false }]);
  });

  test.each(['price', 'newest'])(
    'the market is read page by page, by %s, without gap or repeat',
    async (sort) => {
      const seller = await armed();
      await grant({
        playerId: seller.playerId,
        items: Array.from({ length: 6 }, () => ({ kind: 'steel_sword' })),
      });
      const { body } = await api.send('GET', '/v1/inventory', { token: seller.token });
      const items = body['items'] as { itemId: string; kind: string }[];
      for (const [index, { itemId }] of items.entries()) {
        await api.send('POST', '/v1/market/listings', {
          token: seller.token,
          key: randomUUID(),
          body: { itemId, price: String(10 + (index % 3)) },
        });
      }
      // all at the same millisecond
      await api.db.query(
        "UPDATE listings SET created_at = '2026-11-21T12:00:00Z'::timestamptz + price * interval '1 microsecond' WHERE seller_id = $1",
        [seller.playerId],
      );
      const seen: string[] = [];
      let cursor = '';
      do {
        const page = await api.send(
          'GET',
          `/v1/market/listings?kind=steel_sword&seller=${seller.playerId}&sort=${sort}&limit=2${cursor}`,
          { token: seller.token },
        );
        seen.push(
          ...(page.body['items'] as { listingId: string; price: string }[]).map(({ listingId }) => listingId),
        );
        const next = page.body['nextCursor'] as string | null;
        cursor = next === null ? '' : `&cursor=${next}`;
      } while (cursor !== '');
      expect(seen).toHaveLength(6);
      expect(new Set(seen).size).toBe(6);
    },
  );
});

describe('API keys', () => {
  test('are made with scopes one has, work at once, and stop when revoked', async () => {
    const make = (scopes: string[], key = randomUUID()) =>
      api.send('POST', '/v1/api-keys', { token: operator, key, body: { clientId: 'game-nine', scopes } });
    const beyond = await make(['results:write']);
    expect([beyond.status, beyond.body['code']]).toEqual([403, 'forbidden']);
    const key = randomUUID();
    const made = await make(['grants:write'], key);
    expect((await make(['grants:write'], key)).body).toEqual(made.body);
    const { playerId } = await api.player();
    const secret = String(made.body['secret']);
    expect((await grant({ playerId, by: secret, ...gold('1') })).status).toBe(201);
    const { rows } = await api.db.query<{ text: string }>(
      'SELECT to_jsonb(t)::text AS text FROM (SELECT * FROM api_keys, idempotency_keys) t',
    );
    expect(rows.some(({ text }) => text.includes(secret))).toBe(false);
    const path = `/v1/api-keys/${String(made.body['keyId'])}`;
    expect((await api.send('DELETE', path, { token: operator, key: randomUUID() })).status).toBe(204);
    expect((await grant({ playerId, by: secret, ...gold('1') })).status).toBe(401);
    const audited = await api.db.query(
      'SELECT action FROM audit_entries WHERE target = $1 ORDER BY created_at',
      [made.body['keyId']],
    );
    expect(audited.rows).toEqual([{ action: 'api-key.created' }, { action: 'api-key.revoked' }]);
  });
});

describe('what consumers keep', () => {
  test('the top is shared out by score, and five seconds old at most', async () => {
    let nowMs = Date.now();
    const cached = await testApi({ nowMs: () => nowMs });
    const players = [await cached.player(), await cached.player(), await cached.player()];
    const score = (index: number, value: number) =>
      cached.db.query('INSERT INTO leaderboard_scores (leaderboard, player_id, score) VALUES ($1, $2, $3)', [
        'arena',
        players[index]!.playerId,
        value,
      ]);
    await score(0, 10);
    await score(1, 10);
    const top = async () => (await cached.send('GET', '/v1/leaderboards/arena/top')).body;
    expect((await top())['items']).toMatchObject([
      { rank: 1, score: '10' },
      { rank: 1, score: '10' },
    ]);
    await score(2, 5);
    expect((await top())['items']).toHaveLength(2);
    nowMs += 5_000;
    expect((await top())['items']).toMatchObject([{}, {}, { rank: 3, playerId: players[2]!.playerId }]);
  });

  test('notifications are read and acknowledged by their player alone', async () => {
    const [mine, other] = [await api.player(), await api.player()];
    const ids = [randomUUID(), randomUUID(), randomUUID()];
    for (const id of ids)
      await api.db.query(
        "INSERT INTO notifications (id, player_id, type, data) VALUES ($1, $2, 'trade.completed', '{}')",
        [id, mine.playerId],
      );
    const ack = (token: string, notificationIds: string[]) =>
      api.send('POST', '/v1/notifications/ack', { token, key: randomUUID(), body: { notificationIds } });
    expect((await ack(other.token, ids)).body).toEqual({ acknowledgedCount: 0 });
    expect((await ack(mine.token, ids.slice(0, 1))).body).toEqual({ acknowledgedCount: 1 });
    const unread = await api.send('GET', '/v1/notifications?unread=true&limit=1', { token: mine.token });
    const rest = await api.send(
      'GET',
      `/v1/notifications?unread=true&limit=1&cursor=${String(unread.body['nextCursor'])}`,
      { token: mine.token },
    );
    const seen = [unread, rest].flatMap(({ body }) =>
      (body['items'] as { notificationId: string }[]).map(({ notificationId }) => notificationId),
    );
    expect(seen.toSorted()).toEqual(ids.slice(1).toSorted());
    expect((await api.send('GET', '/v1/notifications', { token: other.token })).body['items']).toEqual([]);
  });
});

test('the odds are public and add up', async () => {
  const { body } = await api.send('GET', '/v1/drop-tables');
  for (const table of body['tables'] as { totalWeight: number; entries: { weight: number }[] }[]) {
    expect(table.entries.reduce((sum, { weight }) => sum + weight, 0)).toBe(table.totalWeight);
  }
});

test('after all of it, the books balance (what the reports owe is paid by the workers, which do not run here)', async () => {
  expect((await checkInvariants(api.db)).filter(({ ok, rule }) => !ok && !rule.startsWith('P3'))).toEqual([]);
});
