import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { holdPrice } from '../../store/trades/hold-price.ts';
import { moveLock } from '../../store/trades/move-lock.ts';
import { readTrade } from '../../store/trades/reads.ts';
import { settleTrade } from '../../store/trades/settle-trade.ts';
import { readListing } from '../../store/listings/reads.ts';
import { exportSections } from '../../store/players/export-sections.ts';
import { itemOf, newListing, newTrade, rejectionOf } from '../store/market/fixtures.ts';
import { expireListings } from '../../store/listings/expire-listings.ts';
import type { TestApi } from './support.ts';
import { testApi } from './support.ts';

let api: TestApi;
let operator: string;
let game: string;
beforeAll(async () => {
  api = await testApi();
  operator = await api.key(['players:read', 'players:write', 'audit:read']);
  game = await api.key(['grants:write', 'spends:write'], 'studio');
});

const password = 'a long enough password';
const register = async (username = `u${randomUUID().slice(0, 12)}`) => {
  const { body, status } = await api.send('POST', '/v1/auth/register', { body: { username, password } });
  expect(status).toBe(201);
  return { username, playerId: String(body['playerId']), token: String(body['accessToken']), session: body };
};
const ask = (path: string, token = operator) => api.send('GET', path, { token });
const change = (method: string, path: string, body: unknown, token = operator) =>
  api.send(method, path, { token, key: randomUUID(), body });
const freeze = (playerId: string, frozen: boolean, reason = 'chargebacks') =>
  change('PUT', `/v1/players/${playerId}/freeze`, { frozen, reason });
const erase = (playerId: string) => change('POST', `/v1/players/${playerId}/erase`, {});
const grant = (player: object, amount = '100', reference: string = randomUUID()) =>
  change('POST', '/v1/grants', { reference, player, lines: [{ asset: 'gold', amount }] }, game);
const idsOf = (body: Record<string, unknown>) =>
  (body['items'] as { playerId: string }[]).map(({ playerId }) => playerId);
const linesOf = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string; data: Record<string, unknown> });

describe('search', () => {
  test('finds by the beginning of a name in any case, by outside identity and by id, and nobody by a wildcard', async () => {
    const { username, playerId } = await register(`Sword_${randomUUID().slice(0, 8)}`);
    const subject = `${randomUUID()}@example.org`;
    const { body: granted } = await grant({ issuer: 'studio', subject });
    const outside = String(granted['playerId']);
    expect(idsOf((await ask(`/v1/players?username=${username.slice(0, 10).toUpperCase()}`)).body)).toEqual([
      playerId,
    ]);
    expect(idsOf((await ask(`/v1/players?issuer=studio&subject=${subject}`)).body)).toEqual([outside]);
    expect(idsOf((await ask(`/v1/players?issuer=other&subject=${subject}`)).body)).toEqual([]);
    expect(idsOf((await ask(`/v1/players?id=${playerId}`)).body)).toEqual([playerId]);
    expect(idsOf((await ask('/v1/players?username=%25')).body)).toEqual([]);
    expect(idsOf((await ask(`/v1/players?username=${username}&issuer=studio`)).body)).toEqual([]);
  });

  test('pages through everybody once, newest first, and refuses what makes no sense', async () => {
    for (let n = 0; n < 5; n += 1) await register();
    const seen: string[] = [];
    let cursor = '';
    do {
      const { body } = await ask(`/v1/players?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`);
      seen.push(...idsOf(body));
      cursor = (body['nextCursor'] as string | null) ?? '';
    } while (cursor !== '');
    const { rows } = await api.db.query<{ id: string }>(
      'SELECT id FROM players ORDER BY created_at DESC, id DESC',
    );
    expect(seen).toEqual(rows.map(({ id }) => id));
    const refused = async (query: string) => (await ask(`/v1/players?${query}`)).body['code'];
    expect(await refused('subject=x')).toBe('validation_failed');
    expect(await refused('id=me')).toBe('validation_failed');
    expect(await refused('cursor=AAAA')).toBe('bad_cursor');
  });

  test('a player as operators see them', async () => {
    const { playerId, username } = await register();
    await grant({ id: playerId }, '7');
    expect((await ask(`/v1/players/${playerId}`)).body).toMatchObject({
      playerId,
      username,
      frozenAt: null,
      erasedAt: null,
      identityCount: 0,
      credentialKinds: ['password'],
      loginCount: 1,
      statement: `/v1/players/${playerId}/statement`,
    });
    expect((await ask(`/v1/players/${randomUUID()}`)).status).toBe(404);
    expect((await freeze(randomUUID(), true)).status).toBe(404);
    expect((await freeze(playerId, true, '')).body['code']).toBe('validation_failed');
  });
});

