import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Reply } from '../../client/types.ts';
import { verifyReceipt } from '../../client/verify-receipt.ts';
import { sealBlocks } from '../../store/blocks/seal-blocks.ts';
import { measureHoldings } from '../../store/flows/measure-holdings.ts';
import type { TestApi } from './support.ts';
import { folded } from '../store/explain/folded.ts';
import { testApi } from './support.ts';

let api: TestApi;
let game: string;
let operator: string;
beforeAll(async () => {
  api = await testApi();
  game = await api.key(['grants:write', 'receipts:read'], 'game-one');
  operator = await api.key(['receipts:all', 'receipts:read', 'statements:read', 'economy:read']);
});

const grant = async (playerId: string, body: object): Promise<string> => {
  const reply = await api.send('POST', '/v1/grants', {
    token: game,
    key: randomUUID(),
    body: { reference: randomUUID(), player: { id: playerId }, ...body },
  });
  expect(reply.status).toBe(201);
  return String(reply.body['receipt']);
};
const gold = (amount: string) => ({ lines: [{ asset: 'gold', amount }] });
const get = async <O extends 'readStatement' | 'readItemHistory' | 'readReceipt' | 'readFlows'>(
  token: string,
  path: string,
) => {
  const { status, body } = await api.send('GET', path, { token });
  return { status, code: body['code'], errors: body['errors'], body: body as unknown as Reply<O> };
};

