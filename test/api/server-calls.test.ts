import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Economy } from '../../domain/economy/types.ts';
import { applyEconomy } from '../../store/economy/apply-economy.ts';
import { checkInvariants } from '../../store/ledger/invariants.ts';
import type { SendOptions, TestApi } from './support.ts';
import { testApi } from './support.ts';

let api: TestApi;
let game: string;
let economy: Economy;
const families = { gems: { spend: ['gems_free', 'gems_paid'] } };
beforeAll(async () => {
  api = await testApi();
  game = await api.key(['grants:write', 'spends:write', 'receipts:read'], 'game');
  const file = new URL('../../economies/arena.json', import.meta.url);
  const arena = JSON.parse(await readFile(file, 'utf8')) as Economy;
  const gem = { kind: 'currency' } as const;
  const shard = { ...gem, walletMax: '100' };
  economy = { ...arena, assets: { ...arena.assets, gems_free: gem, gems_paid: gem, shard }, families };
  await applyEconomy(api.db, economy, { actor: 'test' });
});

const post = (path: string, options: SendOptions) =>
  api.send('POST', path, { token: game, key: randomUUID(), ...options });
const line = (asset: string, amount: string) => ({ asset, amount });
const grantOf = (playerId: string, lines: object[], change: object = {}) => ({
  reference: randomUUID(),
  player: { id: playerId },
  lines,
  ...change,
});
const give = (playerId: string, lines: object[], change: object = {}) =>
  post('/v1/grants', { body: grantOf(playerId, lines, change) });
const spend = (playerId: string, lines: object[], change: object = {}, options: SendOptions = {}) =>
  post('/v1/spends', {
    body: { reference: randomUUID(), player: { id: playerId }, lines, ...change },
    ...options,
  });
async function walletOf(token: string): Promise<Record<string, string>> {
  const { body } = await api.send('GET', '/v1/wallet', { token });
  const balances = body['balances'] as { asset: string; balance: string }[];
  return Object.fromEntries(balances.map(({ asset, balance }) => [asset, balance]));
}
type Entry = { entryId: string; asset: string; amount: string; status: string; expiresAt: string | null };
const mailboxOf = async (token: string): Promise<Entry[]> =>
  (await api.send('GET', '/v1/mailbox', { token })).body['items'] as Entry[];
const claim = (token: string, entryId: string, key = randomUUID()) =>
  api.send('POST', `/v1/mailbox/${entryId}/claim`, { token, key });