describe('a frozen player', () => {
  test('reads and changes nothing, is still paid, and goes on when let go', async () => {
    const { playerId, token, username, session } = await register();
    const spend = (reference: string) =>
      change(
        'POST',
        '/v1/spends',
        { reference, player: { id: playerId }, lines: [{ asset: 'gold', amount: '5' }] },
        game,
      );
    await grant({ id: playerId });
    const [before, after] = [randomUUID(), randomUUID()];
    expect((await spend(before)).status).toBe(201);

    const { body } = await freeze(playerId, true);
    expect(body).toMatchObject({ frozenReason: 'chargebacks', frozenAt: expect.any(String) });
    expect((await ask('/v1/wallet', token)).status).toBe(200);
    expect((await ask('/v1/me', token)).body).toMatchObject({ frozen: true });
    expect((await ask('/v1/me/export', token)).status).toBe(200);
    const refusals = await Promise.all([
      change('PUT', '/v1/loadout', { weaponItemId: null }, token),
      change('POST', '/v1/matches', {}, token),
      change('POST', '/v1/market/listings', { itemId: randomUUID(), price: '5' }, token),
      change('POST', '/v1/me/erase', { confirm: 'erase me' }, token),
      api.send('POST', '/v1/auth/login', { body: { username, password } }),
      spend(after),
    ]);
    for (const reply of refusals) expect([reply.status, reply.body['code']]).toEqual([403, 'player_frozen']);
    const { refreshToken } = session;
    expect((await api.send('POST', '/v1/auth/refresh', { body: { refreshToken } })).status).toBe(401);
    // what was taken before is answered again; what comes in waits in the wallet
    expect((await spend(before)).status).toBe(200);
    expect((await grant({ id: playerId })).status).toBe(201);

    expect((await freeze(playerId, false, 'cleared')).body).toMatchObject({
      frozenAt: null,
      frozenReason: null,
    });
    expect((await change('PUT', '/v1/loadout', { weaponItemId: null }, token)).status).toBe(200);
    expect((await spend(after)).status).toBe(201);
    const { body: trail } = await ask(`/v1/audit?target=player:${playerId}`);
    expect(trail['items']).toMatchObject([
      { action: 'player.unfrozen', actor: 'client:studio', detail: { reason: 'cleared' } },
      { action: 'player.exported', actor: `player:${playerId}` },
      { action: 'player.frozen', detail: { reason: 'chargebacks' } },
      { action: 'player.logged-in', actor: `player:${playerId}`, detail: { method: 'password' } },
    ]);
  });
});

describe('between players', () => {
  test('a trade under way is refused at its last step, for both sides, and nothing has moved', async () => {
    for (const side of ['seller', 'buyer'] as const) {
      const offer = await newListing(api.db);
      const { tradeId, buyerId } = await newTrade(api.db, offer);
      const cause = { actor: 'system:test' };
      await holdPrice(api.db, { tradeId, holdTtlMs: 60_000 }, cause);
      await moveLock(api.db, tradeId, cause);
      await freeze(side === 'seller' ? offer.sellerId : buyerId, true);
      expect(await rejectionOf(settleTrade(api.db, tradeId, cause))).toBe('player_frozen');
      expect(await readTrade(api.db, tradeId)).toMatchObject({ state: 'item_locking' });
      await freeze(side === 'seller' ? offer.sellerId : buyerId, false);
      expect((await settleTrade(api.db, tradeId, cause)).trade.state).toBe('completed');
    }
  });

  test('nobody can begin to buy from a frozen seller', async () => {
    const offer = await newListing(api.db);
    await freeze(offer.sellerId, true);
    expect(await rejectionOf(newTrade(api.db, offer))).toBe('listing_gone');
    await freeze(offer.sellerId, false);
    expect((await newTrade(api.db, offer)).trade.state).toBe('initiated');
  });
});

