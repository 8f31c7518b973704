import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Economy } from '../../../domain/economy/types.ts';
import { isLootError } from '../../../domain/errors.ts';
import { apiGrantJournal } from '../../../domain/rewards/grant-journals.ts';
import { currentEconomy } from '../../../store/economy/reads.ts';
import { postGrants } from '../../../store/grants/post-grants.ts';
import { postLines } from '../../../store/imports/post-lines.ts';
import { checkInvariants } from '../../../store/ledger/invariants.ts';
import { createJournalBatcher } from '../../../store/ledger/journal-batcher.ts';
import { postJournals } from '../../../store/ledger/post-journals.ts';
import { claimEntry } from '../../../store/mailbox/claim-entry.ts';
import { expireEntries } from '../../../store/mailbox/expire-entries.ts';
import { findEntry, readMailbox } from '../../../store/mailbox/reads.ts';
import type { MailboxEntry } from '../../../store/mailbox/reads.ts';
import { sha256 } from '../../../store/matches/sha256.ts';
import { createPlayer } from '../../../store/players/create-player.ts';
import { payMatch } from '../../../store/rewards/pay-match.ts';
import { recordExternalResult } from '../../../store/rewards/record-external-result.ts';
import { postSpend } from '../../../store/spends/post-spend.ts';
import { testDatabase } from '../../support/database.ts';
import { applyArena, cause, eventsOf, findings, newPlayer, walletOfPlayer } from '../market/fixtures.ts';

const { db, url } = await testDatabase();
const capped = (walletMax: string, days?: number) => (arena: Economy) => ({
  ...arena,
  assets: { ...arena.assets, gold: { ...arena.assets['gold']!, walletMax } },
  ...(days !== undefined && { mailbox: { expiresAfterDays: days } }),
});
beforeAll(() => applyArena(db, capped('600', 2)));

async function giveDeferred(playerId: string, amount: bigint): Promise<MailboxEntry> {
  const request = {
    clientId: 'game',
    reference: randomUUID(),
    playerId,
    lines: [{ asset: 'gold', amount }],
    deferred: true,
  };
  const journal = apiGrantJournal(await currentEconomy(db), request, cause, sha256);
  await db.transaction((tx) => postGrants(tx, [journal]));
  const [entry] = await readMailbox(db, playerId, { limit: 1 });
  return entry!;
}
/** As the owner: the application cannot rewrite when an entry is over. */
async function expireAt({ entryId }: MailboxEntry, when: string): Promise<void> {
  const { default: pg } = await import('pg');
  const owner = new pg.Client({ connectionString: url });
  await owner.connect();
  await owner.query(`UPDATE mailbox_entries SET expires_at = ${when} WHERE id = $1`, [entryId]);
  await owner.end();
}
const makeOverdue = (entry: MailboxEntry) => expireAt(entry, "now() - interval '1 second'");
const claim = ({ playerId, entryId }: MailboxEntry) => claimEntry(db, { playerId, entryId }, cause);
const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'ok',
    (error: unknown) => (isLootError(error) ? error.code : String(error)),
  );
const goldOf = async (playerId: string) => (await walletOfPlayer(db, playerId)).balance;
const statusOf = async ({ playerId, entryId }: MailboxEntry) =>
  (await findEntry(db, playerId, entryId))?.status;

describe('a match reward beyond the wallet', () => {
  test('waits in the mailbox, and paying again meets it', async () => {
    const [winner, loser] = [await newPlayer(db, 200n), await newPlayer(db)];
    const { matchId } = await recordExternalResult(db, {
      clientId: 'game',
      reference: randomUUID(),
      externalMatchId: randomUUID(),
      mode: 'duel',
      players: [
        { playerId: winner, outcome: 'winner' },
        { playerId: loser, outcome: 'survivor' },
      ],
    });
    const first = await payMatch(db, matchId, cause);
    expect(first.lines.map(({ result }) => result)).toEqual(['ok', 'ok']);
    expect([await goldOf(winner), await goldOf(loser)]).toEqual([200n, 200n]);
    const [entry] = await readMailbox(db, winner, { limit: 9 });
    expect(entry).toMatchObject({ asset: 'gold', amount: 500n, source: 'match.reward', status: 'waiting' });
    expect(await eventsOf(db, winner)).toEqual(['economy.grant.granted.v1', 'economy.mailbox.arrived.v1']);

    const again = await payMatch(db, matchId, cause);
    expect(again.lines.map(({ result }) => result)).toEqual(['exists', 'exists']);
    await claimAfterSpending(entry!, 200n);
    expect((await payMatch(db, matchId, cause)).lines.map(({ result }) => result)).toEqual([
      'exists',
      'exists',
    ]);
    expect(await readMailbox(db, winner, { limit: 9 })).toHaveLength(1);
  });

  async function claimAfterSpending(entry: MailboxEntry, amount: bigint): Promise<void> {
    expect(await codeOf(claim(entry))).toBe('limit_exceeded');
    const batcher = createJournalBatcher({ db });
    const { playerId } = entry;
    const lines = [{ asset: 'gold', amount }];
    await postSpend({ db, batcher }, { clientId: 'game', reference: randomUUID(), playerId, lines }, cause);
    expect(await codeOf(claim(entry))).toBe('ok');
    expect(await goldOf(playerId)).toBe(500n);
  }
});