describe('statements', () => {
  const statement = (token: string, playerId: string, query = '') =>
    get<'readStatement'>(token, `/v1/players/${playerId}/statement${query}`);

  test('tell what a player has and why, to the player and to operators, and to nobody else', async () => {
    const [{ playerId, token }, other] = [await api.player(), await api.player()];
    const path = await grant(playerId, { ...gold('7'), items: [{ kind: 'iron_sword' }] });
    const { status, body } = await statement(token, playerId);
    expect(status).toBe(200);
    expect(body.balances).toContainEqual({
      asset: 'gold',
      purpose: 'wallet',
      balance: '107',
      held: '0',
      available: '107',
    });
    expect(body.items.items).toMatchObject([
      { kind: 'iron_sword', lock: null, acquired: { kind: 'grant', receipt: path } },
    ]);
    expect(body.changes.items[0]).toMatchObject({
      kind: 'grant',
      actor: 'client:game-one',
      receipt: path,
      workflowUrl: null,
      amounts: [
        {
          asset: 'gold',
          purpose: 'wallet',
          state: 'posted',
          code: 'grant',
          balanceChange: '7',
          heldChange: '0',
          other: 'system:api.grant',
        },
      ],
      items: [{ kind: 'iron_sword', code: 'mint', to: `player:${playerId}` }],
    });
    expect(body.changes.items[1]).toMatchObject({ key: `grant:welcome:${playerId}` });
    expect((await api.send('GET', path, { token })).status).toBe(200);

    expect((await statement(operator, playerId)).body.balances).toEqual(body.balances);
    expect(await statement(other.token, playerId)).toMatchObject({ status: 404, code: 'not_found' });
    expect(await statement(operator, randomUUID())).toMatchObject({ status: 404, code: 'not_found' });
    expect(await statement(operator, 'nobody')).toMatchObject({ status: 404 });
  });

  test('stand at their instant: what comes later is in none of their pages', async () => {
    const { playerId, token } = await api.player();
    for (const amount of ['1', '2', '3', '4']) await grant(playerId, gold(amount));
    for (let n = 0; n < 3; n += 1) await grant(playerId, { items: [{ kind: 'iron_sword' }] });
    const first = await statement(token, playerId, '?limit=2');
    await grant(playerId, { ...gold('1000'), items: [{ kind: 'iron_sword' }] });

    const keys = first.body.changes.items.map(({ key }) => key);
    const itemIds = first.body.items.items.map(({ itemId }) => itemId);
    for (let next = first.body.changes.nextCursor; next !== null;) {
      const page = await statement(token, playerId, `?limit=2&cursor=${next}`);
      expect(page.body).toMatchObject({ asOf: first.body.asOf, balances: first.body.balances });
      keys.push(...page.body.changes.items.map(({ key }) => key));
      next = page.body.changes.nextCursor;
    }
    for (let next = first.body.items.nextCursor; next !== null;) {
      const page = await statement(token, playerId, `?limit=2&itemsCursor=${next}`);
      itemIds.push(...page.body.items.items.map(({ itemId }) => itemId));
      next = page.body.items.nextCursor;
    }
    expect(new Set(keys).size).toBe(8);
    expect(keys).toHaveLength(8);
    expect(new Set(itemIds).size).toBe(3);
    expect(itemIds).toHaveLength(3);

    const again = await statement(operator, playerId, `?asOf=${first.body.asOf}`);
    expect(again.body).toMatchObject({ journalId: first.body.journalId, balances: first.body.balances });
    const now = await statement(token, playerId);
    expect(now.body.balances).toContainEqual(expect.objectContaining({ asset: 'gold', balance: '1110' }));
  });

  test('before the player existed there is nothing; an instant that has not come is refused', async () => {
    const { playerId, token } = await api.player();
    for (const asOf of ['2020-01-01T00:00:00Z', '0000-01-01T00:00:00Z', '2020-01-01T00:00:00.123456Z'])
      expect(await statement(token, playerId, `?asOf=${asOf}`)).toMatchObject({
        status: 200,
        body: {
          asOf,
          journalId: '0',
          balances: [],
          items: { items: [] },
          changes: { items: [], nextCursor: null },
        },
      });
    const fine = `2020-01-01T00:00:00.${'1'.repeat(300)}Z`;
    expect((await statement(token, playerId, `?asOf=${fine}`)).status).toBe(200);
    expect(await statement(token, playerId, '?asOf=9999-12-31T23:59:59Z')).toMatchObject({
      status: 422,
      code: 'validation_failed',
      errors: [{ pointer: '/query/asOf' }],
    });
  });

  test.each([
    ['?asOf=yesterday', 422, 'validation_failed'],
    ['?asOf=2026-02-30T00:00:00Z', 422, 'validation_failed'],
    ['?asOf=2026-01-01T00:00:00%2B01:00', 422, 'validation_failed'],
    ['?asOf=2026-01-01T00:00:00Z&asOf=2026-01-01T00:00:00Z', 422, 'validation_failed'],
    ['?limit=0', 422, 'validation_failed'],
    ['?limit=101', 422, 'validation_failed'],
    ['?since=2026-01-01T00:00:00Z', 422, 'validation_failed'],
    ['?cursor=AAAA', 400, 'bad_cursor'],
    ['?itemsCursor=AAAA', 400, 'bad_cursor'],
  ])('%s is %i %s', async (query, status, code) => {
    const { playerId, token } = await api.player();
    expect(await statement(token, playerId, query)).toMatchObject({ status, code });
  });

  test('a cursor is of one player, one instant and one list', async () => {
    const [{ playerId, token }, other] = [await api.player(), await api.player()];
    for (let n = 0; n < 2; n += 1) {
      await grant(playerId, { ...gold('1'), items: [{ kind: 'iron_sword' }] });
      await grant(other.playerId, gold('1'));
    }
    const { body } = await statement(token, playerId, '?limit=1');
    const later = await statement(token, playerId, '?limit=1');
    const [cursor, itemsCursor] = [body.changes.nextCursor!, body.items.nextCursor!];
    for (const [by, who, query] of [
      [other.token, other.playerId, `?cursor=${cursor}`],
      [token, playerId, `?asOf=${body.asOf}&cursor=${cursor}`],
      [token, playerId, `?cursor=${itemsCursor}`],
      [token, playerId, `?cursor=${cursor.slice(0, -2)}AA`],
      [token, playerId, `?cursor=${cursor}&itemsCursor=${later.body.items.nextCursor!}`],
    ] as const)
      expect(await statement(by, who, query)).toMatchObject({ status: 400, code: 'bad_cursor' });
    const both = await statement(token, playerId, `?limit=1&cursor=${cursor}&itemsCursor=${itemsCursor}`);
    expect(both.status).toBe(200);
  });
});

