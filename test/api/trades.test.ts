import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { loadConfig } from '../../platform/config.ts';
import { createLog } from '../../platform/log.ts';
import { createMetrics } from '../../platform/metrics.ts';
import { openTemporal } from '../../platform/temporal.ts';
import { checkInvariants } from '../../store/ledger/invariants.ts';
import { startWorkflowWorkers } from '../../workers/workflows.ts';
import type { Sent, TestApi } from './support.ts';
import { testApi } from './support.ts';

let api: TestApi;
let game: string;
let workers: Awaited<ReturnType<typeof startWorkflowWorkers>>;
beforeAll(async () => {
  const { temporalAddress: address, temporalUiUrl: uiUrl } = inject('servers');
  const prefix = `api-trades-${randomUUID()}-`;
  const settings = {
    TEMPORAL_ADDRESS: address,
    TEMPORAL_TASK_QUEUE_PREFIX: prefix,
    TRADE_REVIEW_PRICE: '1000',
    MATCH_LOBBY_MS: '60000',
  };
  const config = { ...loadConfig(settings), RATE_LIMIT_PERCENT: 0 };
  api = await testApi({
    config,
    temporal: openTemporal({ address, namespace: 'default', taskQueuePrefix: prefix, uiUrl }),
  });
  game = await api.key(['grants:write'], 'game-one');
  workers = await startWorkflowWorkers({
    config,
    db: api.db,
    log: createLog('workflows', 'error'),
    metrics: createMetrics(),
    crash: () => {},
  });
});
afterAll(() => workers.stop());

const give = (playerId: string, body: object) =>
  api.send('POST', '/v1/grants', {
    token: game,
    key: randomUUID(),
    body: { reference: randomUUID(), player: { id: playerId }, ...body },
  });

async function offer(price: string) {
  const seller = await api.player();
  await give(seller.playerId, { items: [{ kind: 'rare_sword' }] });
  const { body } = await api.send('GET', '/v1/inventory', { token: seller.token });
  const [item] = body['items'] as { itemId: string }[];
  const placed = await api.send('POST', '/v1/market/listings', {
    token: seller.token,
    key: randomUUID(),
    body: { itemId: item!.itemId, price },
  });
  return { seller, listingId: String(placed.body['listingId']), itemId: item!.itemId };
}
async function rich(amount: string) {
  const player = await api.player();
  await give(player.playerId, { lines: [{ asset: 'gold', amount }] });
  return player;
}
const buy = (
  token: string,
  listingId: string,
  expectedPrice: string,
  options: { key?: string; prefer?: string } = {},
): Promise<Sent> =>
  api.send('POST', '/v1/market/trades', {
    token,
    key: options.key ?? randomUUID(),
    body: { listingId, expectedPrice },
    headers: options.prefer === undefined ? {} : { prefer: options.prefer },
  });
const codeOf = ({ status, body }: Sent) => [status, body['code']];

test('a trade that is over at once answers 200, and its repeat is that answer', async () => {
  const [{ listingId, itemId }, buyer] = [await offer('800'), await rich('5000')];
  const key = randomUUID();
  const bought = await buy(buyer.token, listingId, '800', { key });
  expect([bought.status, bought.body['state']]).toEqual([200, 'completed']);
  const again = await buy(buyer.token, listingId, '800', { key });
  expect([again.status, again.headers.get('idempotency-replayed'), again.body]).toEqual([
    200,
    'true',
    bought.body,
  ]);
  const { body } = await api.send('GET', '/v1/inventory', { token: buyer.token });
  expect(body['items']).toMatchObject([{ itemId, locked: false }]);
});

test('after the key is pruned a late repeat still meets the same trade', async () => {
  const [{ listingId }, buyer] = [await offer('100'), await rich('5000')];
  const key = randomUUID();
  const bought = await buy(buyer.token, listingId, '100', { key });
  await api.db.query('DELETE FROM idempotency_keys WHERE key = $1', [key]);
  const late = await buy(buyer.token, listingId, '100', { key });
  expect([late.status, late.body['tradeId']]).toEqual([200, bought.body['tradeId']]);
});

test('what is refused before a story leaves the key free; what the story refused is its answer', async () => {
  const [{ listingId, seller }, poor] = [await offer('5000'), await api.player()];
  expect(codeOf(await buy(seller.token, listingId, '5000'))).toEqual([422, 'self_trade']);
  const key = randomUUID();
  const outdated = await buy(poor.token, listingId, '4000', { key });
  expect([outdated.status, outdated.body['code'], outdated.body['price']]).toEqual([
    409,
    'price_changed',
    '5000',
  ]);
  expect(codeOf(await buy(poor.token, listingId, '5000', { key }))).toEqual([402, 'insufficient_funds']);
  await give(poor.playerId, { lines: [{ asset: 'gold', amount: '9000' }] });
  const replay = await buy(poor.token, listingId, '5000', { key });
  expect([...codeOf(replay), replay.headers.get('idempotency-replayed')]).toEqual([
    402,
    'insufficient_funds',
    'true',
  ]);
});

