import { randomUUID } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import { playerHolder } from '../../../domain/ledger/types.ts';
import { postJournals } from '../../../store/ledger/post-journals.ts';
import { readItem } from '../../../store/ledger/reads.ts';
import { testDatabase } from '../../support/database.ts';
import { eventually } from '../../support/lootledger.ts';
import { goldOf, journal, mint, newPlayer, pay, postAll, seedAssets } from './fixtures.ts';

/** What the model test has found, each as its shortest story. */
const { db } = await testDatabase();
beforeAll(() => seedAssets(db));

/** Asked of `pg_locks`: what others wait for in `pg_stat_activity` is hidden from the application's role. */
const waitingHere = `SELECT 1 FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE NOT l.granted AND a.datname = current_database()`;

test('an item minted while a batch that asked for it is under way is left alone, and so are the neighbours', async () => {
  // with their wallets open already: opening one is another place to wait
  const [owner, other] = [await newPlayer(db, 1n), await newPlayer(db, 1n)];
  const itemId = randomUUID();
  const contested = journal({ transfers: [pay(other, 1n)] });
  const tooEarly = journal({
    movements: [
      {
        code: 'modify',
        itemId,
        from: playerHolder(owner),
        attributes: { weaponBonus: 9 },
        expectLock: null,
      },
    ],
  });
  let batch: ReturnType<typeof postAll> | undefined;
  // the batch has looked for the item and now waits for the other transaction's key
  const rolledBack = db.transaction(async (tx) => {
    await tx.query('SET LOCAL idle_in_transaction_session_timeout = 0');
    await postJournals(tx, [{ ...contested, transfers: [pay(owner, 1n)] }]);
    batch = postAll(db, [tooEarly, contested]);
    await eventually('the batch waits', async () =>
      (await db.query(waitingHere)).rowCount ? true : undefined,
    );
    await postAll(db, [journal({ movements: [mint(itemId, owner)] })]);
    throw new Error('never mind');
  });
  await expect(rolledBack).rejects.toThrow('never mind');
  expect((await batch)?.map(({ result }) => result)).toEqual(['item_not_owned', 'ok']);
  expect(await goldOf(db, other)).toEqual({ balance: 2n, held: 0n });
  expect(await readItem(db, itemId)).toMatchObject({ owner: playerHolder(owner), version: 1 });
});