describe('the history of an item', () => {
  const history = (token: string, itemId: string, query = '') =>
    get<'readItemHistory'>(token, `/v1/items/${itemId}/history${query}`);

  async function armed() {
    const player = await api.player();
    const receipt = await grant(player.playerId, { items: [{ kind: 'iron_sword' }] });
    const { body } = await get<'readReceipt'>(player.token, receipt);
    return { ...player, receipt, itemId: body.movements[0]!.itemId };
  }
  const list = (token: string, itemId: string) =>
    api.send('POST', '/v1/market/listings', { token, key: randomUUID(), body: { itemId, price: '10' } });

  test('leads from the mint to now, with the cause of every link', async () => {
    const { playerId, token, itemId, receipt } = await armed();
    const { body } = await history(token, itemId);
    expect(body).toMatchObject({
      item: { itemId, kind: 'iron_sword', owner: `player:${playerId}` },
      lock: null,
      items: [
        {
          code: 'mint',
          from: 'system:api.grant',
          to: `player:${playerId}`,
          actor: 'client:game-one',
          receipt,
        },
      ],
      nextCursor: null,
    });
  });

  test('says why it is locked, and is open to everybody while it is for sale', async () => {
    const [{ playerId, token, itemId }, other] = [await armed(), await api.player()];
    expect(await history(other.token, itemId)).toMatchObject({ status: 404, code: 'not_found' });
    const listed = await list(token, itemId);
    expect(listed.status).toBe(201);
    const listingId = String(listed.body['listingId']);
    const lock = {
      lock: `listing:${listingId}`,
      type: 'listing',
      id: listingId,
      state: 'open',
      resource: `/v1/market/listings/${listingId}`,
      workflowId: null,
      actor: `player:${playerId}`,
      receipt: `/v1/receipts/${encodeURIComponent(`listing:${listingId}:place`)}`,
    };
    for (const reader of [token, other.token, operator])
      expect((await history(reader, itemId)).body).toMatchObject({
        lock,
        items: [{ code: 'mint' }, { code: 'lock', lockBefore: null, lockAfter: lock.lock }],
      });

    // as a trade has it, whose story can be looked up
    const tradeId = randomUUID();
    await api.db.query(`UPDATE items SET lock = 'trade:' || $2 WHERE id = $1`, [itemId, tradeId]);
    const orphan = await history(operator, itemId);
    expect(orphan.body.lock).toMatchObject({ type: 'trade', state: null, workflowId: `trade-${tradeId}` });
    expect(orphan.body.lock?.workflowUrl).toContain(`trade-${tradeId}`);
    await api.db.query(
      `INSERT INTO trades (id, listing_id, buyer_id, seller_id, item_id, kind, asset, price, fee, state)
       VALUES ($1, $2, $3, $4, $5, 'iron_sword', 'gold', 10, 1, 'in_review')`,
      [tradeId, listingId, other.playerId, playerId, itemId],
    );
    const { body } = await history(token, itemId);
    expect(body.lock).toMatchObject({
      type: 'trade',
      state: 'in_review',
      resource: `/v1/market/trades/${tradeId}`,
      workflowUrl: null,
    });
    expect(await history(other.token, itemId)).toMatchObject({ status: 404 });
  });

  test('is read page by page; another item, no item and a tampered cursor are refused', async () => {
    const [{ token, itemId }, second] = [await armed(), await armed()];
    await list(token, itemId);
    const first = await history(token, itemId, '?limit=1');
    expect(first.body.items.map(({ code }) => code)).toEqual(['mint']);
    const next = await history(token, itemId, `?limit=1&cursor=${first.body.nextCursor!}`);
    expect(next.body.items.map(({ code }) => code)).toEqual(['lock']);
    const cursor = first.body.nextCursor!;
    expect(await history(second.token, second.itemId, `?cursor=${cursor}`)).toMatchObject({
      code: 'bad_cursor',
    });
    expect(await history(token, randomUUID())).toMatchObject({ status: 404 });
    expect(await history(token, 'sword')).toMatchObject({ status: 404 });
  });
});

