import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { receiptView } from '../../../api/routes/receipts/view.ts';
import type { Reply } from '../../../client/types.ts';
import { verifyReceipt } from '../../../client/verify-receipt.ts';
import { parseEconomy } from '../../../domain/economy/validate-economy.ts';
import { journalKeys } from '../../../domain/ledger/keys.ts';
import { apiGrantJournal, matchGrantJournal } from '../../../domain/rewards/grant-journals.ts';
import { sealBlocks } from '../../../store/blocks/seal-blocks.ts';
import { applyEconomy } from '../../../store/economy/apply-economy.ts';
import { currentEconomy } from '../../../store/economy/reads.ts';
import { readReceipt } from '../../../store/ledger/read-receipt.ts';
import { sha256 } from '../../../store/matches/sha256.ts';
import { postGrants } from '../../../store/grants/post-grants.ts';
import { payMatch } from '../../../store/rewards/pay-match.ts';
import { readGrant } from '../../../store/rewards/plans.ts';
import { recordExternalResult } from '../../../store/rewards/record-external-result.ts';
import { testDatabase } from '../../support/database.ts';
import { newPlayer, post } from '../ledger/fixtures.ts';

const { db, url } = await testDatabase();
const economyOf = (name: string) => parseEconomy(JSON.parse(readFileSync(`economies/${name}.json`, 'utf8')));
const cause = { actor: 'system:rewards', step: 'pay' };
const owner = new pg.Client({ connectionString: url });
beforeAll(async () => {
  await owner.connect();
  // everything an economy file can say: nested, guaranteed, favoured and pitying tables, streaks, prizes, wallet caps
  await applyEconomy(db, economyOf('showcase'), { actor: 'operator:test' });
});
afterAll(() => owner.end());

const players = await Promise.all([newPlayer(db), newPlayer(db), newPlayer(db)]);

async function finished(): Promise<string> {
  const { matchId } = await recordExternalResult(db, {
    clientId: 'studio',
    reference: randomUUID(),
    externalMatchId: randomUUID(),
    mode: 'duel',
    players: players.map((playerId, n) => ({
      playerId,
      outcome: n === 0 ? ('winner' as const) : ('survivor' as const),
      placement: n + 1,
      resources: BigInt(10 * n),
    })),
  });
  return matchId;
}

test('every reward of a rich economy is computed again, also under a later version of it', async () => {
  const matchIds: string[] = [];
  for (let n = 0; n < 6; n += 1) {
    const matchId = await finished();
    expect(await payMatch(db, matchId, cause)).toMatchObject({ status: 'paid' });
    matchIds.push(matchId);
  }
  const { version } = await currentEconomy(db);
  await applyEconomy(db, economyOf('arena'), { actor: 'operator:test', allowStranded: true });
  for (const matchId of matchIds) {
    for (const playerId of players) {
      const receipt = await readReceipt(db, journalKeys.matchGrant(matchId, playerId));
      expect(receipt).toMatchObject({ recomputed: true, differences: [], economy: { version } });
      expect(receipt!.event).toMatchObject({
        type: 'game.match.finished.v1',
        topic: 'game.match',
        partition: null,
        publishedAt: null,
      });
    }
  }
});

test('a plan that was rigged is told apart, member by member', async () => {
  const matchId = await finished();
  const plan = (await readGrant(db, matchId))!.plans[0]!;
  const rigged = { ...plan, lines: [{ asset: 'gold', amount: '999' }] };
  await post(db, matchGrantJournal(rigged, matchId, cause)!);
  const receipt = await readReceipt(db, journalKeys.matchGrant(matchId, plan.playerId));
  expect(receipt!.recomputed).toBe(false);
  expect(receipt!.differences.map(({ what }) => what)).toEqual(['plan.lines', 'bodyHash', 'transfers']);
  expect(receipt!.differences[0]).toMatchObject({ posted: rigged.lines, recomputed: plan.lines });
});

test('a line that was rewritten, and a body hash that was, are told apart', async () => {
  const matchId = await finished();
  await payMatch(db, matchId, cause);
  const key = journalKeys.matchGrant(matchId, players[0]);
  const differing = async () => (await readReceipt(db, key))!.differences.map(({ what }) => what);
  const raise = (by: number) =>
    rewrite(
      `UPDATE transfers SET amount = amount + ${by} WHERE journal_id = (SELECT id FROM journals WHERE key = $1)`,
      key,
    );
  await raise(1);
  expect(await differing()).toEqual(['transfers']);
  await raise(-1);
  expect(await differing()).toEqual([]);
  await rewrite(`UPDATE journals SET body_hash = '\\x00' WHERE key = $1`, key);
  expect(await differing()).toEqual(['bodyHash']);
});

test('a row that was rewritten after it was sealed is no longer proved, and its neighbours still are', async () => {
  const matchId = await finished();
  await payMatch(db, matchId, cause);
  const verdictOf = async (playerId: string) => {
    const receipt = await readReceipt(db, journalKeys.matchGrant(matchId, playerId));
    const sent = JSON.stringify(receiptView(receipt!, null));
    return verifyReceipt(JSON.parse(sent) as Reply<'readReceipt'>);
  };
  while (!(await verdictOf(players[0])).verified) await sealBlocks(db);
  const key = journalKeys.matchGrant(matchId, players[0]);
  await rewrite(`UPDATE journals SET actor = 'client:somebody' WHERE key = $1`, key);
  expect(await verdictOf(players[0])).toEqual({ verified: false, reason: 'path' });
  expect(await verdictOf(players[1])).toMatchObject({ verified: true });
  await rewrite(`UPDATE journals SET actor = 'system:rewards' WHERE key = $1`, key);
  expect(await verdictOf(players[0])).toMatchObject({ verified: true });
});

/** As somebody with the database's owner's rights, around the triggers. */
async function rewrite(sql: string, key: string): Promise<void> {
  await owner.query('SET session_replication_role = replica');
  await owner.query(sql, [key]);
  await owner.query('RESET session_replication_role');
}

test('a grant that waits in the mailbox is the same grant', async () => {
  const request = {
    clientId: 'game',
    reference: randomUUID(),
    playerId: players[0],
    lines: [{ asset: 'gold', amount: 5n }],
    items: [{ kind: 'iron_sword' }],
  };
  for (const deferred of [true, false]) {
    const reference = `${request.reference}-${deferred}`;
    const grant = apiGrantJournal(
      await currentEconomy(db),
      { ...request, reference, deferred },
      cause,
      sha256,
    );
    expect(await db.transaction((tx) => postGrants(tx, [grant]))).toMatchObject([{ result: 'ok' }]);
    expect(await readReceipt(db, grant.key)).toMatchObject({
      recomputed: true,
      differences: [],
      transfers: [{ creditPurpose: deferred ? 'mailbox' : 'wallet' }],
      event: null,
    });
  }
});

test('the event has a place in Kafka once it was published, and none when it is forgotten', async () => {
  const matchId = await finished();
  await payMatch(db, matchId, cause);
  const key = journalKeys.matchGrant(matchId, players[1]);
  await owner.query(
    `WITH gone AS (DELETE FROM outbox WHERE key = $1 AND type = 'game.match.finished.v1' RETURNING *)
     INSERT INTO event_log (id, topic, type, key, partition, "offset", created_at)
     SELECT id, topic, type, key, 3, 17, created_at FROM gone`,
    [matchId],
  );
  expect((await readReceipt(db, key))!.event).toMatchObject({
    topic: 'game.match',
    partition: 3,
    offset: 17n,
  });
  await owner.query('DELETE FROM event_log');
  expect((await readReceipt(db, key))!.event).toBeNull();
});
