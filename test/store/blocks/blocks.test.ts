import { randomUUID } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { verifyInclusion } from '../../../domain/ledger/merkle.ts';
import { readHead, readInclusionProof } from '../../../store/blocks/reads.ts';
import { sealBlocks } from '../../../store/blocks/seal-blocks.ts';
import { verifyBlocks } from '../../../store/blocks/verify-blocks.ts';
import { postJournals } from '../../../store/ledger/post-journals.ts';
import { sha256 } from '../../../store/matches/sha256.ts';
import { testDatabase } from '../../support/database.ts';
import { openOwner } from '../../support/owner.ts';
import { journal, mint, move, newPlayer, pay, post, seedAssets } from '../ledger/fixtures.ts';

const { db, url } = await testDatabase();
const owner = await openOwner(url);
let alice: string;

beforeAll(async () => {
  await seedAssets(db);
  alice = await newPlayer(db, 1_000n);
  await newPlayer(db, 1_000n);
});

const bytes = (hex: string) => Buffer.from(hex, 'hex');
const idOf = async (one: ReturnType<typeof journal>) => {
  const result = await post(db, one);
  if (result.result !== 'ok') throw new Error(result.result);
  return result.journalId;
};
/** Each with a wallet of its own. */
const trade = async () => {
  const transfers = [move(alice, await newPlayer(db), 1n)];
  return idOf(journal({ transfers, movements: [mint(randomUUID(), alice)] }));
};
/** Transactions of other databases on the server are waited for too. */
const patient = { waitMsMax: 20_000 };
const sealAll = async () => {
  while ((await sealBlocks(db, patient)) > 0);
};

