import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { sinkOf, walletOf } from '../../../domain/ledger/accounts.ts';
import { playerHolder, systemHolder } from '../../../domain/ledger/types.ts';
import { readItem } from '../../../store/ledger/reads.ts';
import { testDatabase } from '../../support/database.ts';
import {
  goldOf,
  hold,
  journal,
  mint,
  move,
  newPlayer,
  pay,
  post,
  postAll,
  resolve,
  seedAssets,
} from './fixtures.ts';

const { db } = await testDatabase();
beforeAll(() => seedAssets(db));

const count = async (table: 'journals' | 'transfers' | 'outbox', where: string, values: unknown[]) =>
  Number(
    (await db.query<{ count: bigint }>(`SELECT count(*) FROM ${table} WHERE ${where}`, values)).rows[0]!
      .count,
  );

describe('one journal', () => {
  test('moves the amount and tells about it in the same transaction', async () => {
    const [a, b] = [await newPlayer(db, 100n), await newPlayer(db)];
    const one = journal({ transfers: [move(a, b, 30n)] });
    const result = await post(db, one);
    expect(result).toEqual({ result: 'ok', journalId: expect.any(BigInt), replayed: false });
    expect([await goldOf(db, a), await goldOf(db, b)]).toEqual([
      { balance: 70n, held: 0n },
      { balance: 30n, held: 0n },
    ]);
    expect(
      await count('outbox', `type = 'ledger.journal.posted.v1' AND key = $1 AND sequence IS NULL`, [one.key]),
    ).toBe(1);
  });

  test('its own events are told only when it is posted, in order per aggregate', async () => {
    const player = await newPlayer(db);
    const event = (playerId: string) =>
      ({ type: 'game.player.registered.v1', key: player, data: { playerId } }) as const;
    await post(db, journal({ transfers: [pay(player, 1n)], events: [event(player), event(player)] }));
    await post(db, journal({ transfers: [move(player, await newPlayer(db), 5n)], events: [event(player)] }));
    const { rows } = await db.query(
      `SELECT sequence FROM outbox WHERE topic = 'game.player' AND key = $1 ORDER BY seq`,
      [player],
    );
    expect(rows).toEqual([{ sequence: 1n }, { sequence: 2n }]);
  });

  test('the same key and body again answers the first journal and pays nothing', async () => {
    const player = await newPlayer(db);
    const one = journal({ transfers: [pay(player, 10n)] });
    const first = await post(db, one);
    const again = await post(db, one);
    expect(again).toEqual({ ...first, result: 'exists', replayed: true });
    expect(await goldOf(db, player)).toEqual({ balance: 10n, held: 0n });
  });

  test('the same key with another body is refused', async () => {
    const player = await newPlayer(db);
    const one = journal({ transfers: [pay(player, 10n)] });
    await post(db, one);
    expect(await post(db, { ...one, transfers: [pay(player, 11n)] })).toEqual({
      result: 'exists_with_different_body',
    });
  });

  test('a named identity decides what is the same body', async () => {
    const player = await newPlayer(db);
    const one = journal({ identity: { grant: player }, transfers: [pay(player, 10n)] });
    await post(db, one);
    expect((await post(db, { ...one, transfers: [pay(player, 99n)] })).result).toBe('exists');
    expect(await goldOf(db, player)).toEqual({ balance: 10n, held: 0n });
  });

  test('a wallet that lacks the amount is told what is missing, and nothing is kept', async () => {
    const [a, b] = [await newPlayer(db, 10n), await newPlayer(db)];
    const one = journal({ transfers: [move(a, b, 4n), move(a, b, 9n)] });
    expect(await post(db, one)).toEqual({
      result: 'insufficient_funds',
      asset: 'gold',
      shortfall: 3n,
      index: 1,
    });
    expect(await goldOf(db, a)).toEqual({ balance: 10n, held: 0n });
    expect(await count('journals', 'key = $1', [one.key])).toBe(0);
    await post(db, journal({ transfers: [pay(a, 3n)] }));
    expect((await post(db, one)).result).toBe('ok');
  });

  test('amounts outside 1 … 2^63−1, and balances that would not fit, are an overflow', async () => {
    const player = await newPlayer(db, 1n);
    for (const amount of [0n, -1n, 2n ** 63n, 2n ** 63n - 1n]) {
      expect((await post(db, journal({ transfers: [pay(player, amount)] }))).result).toBe('overflow');
    }
    expect(await goldOf(db, player)).toEqual({ balance: 1n, held: 0n });
  });

  test('no account is opened for an unknown asset or player, or between two assets', async () => {
    const player = await newPlayer(db, 5n);
    const stranger = randomUUID();
    const answers = await postAll(db, [
      journal({ transfers: [pay(player, 1n, 'pearls')] }),
      journal({ transfers: [pay(stranger, 1n)] }),
      journal({
        transfers: [
          {
            state: 'posted',
            debit: walletOf(player, 'gold'),
            credit: sinkOf('burn', 'stamp'),
            amount: 1n,
            code: 'burn',
          },
        ],
      }),
      journal({ transfers: [move(player, player, 1n)] }),
      journal({ transfers: [{ ...pay('not-a-uuid', 1n) }] }),
    ]);
    expect(answers.map(({ result }) => result)).toEqual(Array(5).fill('unknown_account'));
    const { rows } = await db.query('SELECT 1 FROM accounts WHERE asset = $1 OR holder = $2', [
      'pearls',
      playerHolder(stranger),
    ]);
    expect(rows).toEqual([]);
  });
});