test('a welcome beyond the wallet waits in the mailbox too', async () => {
  await applyArena(db, capped('50', 2));
  const playerId = randomUUID();
  await db.transaction((tx) => createPlayer(tx, playerId));
  await applyArena(db, capped('600', 2));
  expect(await goldOf(playerId)).toBe(0n);
  expect(await readMailbox(db, playerId, { limit: 9 })).toMatchObject([{ amount: 100n, source: 'welcome' }]);
});

describe('what is more than a wallet holds', () => {
  const spendGold = (playerId: string, amount: bigint) => {
    const lines = [{ asset: 'gold', amount }];
    const request = { clientId: 'game', reference: randomUUID(), playerId, lines };
    return postSpend({ db, batcher: createJournalBatcher({ db }) }, request, cause);
  };

  test('is had in full: of a welcome and an import one entry after the other', async () => {
    await applyArena(db, capped('50', 2));
    const playerId = randomUUID();
    await db.transaction((tx) => createPlayer(tx, playerId));
    const line = { line: 1, player: { id: playerId }, content: { assets: { gold: '1500' }, items: [] } };
    const [imported] = await postLines(db, await currentEconomy(db), randomUUID(), [line], { cause });
    expect(imported).toMatchObject({ status: 'posted' });
    const entries = await readMailbox(db, playerId, { limit: 9 });
    expect(entries.map(({ amount }) => amount)).toEqual([1500n, 100n]);
    for (const entry of entries) {
      expect(await codeOf(claim(entry))).toBe('ok');
      expect(await goldOf(playerId)).toBe(entry.amount);
      await spendGold(playerId, entry.amount);
    }
    await applyArena(db, capped('600', 2));
  });

  test('because the cap came down waits for an empty wallet', async () => {
    const playerId = await newPlayer(db, 200n);
    const entry = await giveDeferred(playerId, 500n);
    await applyArena(db, capped('400', 2));
    await spendGold(playerId, 199n);
    await expect(claim(entry)).rejects.toMatchObject({
      code: 'limit_exceeded',
      message: expect.stringContaining('empty wallet'),
    });
    await spendGold(playerId, 1n);
    expect([await codeOf(claim(entry)), await codeOf(claim(entry))]).toEqual(['ok', 'ok']);
    expect(await goldOf(playerId)).toBe(500n);
    await applyArena(db, capped('600', 2));
  });
});

test('a frozen player claims nothing, and is told again what was claimed before', async () => {
  const playerId = await newPlayer(db);
  const before = await giveDeferred(playerId, 5n);
  expect(await codeOf(claim(before))).toBe('ok');
  const entry = await giveDeferred(playerId, 7n);
  await db.query("UPDATE players SET frozen_at = now(), frozen_reason = 'x' WHERE id = $1", [playerId]);
  expect([await codeOf(claim(entry)), await codeOf(claim(before))]).toEqual(['player_frozen', 'ok']);
  expect([await statusOf(entry), await goldOf(playerId)]).toEqual(['waiting', 5n]);
  await db.query('UPDATE players SET frozen_at = NULL, frozen_reason = NULL WHERE id = $1', [playerId]);
  expect([await codeOf(claim(entry)), await goldOf(playerId)]).toEqual(['ok', 12n]);
});