describe('a spend', () => {
  test('takes the price once per reference, whatever the Idempotency-Key', async () => {
    const { playerId, token } = await api.player();
    const reference = 'shop:1';
    const first = await spend(playerId, [line('gold', '30')], { reference });
    const again = await spend(playerId, [line('gold', '30')], { reference });
    expect([first.status, again.status]).toEqual([201, 200]);
    expect(again.body).toEqual(first.body);
    expect(first.headers.get('location')).toBe(first.body['receipt']);
    expect((await walletOf(token))['gold']).toBe('70');
    const other = await spend(playerId, [line('gold', '31')], { reference });
    expect([other.status, other.body['code']]).toEqual([422, 'exists_with_different_body']);
  });

  test('that the wallet does not cover is 402 with what is missing, and leaves the reference free', async () => {
    const { playerId, token } = await api.player();
    const reference = randomUUID();
    const refused = await spend(playerId, [line('stamp', '1'), line('gold', '130')], { reference });
    expect([refused.status, refused.body]).toMatchObject([
      402,
      { code: 'insufficient_funds', asset: 'gold', shortfall: '30' },
    ]);
    expect(await walletOf(token)).toMatchObject({ gold: '100', stamp: '5' });
    await give(playerId, [line('gold', '30')]);
    expect((await spend(playerId, [line('gold', '130')], { reference })).status).toBe(201);
  });

  test('64 at once spend a wallet down and never below zero', async () => {
    const { playerId, token } = await api.player();
    const replies = await Promise.all(Array.from({ length: 64 }, () => spend(playerId, [line('gold', '3')])));
    const paid = replies.filter(({ status }) => status === 201).length;
    expect([paid, replies.filter(({ status }) => status === 402).length]).toEqual([33, 31]);
    expect((await walletOf(token))['gold']).toBe('1');
  });

  test('of another client under the same reference is another spend', async () => {
    const { playerId } = await api.player();
    const other = await api.key(['spends:write'], 'other-game');
    const reference = randomUUID();
    await spend(playerId, [line('gold', '1')], { reference });
    const reply = await spend(playerId, [line('gold', '1')], { reference }, { token: other });
    expect(reply.status).toBe(201);
  });

  test.each([
    ['no lines', { lines: [] }, 422, 'validation_failed'],
    ['zero', { lines: [line('gold', '0')] }, 422, 'validation_failed'],
    ['a negative amount', { lines: [line('gold', '-1')] }, 422, 'validation_failed'],
    ['an item', { items: [{ kind: 'iron_sword' }] }, 422, 'validation_failed'],
    ['no reference', { reference: undefined }, 422, 'validation_failed'],
    ['an unknown asset', { lines: [line('doubloon', '1')] }, 422, 'unknown_asset'],
    ['a member of every object', { lines: [line('constructor', '1')] }, 422, 'unknown_asset'],
    ['an unknown player', { player: { id: randomUUID() } }, 422, 'unknown_account'],
  ])('with %s is refused', async (_name, change, status, code) => {
    const { playerId } = await api.player();
    const reply = await spend(playerId, [line('gold', '1')], change);
    expect([reply.status, reply.body['code']]).toEqual([status, code]);
  });

  test('behind a closed valve is 409 and says which', async () => {
    const { playerId } = await api.player();
    await api.db.query(
      "INSERT INTO valves (scope, id, reason, closed_by) VALUES ('channel', 'spends', 'x', 'x')",
    );
    const reply = await spend(playerId, [line('gold', '1')]);
    await api.db.query("DELETE FROM valves WHERE id = 'spends'");
    expect([reply.status, reply.body]).toMatchObject([409, { code: 'frozen', valve: 'channel:spends' }]);
  });

  test("beyond a sink's daily cap is 409 and says which", async () => {
    const { playerId } = await api.player();
    await give(playerId, [line('potion', '5')]);
    await api.db.query("INSERT INTO flow_caps VALUES ('spend', 'sink', 'potion', 3)");
    const replies = [
      await spend(playerId, [line('potion', '3')]),
      await spend(playerId, [line('potion', '1')]),
    ];
    expect(replies.map(({ status }) => status)).toEqual([201, 409]);
    expect(replies[1]!.body).toMatchObject({ code: 'limit_exceeded', limit: 'sink:spend' });
  });
});

describe('a family of assets', () => {
  test('is spent in the declared order and shown apart', async () => {
    const { playerId, token } = await api.player();
    await give(playerId, [line('gems_paid', '50'), line('gems_free', '20')]);
    const first = await spend(playerId, [line('gems', '30')], { reference: 'gems:1' });
    expect([first.status, first.body['split']]).toEqual([
      201,
      [line('gems_free', '20'), line('gems_paid', '10')],
    ]);
    expect(await walletOf(token)).toMatchObject({ gems_free: '0', gems_paid: '40' });
  });

  test('spent again under a later order meets the first split', async () => {
    const { playerId, token } = await api.player();
    await give(playerId, [line('gems_paid', '50'), line('gems_free', '50')]);
    const reference = randomUUID();
    const first = await spend(playerId, [line('gems', '30')], { reference });
    const reversed = { gems: { spend: ['gems_paid', 'gems_free'] } };
    await applyEconomy(api.db, { ...economy, families: reversed }, { actor: 'test' });
    const again = await spend(playerId, [line('gems', '30')], { reference });
    const next = await spend(playerId, [line('gems', '30')]);
    await applyEconomy(api.db, economy, { actor: 'test' });
    expect([again.status, again.body]).toEqual([200, first.body]);
    expect(next.body['split']).toEqual([line('gems_paid', '30')]);
    expect(await walletOf(token)).toMatchObject({ gems_free: '20', gems_paid: '20' });
  });

  test('that is short as a whole is 402 in its own name', async () => {
    const { playerId } = await api.player();
    await give(playerId, [line('gems_paid', '5'), line('gems_free', '5')]);
    const refused = await spend(playerId, [line('gems_free', '4'), line('gems', '8')]);
    expect([refused.status, refused.body]).toMatchObject([402, { asset: 'gems', shortfall: '2' }]);
  });

  test('spent from many sides at once is spent to the last and no further', async () => {
    const { playerId, token } = await api.player();
    await give(playerId, [line('gems_paid', '7'), line('gems_free', '8')]);
    const replies = await Promise.all(
      Array.from({ length: 12 }, (_, n) => spend(playerId, [line(n % 3 === 0 ? 'gems_free' : 'gems', '2')])),
    );
    expect(replies.every(({ status }) => status === 201 || status === 402)).toBe(true);
    const spent = replies.filter(({ status }) => status === 201).length * 2;
    const left = await walletOf(token);
    expect(Number(left['gems_free']) + Number(left['gems_paid'])).toBe(15 - spent);
    expect(spent).toBeGreaterThanOrEqual(12);
  });
});