describe('receipts', () => {
  /** Somebody else's long transaction may be in the way of the sealer for a while. */
  async function sealed(token: string, path: string) {
    for (;;) {
      await sealBlocks(api.db);
      const { body } = await get<'readReceipt'>(token, path);
      if (body.block !== null) return body;
    }
  }

  test('are recomputed, and once sealed they can be verified without us', async () => {
    const { playerId, token } = await api.player();
    const path = await grant(playerId, { ...gold('7'), items: [{ kind: 'iron_sword' }] });
    const before = await get<'readReceipt'>(token, path);
    expect(before.body).toMatchObject({
      recomputed: true,
      differences: [],
      block: null,
      deployment: { ledgerEpoch: 1 },
    });
    expect(before.body.blockMissing).toContain('not sealed');
    expect(verifyReceipt(before.body)).toEqual({ verified: false, reason: 'not_sealed' });

    const receipt = await sealed(token, path);
    const block = receipt.block!;
    const kept = { height: block.height, hash: block.hash };
    expect(receipt.blockMissing).toBeNull();
    expect(verifyReceipt(receipt)).toEqual({ verified: true, ...kept });
    expect(verifyReceipt(receipt, [kept])).toMatchObject({ verified: true });

    const forged = (change: object) => verifyReceipt({ ...receipt, ...change });
    const [line] = receipt.transfers;
    const [row, ...rows] = block.rows;
    expect(forged({ transfers: [{ ...line, amount: '8' }] })).toMatchObject({ reason: 'lines' });
    expect(forged({ key: 'grant:api:game-one:other' })).toMatchObject({ reason: 'lines' });
    const { cause } = receipt;
    for (const told of [
      { createdAt: new Date(Date.parse(receipt.createdAt) - 2_000).toISOString() },
      { cause: { ...cause, actor: 'client:game-two' } },
      { cause: { ...cause, reason: 'because' } },
      { movements: receipt.movements.map((movement) => ({ ...movement, kind: 'axe' })) },
      { cause: { ...cause, workflowId: 'trade-1' } },
      { pinned: { ...(receipt.pinned as object), source: 'match' } },
    ])
      expect(forged(told)).toMatchObject({ reason: 'lines' });
    const otherRows = [row!.replace('client:game-one', 'client:game-two'), ...rows];
    expect(
      forged({ cause: { ...cause, actor: 'client:game-two' }, block: { ...block, rows: otherRows } }),
    ).toMatchObject({ reason: 'leaf' });
    expect(forged({ block: { ...block, merkleRoot: block.leaf, path: block.path } })).toMatchObject({
      verified: false,
    });
    expect(forged({ block: { ...block, journalCount: block.journalCount + 1 } })).toMatchObject({
      reason: 'block',
    });
    expect(verifyReceipt(receipt, [{ ...kept, hash: '0'.repeat(64) }])).toMatchObject({ reason: 'chain' });
    const below = { height: String(BigInt(block.height) - 1n), hash: 'f'.repeat(64) };
    expect(verifyReceipt(receipt, [below])).toMatchObject({ reason: 'chain' });
  });

  test('exist for what was not computed too', async () => {
    const { playerId, token } = await api.player();
    await grant(playerId, { items: [{ kind: 'iron_sword' }] });
    const { body: statement } = await get<'readStatement'>(token, `/v1/players/${playerId}/statement`);
    const listed = await api.send('POST', '/v1/market/listings', {
      token,
      key: randomUUID(),
      body: { itemId: statement.items.items[0]!.itemId, price: '10' },
    });
    const path = `/v1/receipts/listing:${String(listed.body['listingId'])}:place`;
    const { body } = await get<'readReceipt'>(operator, path);
    expect(body).toMatchObject({
      kind: 'listing_place',
      event: null,
      recomputed: null,
      movements: [{ code: 'lock' }],
    });
    expect(verifyReceipt(await sealed(operator, path))).toMatchObject({ verified: true });
    const welcome = await get<'readReceipt'>(token, `/v1/receipts/grant:welcome:${playerId}`);
    expect(welcome.body).toMatchObject({ recomputed: true, economy: { version: 1 } });
  });
});