describe('an entry that is over', () => {
  test('goes back to its source, tells its player, and can no longer be claimed', async () => {
    const playerId = await newPlayer(db);
    const entry = await giveDeferred(playerId, 40n);
    expect(entry.expiresAt!.getTime() - entry.createdAt.getTime()).toBe(2 * 86_400_000);
    expect(await expireEntries(db, 10, cause)).toBe(0);
    await makeOverdue(entry);
    expect(await codeOf(claim(entry))).toBe('mailbox_expired');
    expect(await expireEntries(db, 10, cause)).toBe(1);
    expect(await expireEntries(db, 10, cause)).toBe(0);
    expect([await statusOf(entry), await codeOf(claim(entry)), await goldOf(playerId)]).toEqual([
      'expired',
      'mailbox_expired',
      0n,
    ]);
    expect((await eventsOf(db, playerId)).at(-1)).toBe('economy.mailbox.expired.v1');
    const { rows } = await db.query<{ key: string; code: string }>(
      'SELECT j.key, t.code FROM journals j JOIN transfers t ON t.journal_id = j.id WHERE j.key LIKE $1',
      [`mailbox:${entry.entryId}:%`],
    );
    expect(rows).toEqual([{ key: `mailbox:${entry.entryId}:expire`, code: 'mailbox_expire' }]);
  });

  test('that the ledger does not take back stays, is a finding, and is not to be claimed', async () => {
    const playerId = await newPlayer(db);
    const entry = await giveDeferred(playerId, 40n);
    await makeOverdue(entry);
    const tombstone = { ...cause, key: `mailbox:${entry.entryId}:expire`, kind: 'tombstone' } as const;
    await db.transaction((tx) =>
      postJournals(tx, [{ ...tombstone, transfers: [], movements: [], events: [] }]),
    );
    expect([await expireEntries(db, 10, cause), await statusOf(entry)]).toEqual([0, 'waiting']);
    expect(await findings(db)).toMatchObject([{ rule: 'mailbox_not_returned', subject: entry.entryId }]);
    expect([await codeOf(claim(entry)), await goldOf(playerId)]).toEqual(['mailbox_expired', 0n]);
    await db.query('UPDATE findings SET closed_at = now()');
    await expireAt(entry, 'NULL');
  });

  test('behind a closed valve stays until it opens', async () => {
    const entry = await giveDeferred(await newPlayer(db), 40n);
    await makeOverdue(entry);
    await db.query("UPDATE assets SET frozen = true WHERE code = 'gold'");
    expect([await expireEntries(db, 10, cause), await statusOf(entry)]).toEqual([0, 'waiting']);
    await db.query("UPDATE assets SET frozen = false WHERE code = 'gold'");
    expect([await expireEntries(db, 10, cause), await statusOf(entry)]).toEqual([1, 'expired']);
    expect(await findings(db)).toEqual([]);
  });
});

test('claims and the sweep at the same moment: exactly one of them has it', async () => {
  const entries: MailboxEntry[] = [];
  for (let n = 0; n < 12; n += 1) entries.push(await giveDeferred(await newPlayer(db), 10n));
  const claims: Promise<string>[] = [];
  const sweeps: Promise<number>[] = [];
  for (const entry of entries) {
    claims.push(codeOf(claim(entry)), codeOf(claim(entry)));
    await makeOverdue(entry).catch(() => {});
    sweeps.push(expireEntries(db, 3, cause));
  }
  await Promise.all([...claims, ...sweeps]);
  while ((await expireEntries(db, 100, cause)) > 0);
  for (const entry of entries) {
    const status = await statusOf(entry);
    expect(status).toBeOneOf(['claimed', 'expired']);
    expect([status, await goldOf(entry.playerId)]).toEqual([status, status === 'claimed' ? 10n : 0n]);
  }
});

test('many grants at once to a nearly full wallet fill it to the last and lose nothing', async () => {
  const playerId = await newPlayer(db);
  const published = await currentEconomy(db);
  const grants = Array.from({ length: 20 }, () =>
    apiGrantJournal(
      published,
      { clientId: 'game', reference: randomUUID(), playerId, lines: [{ asset: 'gold', amount: 50n }] },
      cause,
      sha256,
    ),
  );
  await Promise.all(grants.map((journal) => db.transaction((tx) => postGrants(tx, [journal]))));
  expect(await goldOf(playerId)).toBe(600n);
  expect(await readMailbox(db, playerId, { limit: 100 })).toHaveLength(8);
});

test('after all of it the books balance, and mailboxes hold what waits', async () => {
  expect((await checkInvariants(db)).filter(({ ok }) => !ok)).toEqual([]);
  const { rows } = await db.query(
    `SELECT a.holder FROM accounts a WHERE a.purpose = 'mailbox' AND a.credits_posted - a.debits_posted <>
       (SELECT coalesce(sum(m.amount), 0) FROM mailbox_entries m
        WHERE 'player:' || m.player_id = a.holder AND m.asset = a.asset AND m.status = 'waiting')`,
  );
  expect(rows).toEqual([]);
});
