import { afterAll, beforeAll, expect, test } from 'vitest';
import { consume } from '../../../events/consumer/consume.ts';
import { keepFlows } from '../../../events/handlers/keep-flows.ts';
import { flowDifferences } from '../../../store/flows/flow-differences.ts';
import { foldedFlows } from '../../../store/flows/fold-flows.ts';
import { journal, newPlayer, pay, post, seedAssets } from '../../store/ledger/fixtures.ts';
import { countRows, eventTools, eventually, relayFor, tell } from '../support.ts';

const tools = await eventTools(['ledger.journal']);
const { db } = tools;
relayFor(tools);
const consumer = consume(tools, keepFlows({ db }));
beforeAll(() => seedAssets(db));
afterAll(() => consumer.stop());

const minted = async () => {
  const { rows } = await db.query<{ sum: string }>(
    "SELECT coalesce(sum(debited), 0)::text AS sum FROM flow_hours WHERE purpose = 'source'",
  );
  return BigInt(rows[0]!.sum);
};

test('every journal is in the flows once, however often it is announced', async () => {
  const player = await newPlayer(db);
  const posted = await Promise.all(
    Array.from({ length: 30 }, () => post(db, journal({ transfers: [pay(player, 3n)] }))),
  );
  const ids = posted.map((result) => ('journalId' in result ? result.journalId : 0n));
  const last = ids.reduce((a, b) => (a > b ? a : b));
  await eventually('all are folded', async () => (await foldedFlows(db)) >= last);
  expect(await minted()).toBe(90n);

  // announced again, and one that this database has never seen, as after a restore
  for (const journalId of [last.toString(), '999999999']) {
    const data = { journalId, key: 'again', kind: 'grant' };
    await tell(db, { type: 'ledger.journal.posted.v1', key: 'again', data });
  }
  await eventually(
    'all are handled',
    async () => (await countRows(db, 'inbox', "consumer_group = 'flows'")) === 32,
  );
  await post(db, journal({ transfers: [pay(player, 1n)] }));
  await eventually('the next one', async () => (await minted()) === 91n);
  expect(await flowDifferences(db, await foldedFlows(db))).toEqual([]);
});