describe('holds', () => {
  test('a hold reserves; posting moves what it reserved; a second resolution is refused by name', async () => {
    const [a, b] = [await newPlayer(db, 50n), await newPlayer(db)];
    const one = journal({ kind: 'trade_hold', transfers: [hold(a, b, 40n)] });
    await post(db, one);
    expect(await goldOf(db, a)).toEqual({ balance: 50n, held: 40n });
    expect(await post(db, journal({ transfers: [move(a, b, 11n)] }))).toMatchObject({
      result: 'insufficient_funds',
      shortfall: 1n,
    });

    expect((await post(db, journal({ transfers: [resolve('post', one.key)] }))).result).toBe('ok');
    expect([await goldOf(db, a), await goldOf(db, b)]).toEqual([
      { balance: 10n, held: 0n },
      { balance: 40n, held: 0n },
    ]);
    for (const state of ['post', 'void'] as const) {
      expect(await post(db, journal({ transfers: [resolve(state, one.key)] }))).toEqual({
        result: 'pending_already_posted',
        index: 0,
      });
    }
  });

  test('voiding gives back; what was voided stays voided', async () => {
    const [a, b] = [await newPlayer(db, 50n), await newPlayer(db)];
    const one = journal({ transfers: [hold(a, b, 40n)] });
    await post(db, one);
    expect((await post(db, journal({ transfers: [resolve('void', one.key)] }))).result).toBe('ok');
    expect(await goldOf(db, a)).toEqual({ balance: 50n, held: 0n });
    expect(await post(db, journal({ transfers: [resolve('post', one.key)] }))).toMatchObject({
      result: 'pending_already_voided',
    });
  });

  test('a hold that does not exist, and a posted transfer taken for one, are not found', async () => {
    const a = await newPlayer(db);
    const paid = journal({ transfers: [pay(a, 5n)] });
    await post(db, paid);
    const answers = await postAll(db, [
      journal({ transfers: [resolve('post', 'test:nothing')] }),
      journal({ transfers: [resolve('void', paid.key)] }),
    ]);
    expect(answers.map(({ result }) => result)).toEqual(['pending_not_found', 'pending_not_found']);
  });

  test("a hold past its expiry by the database's clock cannot be posted; whoever tries gives it back", async () => {
    const [a, b] = [await newPlayer(db, 5n), await newPlayer(db)];
    const one = journal({ transfers: [hold(a, b, 5n, 1)] });
    await post(db, one);
    await db.query('SELECT pg_sleep(0.01)');
    const late = journal({ transfers: [resolve('post', one.key)] });
    expect(await post(db, late)).toMatchObject({ result: 'pending_expired', index: 0 });
    expect(await goldOf(db, a)).toEqual({ balance: 5n, held: 0n });
    expect(await post(db, late)).toMatchObject({ result: 'pending_already_voided' });
  });

  test('an expired hold can still be voided by its own story', async () => {
    const [a, b] = [await newPlayer(db, 5n), await newPlayer(db)];
    const one = journal({ transfers: [hold(a, b, 5n, 1)] });
    await post(db, one);
    await db.query('SELECT pg_sleep(0.01)');
    expect((await post(db, journal({ transfers: [resolve('void', one.key)] }))).result).toBe('ok');
  });
});