test('a trade in review answers 202 with where to look; both sides see it, others do not; the buyer may withdraw', async () => {
  const [{ listingId, seller }, buyer, stranger] = [
    await offer('2000'),
    await rich('5000'),
    await api.player(),
  ];
  const key = randomUUID();
  const started = await buy(buyer.token, listingId, '2000', { key });
  expect([started.status, started.body['state'], started.headers.get('retry-after')]).toEqual([
    202,
    'in_review',
    '1',
  ]);
  const path = String(started.headers.get('location'));
  const statusFor = async (token: string) => (await api.send('GET', path, { token })).status;
  expect([
    await statusFor(buyer.token),
    await statusFor(seller.token),
    await statusFor(stranger.token),
  ]).toEqual([200, 200, 404]);
  const cancel = (token: string) => api.send('POST', `${path}/cancel`, { token, key: randomUUID() });
  expect([(await cancel(seller.token)).status, (await cancel(stranger.token)).status]).toEqual([404, 404]);
  expect((await cancel(buyer.token)).status).toBe(200);
  await expect
    .poll(async () => (await api.send('GET', path, { token: buyer.token })).body['state'])
    .toBe('failed');
  expect(codeOf(await cancel(buyer.token))).toEqual([409, 'trade_not_cancellable']);
  expect(codeOf(await buy(buyer.token, listingId, '2000', { key }))).toEqual([409, 'trade_cancelled']);
  expect((await buy(buyer.token, listingId, '2000')).status).toBe(202);
});

test('respond-async does not wait', async () => {
  const [{ listingId }, buyer] = [await offer('10'), await rich('5000')];
  const started = await buy(buyer.token, listingId, '10', { prefer: 'respond-async' });
  expect(started.status).toBeOneOf([200, 202]);
  await expect
    .poll(
      async () =>
        (await api.send('GET', String(started.headers.get('location')), { token: buyer.token })).body[
          'state'
        ],
    )
    .toBe('completed');
});

test('of ten who buy one sword at once, one gets it', async () => {
  const { listingId } = await offer('10');
  const buyers = await Promise.all(Array.from({ length: 10 }, () => rich('100')));
  const replies = await Promise.all(buyers.map(({ token }) => buy(token, listingId, '10')));
  expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
  expect(new Set(replies.filter(({ status }) => status !== 200).map(({ status }) => status))).toEqual(
    new Set([409]),
  );
});

test('joins at once fill one lobby; a repeat is the same seat; leaving frees it', async () => {
  const players = await Promise.all(Array.from({ length: 4 }, () => api.player()));
  const join = (token: string, key = randomUUID(), body: object = {}) =>
    api.send('POST', '/v1/matches', { token, key, body });
  const key = randomUUID();
  const seats = await Promise.all(
    players.map(({ token }, index) => join(token, index === 0 ? key : randomUUID())),
  );
  expect(seats.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
  expect(new Set(seats.map(({ body }) => body['matchId'])).size).toBe(1);
  expect(new Set(seats.map(({ body }) => body['seat'])).size).toBe(4);
  const [first] = players;
  expect((await join(first!.token, key)).headers.get('idempotency-replayed')).toBe('true');
  expect((await join(first!.token)).body['matchId']).toBe(seats[0]!.body['matchId']);
  const path = `/v1/matches/${String(seats[0]!.body['matchId'])}`;
  expect((await api.send('GET', path, { token: (await api.player()).token })).status).toBe(404);
  expect(codeOf(await api.send('POST', `${path}/connection`, { token: first!.token }))).toEqual([
    409,
    'match_not_hosted',
  ]);
  expect(codeOf(await api.send('GET', `${path}/recording`, { token: first!.token }))).toEqual([
    409,
    'match_not_finished',
  ]);
  const acted = await api.send('POST', `${path}/actions`, {
    token: first!.token,
    key: randomUUID(),
    body: { type: 'defend' },
  });
  expect(codeOf(acted)).toEqual([409, 'match_not_active']);
  expect((await api.send('POST', `${path}/leave`, { token: first!.token, key: randomUUID() })).body).toEqual({
    left: true,
  });
  const { body } = await api.send('GET', path, { token: players[1]!.token });
  expect(body['players']).toHaveLength(3);
});

test('a private lobby opens to its code only', async () => {
  const [host, guest] = [await api.player(), await api.player()];
  const join = (token: string, body: object) =>
    api.send('POST', '/v1/matches', { token, key: randomUUID(), body });
  const opened = await join(host.token, { private: true });
  const code = String(opened.body['joinCode']);
  expect(codeOf(await join(guest.token, { code: 'NOTACODE' }))).toEqual([404, 'not_found']);
  expect((await join(guest.token, { code })).body['matchId']).toBe(opened.body['matchId']);
});

test('after all of it, the books balance', async () => {
  expect((await checkInvariants(api.db)).filter(({ ok }) => !ok)).toEqual([]);
});