test('the audit is read page by page, and by actor, action and target', async () => {
  const { playerId } = await register();
  for (const frozen of [true, false, true]) await freeze(playerId, frozen);
  const filter = `target=player:${playerId}&actor=client:studio`;
  const first = await ask(`/v1/audit?${filter}&limit=2`);
  const next = await ask(`/v1/audit?${filter}&limit=2&cursor=${String(first.body['nextCursor'])}`);
  const actions = [first, next].flatMap(({ body }) =>
    (body['items'] as { action: string }[]).map(({ action }) => action),
  );
  expect(actions).toEqual(['player.frozen', 'player.unfrozen', 'player.frozen']);
  expect((await ask(`/v1/audit?${filter}&action=player.unfrozen`)).body['items']).toHaveLength(1);
  expect((await ask('/v1/audit?actor=nobody')).body['items']).toEqual([]);
});

test('an export holds what there is, says when it is whole, and is in the audit', async () => {
  const { playerId, username } = await register();
  await grant({ id: playerId }, '41');
  const reply = await ask(`/v1/players/${playerId}/export`);
  expect(reply.headers.get('content-type')).toBe('application/x-ndjson');
  const lines = linesOf(reply.text);
  const ofType = (type: string) => lines.filter((line) => line.type === type).map(({ data }) => data);
  expect(lines[0]).toMatchObject({ type: 'player', data: { playerId, username } });
  expect(lines.at(-1)).toEqual({ type: 'end', data: { lineCount: lines.length - 2 } });
  expect(ofType('profile')).toMatchObject([{ username }]);
  expect(ofType('credential')).toEqual([{ kind: 'password', createdAt: expect.any(String) }]);
  expect(ofType('transfer')).toContainEqual(
    expect.objectContaining({ asset: 'gold', amount: '41', to: `player:${playerId}` }),
  );
  expect(ofType('balance')).toContainEqual(expect.objectContaining({ asset: 'gold', balance: '141' }));
  expect(ofType('auditEntry')).toMatchObject([{ action: 'player.logged-in' }, { action: 'player.exported' }]);
  expect(reply.text).not.toContain('argon2');
});

test('an export forgets no table that names players', async () => {
  const { rows } = await api.db.query<{ table: string }>(
    `SELECT DISTINCT table_name AS "table" FROM information_schema.columns
     WHERE table_schema = 'public' AND column_name IN ('player_id', 'seller_id', 'buyer_id', 'owner', 'holder')`,
  );
  const exported = exportSections.map(({ sql }) => sql).join();
  // a right of thirty seconds, of which a hash is kept; who works on a queue
  const others = new Set(['tickets', 'outbox_shards']);
  expect(
    rows.map(({ table }) => table).filter((table) => !others.has(table) && !exported.includes(table)),
  ).toEqual([]);
  expect(rows.length).toBeGreaterThan(12);
});