describe('blocks', () => {
  test('seal what is there once, however many processes do it, each on top of the one before', async () => {
    for (let n = 0; n < 7; n++) await trade();
    const counts = await Promise.all(Array.from({ length: 6 }, () => sealBlocks(db, { journalCountMax: 3 })));
    await sealAll();
    const { rows } = await db.query<{ count: number; journals: number }>(
      'SELECT count(*)::int AS count, sum(journal_count)::int AS journals FROM ledger_blocks',
    );
    expect(rows[0]).toEqual({ count: 3, journals: 9 });
    expect(counts.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(3);
    expect(await sealBlocks(db)).toBe(0);
    const told = await db.query<{ sequence: bigint; hash: string }>(
      `SELECT sequence, data ->> 'hash' AS hash FROM outbox WHERE type = 'ledger.block.sealed.v1' ORDER BY sequence`,
    );
    expect(told.rows.map(({ sequence }) => sequence)).toEqual([1n, 2n, 3n]);
    expect(told.rows[2]!.hash).toBe((await readHead(db))!.hash);
    expect(await verifyBlocks(db)).toMatchObject({ blockCount: 3, journalCount: 9, differences: [] });
  });

  test('wait for a post that is under way: its id is lower, it commits later, and it is sealed in its place', async () => {
    await sealAll();
    const slow = await newPlayer(db);
    const sealing = await db.transaction(async (tx) => {
      await postJournals(tx, [journal({ transfers: [pay(slow, 7n)] })]);
      await trade();
      return sealBlocks(db, { waitMsMax: 50 });
    });
    expect(sealing).toBe(0);
    expect(await sealBlocks(db, patient)).toBe(1);
    expect(await readHead(db)).toMatchObject({ journalCount: 2 });
  });

  test('ids that were drawn and never committed are gaps, and what is put into one later is seen', async () => {
    await trade();
    const failed = db.transaction(async (tx) => {
      await postJournals(tx, [journal({ transfers: [pay(alice, 7n)] })]);
      throw new Error('taken back');
    });
    await expect(failed).rejects.toThrow('taken back');
    const last = await trade();
    await sealAll();
    expect(await verifyBlocks(db)).toMatchObject({ differences: [] });
    await owner.query('BEGIN');
    await owner.query(
      `INSERT INTO journals (id, key, kind, body_hash, actor) VALUES ($1, 'forged', 'grant', '\\x00', 'nobody')`,
      [last - 1n],
    );
    expect((await verifyBlocks(owner)).differences[0]).toMatchObject({
      table: 'journals',
      id: (last - 1n).toString(),
      what: 'it was not there when the block was sealed',
    });
    await owner.query('ROLLBACK');
  });

  test('may not be rewritten, not even by their owner', async () => {
    for (const sql of ['UPDATE ledger_blocks SET height = height', 'DELETE FROM ledger_blocks']) {
      await expect(db.query(sql)).rejects.toMatchObject({ code: '42501' });
      await expect(owner.query(sql)).rejects.toMatchObject({ code: '23000' });
    }
  });

  test('prove every journal to whoever knows the block, and nothing that was rewritten', async () => {
    const ids = [await trade(), await trade(), await trade()];
    expect(await readInclusionProof(db, ids[1]!)).toBeNull();
    await sealAll();
    for (const id of ids) {
      const proof = (await readInclusionProof(db, id))!;
      const walked = {
        leaf: bytes(proof.leaf),
        path: proof.path.map(({ side, hash }) => ({ side, hash: bytes(hash) })),
        root: bytes(proof.block.merkleRoot),
      };
      expect(verifyInclusion(sha256, walked)).toBe(true);
    }
    expect(await readInclusionProof(db, 999_999n)).toBeNull();
    const leaf = (await readInclusionProof(db, ids[0]!))!.leaf;
    await owner.tampering(`UPDATE journals SET reason = 'because' WHERE id = ${ids[0]}`, async () => {
      expect((await readInclusionProof(owner, ids[0]!))!.leaf).not.toBe(leaf);
    });
  });
});

describe('verification names the first row that differs', () => {
  let sealed: bigint;
  beforeEach(async () => {
    sealed = await trade();
    await trade();
    await sealAll();
  });

  const cases: [string, (id: bigint) => string, { table: string; what: RegExp }][] = [
    [
      'a journal',
      (id) => `UPDATE journals SET actor = 'x' WHERE id = ${id}`,
      { table: 'journals', what: /rewritten/ },
    ],
    [
      'its pinned data',
      (id) => `UPDATE journals SET pinned = '{}' WHERE id = ${id}`,
      { table: 'journals', what: /rewritten/ },
    ],
    [
      'an amount',
      (id) => `UPDATE transfers SET amount = amount + 1 WHERE journal_id = ${id}`,
      { table: 'transfers', what: /rewritten/ },
    ],
    [
      'a receiver',
      (id) => `UPDATE item_movements SET to_owner = 'player:x' WHERE journal_id = ${id}`,
      { table: 'item_movements', what: /rewritten/ },
    ],
    [
      'the holder of an account',
      (id) =>
        `UPDATE accounts SET holder = 'player:x' WHERE id = (SELECT credit_account_id FROM transfers WHERE journal_id = ${id})`,
      { table: 'transfers', what: /rewritten/ },
    ],
    [
      'the kind of an item',
      (id) =>
        `UPDATE items SET kind = 'axe' WHERE id = (SELECT item_id FROM item_movements WHERE journal_id = ${id})`,
      { table: 'item_movements', what: /rewritten/ },
    ],
    [
      'a deleted line',
      (id) => `DELETE FROM transfers WHERE journal_id = ${id}`,
      { table: 'item_movements', what: /row 2 of 3 .* is gone/ },
    ],
    [
      'a deleted journal',
      (id) => `DELETE FROM journals WHERE id = ${id}`,
      { table: 'journals', what: /gone/ },
    ],
  ];
  test.each(cases)('%s', async (_what, sql, expected) => {
    const wanted = expected.table === 'journals' ? sealed.toString() : await firstOf(expected.table);
    await owner.tampering(sql(sealed), async () => {
      const {
        differences: [difference],
      } = await verifyBlocks(owner);
      expect(difference).toMatchObject({ table: expected.table, what: expect.stringMatching(expected.what) });
      expect(difference!.id).toBe(wanted);
    });
  });

  const firstOf = async (table: string) => {
    const { rows } = await db.query<{ id: bigint }>(
      `SELECT min(id) AS id FROM ${table} WHERE journal_id = ${sealed}`,
    );
    return rows[0]!.id.toString();
  };

  const blockCases: [string, string, RegExp][] = [
    ['a header', `UPDATE ledger_blocks SET ledger_epoch = 2 WHERE height = 1`, /another hash/],
    [
      'kept leaves',
      `UPDATE ledger_blocks SET leaves = set_byte(leaves, 0, 1 + get_byte(leaves, 0) % 255) WHERE height = 1`,
      /Merkle root/,
    ],
    ['a missing block', `DELETE FROM ledger_blocks WHERE height = 1`, /no block 1/],
  ];
  test.each(blockCases)('of the blocks: %s', async (_what, sql, what) => {
    await owner.tampering(sql, async () => {
      const {
        differences: [difference],
      } = await verifyBlocks(owner);
      expect(difference).toMatchObject({ table: 'ledger_blocks', what: expect.stringMatching(what) });
    });
  });

  test('and all others, in the same block and above it', async () => {
    const above = await trade();
    const twin = await trade();
    await sealAll();
    const rewritten = [sealed, above, twin];
    await owner.tampering(
      `UPDATE journals SET reason = 'because' WHERE id IN (${rewritten.join(',')})`,
      async () => {
        const { differences, differenceCount } = await verifyBlocks(owner);
        expect(differences.map(({ table, id }) => [table, id])).toEqual(
          rewritten.map((id) => ['journals', id.toString()]),
        );
        expect(differenceCount).toBe(3);
        expect(await verifyBlocks(owner, { differenceCountMax: 1 })).toMatchObject({
          differences: [{ id: sealed.toString() }],
          differenceCount: 3,
        });
      },
    );
    const lines = `UPDATE transfers SET amount = amount + 1 WHERE journal_id = ${above}`;
    const gone = `DELETE FROM transfers WHERE journal_id = ${twin}`;
    await owner.tampering([lines, gone], async () => {
      const { differences } = await verifyBlocks(owner);
      expect(differences.map(({ table, id }) => [table, id])).toEqual(
        [above, twin].map((id) => ['journals', id.toString()]),
      );
    });
  });

  test('nothing at all when all is as it was', async () => {
    expect((await verifyBlocks(db)).differences).toEqual([]);
  });
});