type Result = { index: number; status: string; code?: string; replayed?: boolean; mailbox?: Entry[] };
const batch = (grants: object[], options: SendOptions = {}) =>
  post('/v1/grants/batch', { body: { grants }, ...options });
const resultsOf = (reply: { body: Record<string, unknown> }) => reply.body['results'] as Result[];

describe('a batch of grants', () => {
  test('pays the good lines and names the bad ones by index', async () => {
    const { playerId, token } = await api.player();
    const known = grantOf(playerId, [line('gold', '1')]);
    await post('/v1/grants', { body: known });
    await api.db.query("INSERT INTO flow_caps VALUES ('api.grant', 'source', 'gems_paid', 3)");
    await api.db.query(
      "INSERT INTO valves (scope, id, reason, closed_by) VALUES ('asset', 'gems_free', 'x', 'x')",
    );
    const reply = await batch([
      grantOf(playerId, [line('gold', '10')]),
      grantOf(playerId, [line('doubloon', '1')]),
      grantOf(playerId, [], { items: [{ kind: 'excalibur' }] }),
      grantOf(randomUUID(), [line('gold', '1')]),
      { ...known, lines: [line('gold', '2')] },
      grantOf(playerId, [line('gems_paid', '4')]),
      grantOf(playerId, [line('gems_free', '1')]),
      known,
      grantOf(playerId, [line('gold', '20')], { items: [{ kind: 'iron_sword' }] }),
    ]);
    await api.db.query('DELETE FROM valves; ');
    await api.db.query("DELETE FROM flow_caps WHERE asset = 'gems_paid'");
    expect([reply.status, reply.body['paidCount'], reply.body['refusedCount']]).toEqual([200, 3, 6]);
    expect(resultsOf(reply).map(({ index, status, code }) => [index, code ?? status])).toEqual([
      [0, 'paid'],
      [1, 'unknown_asset'],
      [2, 'unknown_kind'],
      [3, 'unknown_account'],
      [4, 'exists_with_different_body'],
      [5, 'limit_exceeded'],
      [6, 'frozen'],
      [7, 'paid'],
      [8, 'paid'],
    ]);
    expect(resultsOf(reply)[7]!.replayed).toBe(true);
    expect((await walletOf(token))['gold']).toBe('131');
  });

  test('makes the players it names, each once, with one welcome', async () => {
    const player = (n: number) => ({ issuer: 'https://game.example', subject: `batch-${n}` });
    const grants = Array.from({ length: 30 }, (_, n) => ({
      reference: randomUUID(),
      player: player(n % 10),
      lines: [line('gold', '1')],
    }));
    const [one, two] = await Promise.all([batch(grants), batch(grants)]);
    expect([one.body['paidCount'], two.body['paidCount']]).toEqual([30, 30]);
    const replayed = [...resultsOf(one), ...resultsOf(two)].filter((result) => result.replayed === true);
    expect(replayed).toHaveLength(30);
    const { rows } = await api.db.query<{ balance: bigint }>(
      `SELECT a.credits_posted AS balance FROM identities i JOIN accounts a ON a.holder = 'player:' || i.player_id
       WHERE i.subject LIKE 'batch-%' AND a.asset = 'gold' AND a.purpose = 'wallet'`,
    );
    expect(rows.map(({ balance }) => balance)).toEqual(Array.from({ length: 10 }, () => 103n));
  });

  test('answered again for its Idempotency-Key, and met by reference under another', async () => {
    const { playerId, token } = await api.player();
    const grants = [grantOf(playerId, [line('gold', '5')]), grantOf(playerId, [line('gold', '6')])];
    const key = randomUUID();
    const first = await batch(grants, { key });
    const same = await batch(grants, { key });
    expect([same.headers.get('idempotency-replayed'), same.body]).toEqual(['true', first.body]);
    const other = await batch(grants.toReversed());
    expect(resultsOf(other).map(({ replayed }) => replayed)).toEqual([true, true]);
    expect((await walletOf(token))['gold']).toBe('111');
  });

  test('naming one reference twice pays it once, and refuses it with another body', async () => {
    const { playerId } = await api.player();
    const one = grantOf(playerId, [line('gold', '5')]);
    const reply = await batch([one, one, { ...one, lines: [line('gold', '6')] }]);
    expect(resultsOf(reply).map(({ code, replayed }) => code ?? replayed)).toEqual([
      false,
      true,
      'exists_with_different_body',
    ]);
  });

  test('takes 500 and no more, and up to a mebibyte', async () => {
    const { playerId } = await api.player();
    const many = (count: number) =>
      Array.from({ length: count }, () => grantOf(playerId, [line('potion', '1')]));
    expect((await batch(many(500))).body).toMatchObject({ paidCount: 500, refusedCount: 0 });
    const tooMany = await batch(many(501));
    expect([tooMany.status, tooMany.body['code']]).toEqual([422, 'validation_failed']);
    const tooLarge = await post('/v1/grants/batch', {
      raw: JSON.stringify({ grants: ['a'.repeat(1_048_576)] }),
    });
    expect([tooLarge.status, tooLarge.body['code']]).toEqual([413, 'payload_too_large']);
  });

  test.each([
    ['no grants', { grants: [] }, '/grants'],
    ['a grant of nothing', { grants: [{ reference: 'a', player: { id: randomUUID() } }] }, '/grants/0/lines'],
    ['an unknown field in a line', { grants: [{ note: 1 }] }, '/grants/0/note'],
  ])('with %s is 422 at its place and pays nobody', async (_name, body, pointer) => {
    const reply = await post('/v1/grants/batch', { body });
    expect([reply.status, reply.body['code']]).toEqual([422, 'validation_failed']);
    expect((reply.body['errors'] as { pointer: string }[]).map((place) => place.pointer)).toContain(pointer);
  });
});