describe('items', () => {
  const owned = async (itemId: string) => {
    const player = await newPlayer(db);
    await post(db, journal({ movements: [mint(itemId, player)] }));
    return player;
  };

  test('a mint takes the attributes of its kind; every movement is one version', async () => {
    const itemId = randomUUID();
    const player = await owned(itemId);
    const from = playerHolder(player);
    await post(
      db,
      journal({ movements: [{ code: 'lock', itemId, from, expectLock: null, lock: 'listing:1' }] }),
    );
    expect(await readItem(db, itemId)).toMatchObject({
      owner: from,
      lock: 'listing:1',
      version: 2,
      attributes: { weaponBonus: 5 },
    });
  });

  test('what is locked stays where it is, whoever asks, and the answer says by whom', async () => {
    const itemId = randomUUID();
    const from = playerHolder(await owned(itemId));
    const to = playerHolder(await newPlayer(db));
    await post(
      db,
      journal({ movements: [{ code: 'lock', itemId, from, expectLock: null, lock: 'match:7' }] }),
    );
    const take = (expectLock: string | null) =>
      post(db, journal({ movements: [{ code: 'transfer', itemId, from, to, expectLock, lock: null }] }));
    expect(await take(null)).toEqual({ result: 'item_locked', itemId, lockedBy: 'match:7', index: 0 });
    expect(await take('trade:1')).toMatchObject({ result: 'item_locked', lockedBy: 'match:7' });
    expect((await take('match:7')).result).toBe('ok');
    expect(await readItem(db, itemId)).toMatchObject({ owner: to, lock: null });
  });

  test('nobody gives what is not theirs, what was burned, or what never was', async () => {
    const itemId = randomUUID();
    const from = playerHolder(await owned(itemId));
    const other = playerHolder(await newPlayer(db));
    const burn = { code: 'burn', itemId, from, to: systemHolder('burn'), expectLock: null } as const;
    expect((await post(db, journal({ movements: [{ ...burn, from: other }] }))).result).toBe(
      'item_not_owned',
    );
    expect((await post(db, journal({ movements: [burn] }))).result).toBe('ok');
    expect((await post(db, journal({ movements: [burn] }))).result).toBe('item_not_owned');
    expect((await post(db, journal({ movements: [{ ...burn, itemId: randomUUID() }] }))).result).toBe(
      'item_not_owned',
    );
  });

  test('an item is minted once and only of a known kind, to a known player', async () => {
    const itemId = randomUUID();
    const player = await owned(itemId);
    const answers = await postAll(db, [
      journal({ movements: [mint(itemId, player)] }),
      journal({ movements: [{ ...mint(randomUUID(), player), kindVersion: 9 } as never] }),
      journal({ movements: [mint(randomUUID(), randomUUID())] }),
    ]);
    expect(answers.map(({ result }) => result)).toEqual([
      'item_not_owned',
      'unknown_account',
      'unknown_account',
    ]);
  });
});

describe('a batch', () => {
  test('answers each journal by itself: a bad one takes nothing from its neighbours', async () => {
    const [a, b] = [await newPlayer(db, 10n), await newPlayer(db)];
    const itemId = randomUUID();
    const answers = await postAll(db, [
      journal({ transfers: [move(a, b, 6n)] }),
      journal({
        transfers: [move(a, b, 4n)],
        movements: [
          { code: 'burn', itemId, from: playerHolder(a), to: systemHolder('burn'), expectLock: null },
        ],
      }),
      journal({ transfers: [move(a, b, 6n)] }),
      journal({ movements: [mint(itemId, a)] }),
      journal({ transfers: [move(a, b, 4n)] }),
    ]);
    expect(answers.map(({ result }) => result)).toEqual([
      'ok',
      'item_not_owned',
      'insufficient_funds',
      'ok',
      'ok',
    ]);
    expect([await goldOf(db, a), await goldOf(db, b)]).toEqual([
      { balance: 0n, held: 0n },
      { balance: 10n, held: 0n },
    ]);
  });

  test('the same key twice is one effect, also when the first was refused', async () => {
    const [a, b] = [await newPlayer(db, 5n), await newPlayer(db)];
    const once = journal({ transfers: [move(a, b, 5n)] });
    const early = journal({ transfers: [move(b, a, 5n)] });
    const answers = await postAll(db, [
      early,
      once,
      { ...once },
      { ...once, transfers: [move(a, b, 1n)] },
      early,
      early,
    ]);
    expect(answers.map(({ result }) => result)).toEqual([
      'insufficient_funds',
      'ok',
      'exists',
      'exists_with_different_body',
      'ok',
      'exists',
    ]);
    expect(await goldOf(db, a)).toEqual({ balance: 5n, held: 0n });
  });

  test('a hold and its resolutions meet in one batch', async () => {
    const [a, b] = [await newPlayer(db, 5n), await newPlayer(db)];
    const one = journal({ transfers: [hold(a, b, 5n)] });
    const answers = await postAll(db, [
      journal({ transfers: [resolve('post', one.key)] }),
      one,
      journal({ transfers: [resolve('post', one.key), move(b, a, 100n)] }),
      journal({ transfers: [resolve('post', one.key)] }),
      journal({ transfers: [resolve('void', one.key)] }),
    ]);
    expect(answers.map(({ result }) => result)).toEqual([
      'pending_not_found',
      'ok',
      'insufficient_funds',
      'ok',
      'pending_already_posted',
    ]);
    expect([await goldOf(db, a), await goldOf(db, b)]).toEqual([
      { balance: 0n, held: 0n },
      { balance: 5n, held: 0n },
    ]);
  });

  test('an item moves twice, and a third who expects the first state is refused', async () => {
    const [a, b] = [await newPlayer(db), await newPlayer(db)];
    const itemId = randomUUID();
    const give = (from: string, to: string) =>
      journal({
        movements: [
          {
            code: 'transfer',
            itemId,
            from: playerHolder(from),
            to: playerHolder(to),
            expectLock: null,
            lock: null,
          },
        ],
      });
    const answers = await postAll(db, [
      journal({ movements: [mint(itemId, a)] }),
      give(a, b),
      give(a, b),
      give(b, a),
    ]);
    expect(answers.map(({ result }) => result)).toEqual(['ok', 'ok', 'item_not_owned', 'ok']);
    expect(await readItem(db, itemId)).toMatchObject({ owner: playerHolder(a), version: 3 });
  });
});