describe('flows', () => {
  const flows = (query: string) => get<'readFlows'>(operator, `/v1/economy/flows?${query}`);
  const today = () => {
    const day = Math.floor(Date.now() / 86_400_000) * 86_400_000;
    const iso = (ms: number) => new Date(ms).toISOString();
    return { from: iso(day - 86_400_000), to: iso(day + 86_400_000) };
  };

  test('add up to what is in the wallets', async () => {
    const { playerId } = await api.player();
    await grant(playerId, gold('40'));
    const upTo = await folded(api.db);
    await measureHoldings(api.db, 0);
    const { from, to } = today();
    const { body } = await flows(`from=${from}&to=${to}&bucket=day&asset=gold`);
    expect(body).toMatchObject({ from, to, bucket: 'day', upToJournalId: String(upTo) });
    const buckets = body.assets[0]!.buckets;
    expect(buckets).toHaveLength(2);
    const last = buckets.findLast(({ flows: some }) => some.length > 0)!;
    const { rows } = await api.db.query<{ held: string; holders: number }>(
      `SELECT sum(credits_posted - debits_posted)::text AS held, count(*) FILTER (WHERE credits_posted > debits_posted)::int AS holders
       FROM accounts WHERE live AND asset = 'gold'`,
    );
    expect(buckets.reduce((sum, { net }) => sum + BigInt(net), 0n)).toBe(BigInt(rows[0]!.held));
    expect(buckets.at(-1)!.supply).toBe(rows[0]!.held);
    expect(last.holders).toBe(rows[0]!.holders);
    expect(last.topDecileShare).toBeGreaterThan(0);
    expect(last.flows).toContainEqual(
      expect.objectContaining({ purpose: 'source', role: 'api.grant', code: 'grant' }),
    );
    const hours = await flows(`from=${from}&to=${to}&asset=gold`);
    const minted = (of: typeof buckets) => of.reduce((sum, bucket) => sum + BigInt(bucket.minted), 0n);
    expect(hours.body.assets[0]!.buckets).toHaveLength(48);
    expect(minted(hours.body.assets[0]!.buckets)).toBe(minted(buckets));
    const all = await flows(`from=${from}&to=${to}&bucket=day`);
    expect(all.body.assets.map(({ asset }) => asset)).toContain('stamp');
  });

  test.each([
    ['inverted', 'from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z', 'validation_failed'],
    ['empty', 'from=2026-01-01T00:00:00Z&to=2026-01-01T00:00:00Z', 'validation_failed'],
    ['of 401 days', 'from=2025-01-01T00:00:00Z&to=2026-02-06T00:00:00Z&bucket=day', 'validation_failed'],
    [
      'of 32 days in hours',
      'from=2026-01-01T00:00:00Z&to=2026-02-02T00:00:00Z&bucket=hour',
      'validation_failed',
    ],
    ['in weeks', 'from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z&bucket=week', 'validation_failed'],
    ['without an end', 'from=2026-01-01T00:00:00Z', 'validation_failed'],
    ['that ends with time', 'from=9999-12-31T00:00:00Z&to=9999-12-31T23:59:59Z', 'validation_failed'],
    ['of no asset', 'from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z&asset=doubloon', 'unknown_asset'],
    [
      'of a bad code',
      'from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z&asset=__proto__',
      'validation_failed',
    ],
  ])('a window %s is refused', async (_, query, code) => {
    expect(await flows(query)).toMatchObject({ status: 422, code });
  });

  test('the largest windows are answered, also where nothing ever was', async () => {
    const { body } = await flows('from=0001-01-01T00:00:00Z&to=0002-02-05T00:00:00Z&bucket=day&asset=gold');
    expect(body.assets[0]!.buckets).toHaveLength(400);
    expect(new Set(body.assets[0]!.buckets.map(({ supply }) => supply))).toEqual(new Set(['0']));
    expect((await flows('from=0000-01-01T00:00:00Z&to=0000-01-02T00:00:00Z')).status).toBe(200);
    expect((await flows('from=9999-12-30T00:00:00Z&to=9999-12-31T23:00:00Z')).status).toBe(200);
  });
});