describe('the mailbox', () => {
  test('takes what a full wallet does not, line by line, and gives it when there is room', async () => {
    const { playerId, token } = await api.player();
    const lines = [line('shard', '60'), line('gold', '1'), line('shard', '30'), line('shard', '20')];
    const body = grantOf(playerId, lines);
    const first = await post('/v1/grants', { body });
    const again = await post('/v1/grants', { body });
    const waiting = first.body['mailbox'] as Entry[];
    expect([first.status, again.status]).toEqual([201, 200]);
    expect(waiting).toMatchObject([{ asset: 'shard', amount: '20', status: 'waiting' }]);
    expect(again.body).toEqual(first.body);
    expect(await walletOf(token)).toMatchObject({ shard: '90', gold: '101' });

    const { entryId } = waiting[0]!;
    const full = await claim(token, entryId);
    expect([full.status, full.body]).toMatchObject([409, { code: 'limit_exceeded', limit: 'wallet:shard' }]);
    await spend(playerId, [line('shard', '10')]);
    const claims = await Promise.all([claim(token, entryId), claim(token, entryId), claim(token, entryId)]);
    expect(claims.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(await walletOf(token)).toMatchObject({ shard: '100' });
    expect(await mailboxOf(token)).toMatchObject([{ entryId, status: 'claimed', expiresAt: null }]);
  });

  test('keeps what a batch defers; another player cannot see or take it', async () => {
    const [mine, other] = [await api.player(), await api.player()];
    const grant = grantOf(mine.playerId, [line('gold', '7')], {
      deferred: true,
      items: [{ kind: 'iron_sword' }],
    });
    const reply = await batch([grant, grantOf(other.playerId, [line('shard', '101')])]);
    const [{ mailbox: [entry] = [] } = {}, second] = resultsOf(reply);
    expect(second!.mailbox).toMatchObject([{ amount: '101', status: 'waiting' }]);
    expect((await walletOf(mine.token))['gold']).toBe('100');
    expect((await api.send('GET', '/v1/inventory', { token: mine.token })).body['items']).toHaveLength(1);
    expect(await mailboxOf(other.token)).toMatchObject([{ asset: 'shard' }]);
    expect((await claim(other.token, entry!.entryId)).status).toBe(404);
    expect((await claim(mine.token, randomUUID())).status).toBe(404);
    expect((await claim(mine.token, entry!.entryId)).status).toBe(200);
    expect((await walletOf(mine.token))['gold']).toBe('107');
  });

  test('is a list in pages', async () => {
    const { playerId, token } = await api.player();
    for (let n = 1; n <= 3; n += 1) await give(playerId, [line('gold', String(n))], { deferred: true });
    const page = await api.send('GET', '/v1/mailbox?limit=2&status=waiting', { token });
    const rest = await api.send(
      'GET',
      `/v1/mailbox?limit=2&status=waiting&cursor=${String(page.body['nextCursor'])}`,
      { token },
    );
    const amounts = [page, rest].flatMap(({ body }) =>
      (body['items'] as Entry[]).map(({ amount }) => amount),
    );
    expect(amounts).toEqual(['3', '2', '1']);
    const tampered = await api.send('GET', '/v1/mailbox?cursor=AAAA', { token });
    expect([tampered.status, tampered.body['code']]).toEqual([400, 'bad_cursor']);
  });

  test('deferred is part of what a reference stands for', async () => {
    const { playerId } = await api.player();
    const body = grantOf(playerId, [line('gold', '1')]);
    await post('/v1/grants', { body });
    const reply = await post('/v1/grants', { body: { ...body, deferred: true } });
    expect([reply.status, reply.body['code']]).toEqual([422, 'exists_with_different_body']);
  });
});

test('a repeat after the economy has dropped what it names is answered as it was', async () => {
  const { playerId } = await api.player();
  const { shard: _, ...assets } = economy.assets;
  await give(playerId, [line('gems_free', '50'), line('shard', '3')]);
  const items = [{ kind: 'relic' }];
  const known = { ...economy, kinds: { ...economy.kinds, relic: { version: 1, attributes: {} } } };
  const apply = (next: Economy) => applyEconomy(api.db, next, { actor: 'test', allowStranded: true });
  await apply(known);
  const granted = grantOf(playerId, [line('shard', '1')], { items });
  const batched = grantOf(playerId, [line('shard', '1')], { items });
  const references = { family: randomUUID(), asset: randomUUID() };
  const calls = () =>
    Promise.all([
      post('/v1/grants', { body: granted }),
      batch([batched]),
      spend(playerId, [line('gems', '9')], { reference: references.family }),
      spend(playerId, [line('shard', '2')], { reference: references.asset }),
    ]);
  const first = await calls();
  await apply({ ...economy, assets, families: {} });
  const again = await calls();
  const others = await Promise.all([
    post('/v1/grants', { body: { ...granted, lines: [line('shard', '2')] } }),
    post('/v1/grants', { body: { ...granted, reference: randomUUID() } }),
    spend(playerId, [line('gems', '9')]),
  ]);
  // an asset's name may come back as a family's
  const asFamily = { ...economy, assets, families: { shard: { spend: ['gems_paid', 'gems_free'] } } };
  await apply(asFamily);
  const third = await calls();
  await apply(economy);

  expect(first.map(({ status }) => status)).toEqual([201, 200, 201, 201]);
  expect(again.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  expect(resultsOf(again[1])).toMatchObject([{ status: 'paid', replayed: true }]);
  for (const n of [0, 2, 3])
    expect([again[n]!.body, third[n]!.body]).toEqual([first[n]!.body, first[n]!.body]);
  expect(others.map(({ body }) => body['code'])).toEqual([
    'exists_with_different_body',
    'unknown_asset',
    'unknown_asset',
  ]);
});

test('after all of it the books balance, mailboxes included', async () => {
  expect((await checkInvariants(api.db)).filter(({ ok }) => !ok)).toEqual([]);
  const { rows } = await api.db.query(
    `SELECT a.holder FROM accounts a WHERE a.purpose = 'mailbox' AND a.credits_posted - a.debits_posted <>
       (SELECT coalesce(sum(m.amount), 0) FROM mailbox_entries m
        WHERE 'player:' || m.player_id = a.holder AND m.asset = a.asset AND m.status = 'waiting')`,
  );
  expect(rows).toEqual([]);
});