describe('valves', () => {
  test('a closed valve refuses what it covers, lets undo and repeats pass, and opens again', async () => {
    const [a, b] = [await newPlayer(db, 20n), await newPlayer(db)];
    const held = journal({ transfers: [hold(a, b, 5n)], valves: ['channel:market'] });
    await post(db, held);
    await db.query(
      `INSERT INTO valves (scope, id, reason, closed_by) VALUES ('channel', 'market', 'test', 'system:test'), ('source', 'api.grant', 'test', 'system:test')`,
    );
    const answers = await postAll(db, [
      journal({ transfers: [move(a, b, 1n)], valves: ['channel:market'] }),
      journal({ transfers: [pay(a, 1n)] }),
      held,
      journal({ transfers: [resolve('void', held.key)] }),
      journal({ transfers: [move(a, b, 1n)] }),
    ]);
    expect(answers).toMatchObject([
      { result: 'frozen', valve: 'channel:market' },
      { result: 'frozen', valve: 'source:api.grant' },
      { result: 'exists' },
      { result: 'ok' },
      { result: 'ok' },
    ]);
    await db.query('DELETE FROM valves');
    expect((await post(db, journal({ transfers: [pay(a, 1n)] }))).result).toBe('ok');
  });

  test('a frozen asset or kind stays where it is', async () => {
    const [a, b] = [await newPlayer(db, 20n), await newPlayer(db)];
    const itemId = randomUUID();
    await post(db, journal({ movements: [mint(itemId, a)] }));
    await db.query(`UPDATE assets SET frozen = true WHERE code = 'gold'`);
    await db.query(`UPDATE catalog_kinds SET frozen = true`);
    const give = {
      code: 'transfer',
      itemId,
      from: playerHolder(a),
      to: playerHolder(b),
      expectLock: null,
      lock: null,
    } as const;
    const answers = await postAll(db, [
      journal({ transfers: [move(a, b, 1n)] }),
      journal({ movements: [give] }),
      journal({ movements: [mint(randomUUID(), a)] }),
    ]);
    await db.query(`UPDATE assets SET frozen = false`);
    await db.query(`UPDATE catalog_kinds SET frozen = false`);
    expect(answers).toEqual([
      { result: 'frozen', valve: 'asset:gold' },
      { result: 'frozen', valve: 'kind:sword' },
      { result: 'frozen', valve: 'kind:sword' },
    ]);
  });

  test('what was held or locked before may end under a frozen asset or kind', async () => {
    const [a, b] = [await newPlayer(db, 20n), await newPlayer(db)];
    const itemId = randomUUID();
    const held = journal({ transfers: [hold(a, b, 5n)] });
    const lock = (expectLock: string | null, next: string) =>
      journal({
        movements: [{ code: 'lock', itemId, from: playerHolder(a), expectLock, lock: next }],
      });
    await postAll(db, [held, journal({ movements: [mint(itemId, a)] }), lock(null, 'trade:1')]);
    await db.query(`UPDATE assets SET frozen = true WHERE code = 'gold'`);
    await db.query(`UPDATE catalog_kinds SET frozen = true`);
    const answers = await postAll(db, [
      journal({ transfers: [hold(a, b, 5n)] }),
      journal({ transfers: [resolve('post', held.key)] }),
      lock(null, 'trade:2'),
      lock('trade:1', 'listing:1'),
    ]);
    await db.query(`UPDATE assets SET frozen = false`);
    await db.query(`UPDATE catalog_kinds SET frozen = false`);
    expect(answers).toMatchObject([
      { result: 'frozen', valve: 'asset:gold' },
      { result: 'ok' },
      { result: 'frozen', valve: 'kind:sword' },
      { result: 'ok' },
    ]);
  });
});