describe('an erased player', () => {
  test('is nobody at once; the books keep a bare id; erased again, it is the same', async () => {
    const { playerId, token, username, session } = await register();
    await grant({ id: playerId });
    const { body } = await erase(playerId);
    expect(body).toEqual({ playerId, erasedAt: expect.any(String), lettersToResolve: [] });
    expect((await ask('/v1/wallet', token)).status).toBe(401);
    expect((await change('PUT', '/v1/loadout', { weaponItemId: null }, token)).status).toBe(401);
    const { refreshToken } = session;
    expect((await api.send('POST', '/v1/auth/refresh', { body: { refreshToken } })).status).toBe(401);
    expect((await api.send('POST', '/v1/auth/login', { body: { username, password } })).status).toBe(401);
    expect((await erase(playerId)).body).toEqual(body);
    expect((await ask(`/v1/players/${playerId}`)).body).toMatchObject({
      username: null,
      erasedAt: body['erasedAt'],
      credentialKinds: [],
      balances: expect.arrayContaining([expect.objectContaining({ asset: 'gold', balance: '200' })]),
    });
    expect((await freeze(playerId, false)).status).toBe(404);
    expect((await erase(randomUUID())).status).toBe(404);
    const late = await grant({ id: playerId });
    expect([late.status, late.body['code']]).toEqual([422, 'unknown_account']);
    const line = {
      reference: randomUUID(),
      player: { id: playerId },
      lines: [{ asset: 'gold', amount: '1' }],
    };
    const batch = await change('POST', '/v1/grants/batch', { grants: [line] }, game);
    expect(batch.text).toContain('unknown_account');
    // the name is free, and whoever takes it is somebody else
    expect((await register(username)).playerId).not.toBe(playerId);
  });

  test('hears nothing more: an open stream ends', async () => {
    const { playerId, token } = await register();
    const stream = await api.app.request('/v1/stream/events', {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(stream.status).toBe(200);
    const ended = stream.text();
    await erase(playerId);
    expect(await ended).toContain('hello');
  });

  test('comes back as somebody new under the same outside identity', async () => {
    const player = { issuer: 'studio', subject: `${randomUUID()}@example.org` };
    const before = (await grant(player)).body['playerId'];
    await erase(String(before));
    const after = (await grant(player)).body['playerId'];
    expect(after).not.toBe(before);
  });

  test('can ask for it themself, and must mean it', async () => {
    const { playerId, token } = await register();
    expect((await change('POST', '/v1/me/erase', {}, token)).body['code']).toBe('validation_failed');
    expect((await change('POST', '/v1/me/erase', { confirm: 'erase me' }, token)).status).toBe(204);
    expect((await ask('/v1/me', token)).status).toBe(401);
    const { rows } = await api.db.query('SELECT 1 FROM idempotency_keys WHERE scope LIKE $1', [
      `player:${playerId}%`,
    ]);
    expect(rows).toEqual([]);
  });

  test('has no open listings: their items come back to the bare id', async () => {
    const { sellerId, itemId, listing } = await newListing(api.db);
    await erase(sellerId);
    await expireListings(api.db, 10, { actor: 'system:test' });
    expect(await readListing(api.db, listing.listingId)).toMatchObject({ status: 'expired' });
    expect(await itemOf(api.db, itemId)).toEqual({ owner: `player:${sellerId}`, lock: null });
  });

  test('is named in letters that wait, for somebody to look at; letters that are done with lose their bytes', async () => {
    const subject = `${randomUUID()}@example.org`;
    const { body } = await grant({ issuer: 'studio', subject });
    const value = Buffer.from(JSON.stringify({ player: { issuer: 'studio', subject } }));
    const letters = ['waiting', 'redriven'].map((status, offset) => [randomUUID(), status, offset, value]);
    for (const letter of letters)
      await api.db.query(
        `INSERT INTO dead_letters (id, status, consumer_group, topic, partition, "offset", timestamp, value, headers, attempts, error_class, error_message, first_failed_at, last_failed_at)
         VALUES ($1, $2, 'external-results', 'game.result', 0, $3, now(), $4, '{}', 1, 'x', 'x', now(), now())`,
        letter,
      );
    const erased = await erase(String(body['playerId']));
    expect(erased.body['lettersToResolve']).toEqual([letters[0]?.[0]]);
    const { rows } = await api.db.query('SELECT status, value FROM dead_letters ORDER BY "offset"');
    expect(rows).toEqual([
      { status: 'waiting', value },
      { status: 'redriven', value: null },
    ]);
  });
});
