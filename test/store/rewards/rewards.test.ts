import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { journalKeys } from '../../../domain/ledger/keys.ts';
import { postJournals } from '../../../store/ledger/post-journals.ts';
import { readItems } from '../../../store/ledger/reads.ts';
import { readGrant } from '../../../store/rewards/plans.ts';
import { payMatch } from '../../../store/rewards/pay-match.ts';
import { recordExternalResult } from '../../../store/rewards/record-external-result.ts';
import type { ExternalResult } from '../../../store/rewards/record-external-result.ts';
import { withholdMatch } from '../../../store/rewards/withhold-match.ts';
import { recordVerdict } from '../../../store/verdicts/record-verdict.ts';
import { testDatabase } from '../../support/database.ts';
import {
  applyArena,
  cause,
  eventsOf,
  findings,
  newPlayer,
  rejectionOf,
  walletOfPlayer,
} from '../market/fixtures.ts';

const { db } = await testDatabase();
beforeAll(() => applyArena(db));

/** A brought-in duel: the winner gets 500 + 240 gold and a sword, the loser nothing. */
async function duel(change: Partial<ExternalResult> = {}, resources = 240n) {
  const [winnerId, loserId] = [await newPlayer(db), await newPlayer(db)];
  const result: ExternalResult = {
    clientId: 'studio',
    reference: randomUUID(),
    externalMatchId: randomUUID(),
    mode: 'duel',
    players: [
      { playerId: winnerId, outcome: 'winner', resources },
      { playerId: loserId, outcome: 'eliminated' },
    ],
    ...change,
  };
  const { matchId } = await recordExternalResult(db, result);
  return { matchId, winnerId, loserId, result };
}

const pay = (matchId: string) => payMatch(db, matchId, cause);
const verdict = (matchId: string, decision: 'cleared' | 'rejected') =>
  db.transaction((tx) =>
    recordVerdict(tx, { subject: `match:${matchId}`, decision, reason: 'because', source: 'test' }),
  );

describe('a brought-in result', () => {
  test('is a finished match with pinned plans and the event of every match', async () => {
    const { matchId, winnerId } = await duel();
    expect(await readGrant(db, matchId)).toMatchObject({
      mode: 'duel',
      reviewRequired: false,
      verdict: null,
    });
    const plan = (await readGrant(db, matchId))!.plans[0]!;
    expect(plan).toMatchObject({
      playerId: winnerId,
      input: { resources: '240' },
      lines: [
        { asset: 'gold', amount: '740' },
        { asset: 'stamp', amount: '3' },
      ],
    });
    expect(plan.items).toHaveLength(1);
    expect(await eventsOf(db, matchId)).toEqual(['game.match.finished.v1']);
  });

  test('reported again, also at the same time, is the same match with the same rolls', async () => {
    const { result, matchId } = await duel();
    const again = await Promise.all([recordExternalResult(db, result), recordExternalResult(db, result)]);
    expect(again.map((answer) => [answer.matchId, answer.replayed])).toEqual([
      [matchId, true],
      [matchId, true],
    ]);
    expect(await eventsOf(db, matchId)).toHaveLength(1);
  });

  test('reported otherwise under the same match id or the same reference is refused', async () => {
    const { result } = await duel();
    const other = { ...result, mode: 'ranked' };
    expect(await rejectionOf(recordExternalResult(db, other))).toBe('exists_with_different_body');
    const moved = { ...result, externalMatchId: randomUUID() };
    expect(await rejectionOf(recordExternalResult(db, moved))).toBe('exists_with_different_body');
  });

  test('of another client is another match, though its ids are the same', async () => {
    const { result, matchId } = await duel();
    const other = await recordExternalResult(db, { ...result, clientId: 'another' });
    expect(other.matchId).not.toBe(matchId);
  });

  test('that would pay more than an amount can be is refused and leaves nothing', async () => {
    const most = 2n ** 63n - 1n;
    const [playerId, externalMatchId] = [await newPlayer(db), randomUUID()];
    const report = (resources: bigint) =>
      duel({ externalMatchId, players: [{ playerId, outcome: 'winner', resources }] });
    expect(await rejectionOf(report(most - 499n))).toBe('overflow');
    const { matchId } = await report(most - 500n);
    expect((await pay(matchId)).lines).toMatchObject([{ result: 'ok' }]);
    expect((await walletOfPlayer(db, playerId)).balance).toBe(most);
  });
});

describe('paying', () => {
  test('posts every non-empty plan once and lists the empty one', async () => {
    const { matchId, winnerId, loserId } = await duel();
    const first = await pay(matchId);
    expect(first).toMatchObject({
      status: 'paid',
      lines: [
        { playerId: winnerId, result: 'ok' },
        { playerId: loserId, result: 'empty' },
      ],
    });
    const again = await Promise.all([pay(matchId), pay(matchId)]);
    expect(again.map(({ lines }) => lines[0]!.result)).toEqual(['exists', 'exists']);
    expect((await walletOfPlayer(db, winnerId)).balance).toBe(740n);
    expect(await readItems(db, winnerId, { limit: 10 })).toHaveLength(1);
    expect(await eventsOf(db, winnerId)).toEqual(['economy.grant.granted.v1']);
  });

  test('waits behind a closed valve, and pays when it opens', async () => {
    const { matchId, winnerId } = await duel();
    await db.query(
      "INSERT INTO valves (scope, id, reason, closed_by) VALUES ('channel', 'grants', 'test', 'test')",
    );
    expect(await pay(matchId)).toMatchObject({
      status: 'waiting',
      reason: 'The valve channel:grants is closed.',
    });
    expect((await walletOfPlayer(db, winnerId)).balance).toBe(0n);
    await db.query('DELETE FROM valves');
    expect((await pay(matchId)).status).toBe('paid');
    expect((await walletOfPlayer(db, winnerId)).balance).toBe(740n);
  });

  test('makes a finding of a line the ledger refuses, pays the others, and leaves the match open', async () => {
    const [first, second] = [await newPlayer(db), await newPlayer(db)];
    const { matchId } = await duel({
      players: [
        { playerId: first, outcome: 'winner' },
        { playerId: second, outcome: 'winner' },
      ],
    });
    // a journal with another body stands under the first player's key
    const key = journalKeys.matchGrant(matchId, first);
    await db.transaction((tx) =>
      postJournals(tx, [{ ...cause, key, kind: 'grant', transfers: [], movements: [], events: [] }]),
    );
    const payment = await pay(matchId);
    expect(payment).toMatchObject({
      status: 'paid',
      lines: [{ result: 'exists_with_different_body' }, { result: 'ok' }],
    });
    expect(await findings(db)).toContainEqual({ rule: 'reward_refused', subject: key });
    const { rows } = await db.query('SELECT reward_status FROM matches WHERE id = $1', [matchId]);
    expect(rows).toEqual([{ reward_status: null }]);
  });
});

describe("a source's daily cap", () => {
  const cap = (amount: bigint) =>
    db.query(
      "INSERT INTO flow_caps (role, side, asset, amount_per_day) VALUES ('match.reward', 'source', 'gold', $1)",
      [amount],
    );
  const uncap = () => db.query('DELETE FROM flow_caps');

  test('has a reward wait for another day', async () => {
    await cap(1_000n);
    // should midnight come in between, tomorrow is as used up
    await db.query(
      `INSERT INTO flow_days (role, side, asset, day, amount)
       SELECT 'match.reward', 'source', 'gold', (now() AT TIME ZONE 'UTC')::date + n, 300 FROM generate_series(0, 1) n
       ON CONFLICT DO NOTHING`,
    );
    const { matchId, winnerId } = await duel();
    expect(await pay(matchId)).toMatchObject({ status: 'waiting' });
    await uncap();
    expect((await pay(matchId)).status).toBe('paid');
    expect((await walletOfPlayer(db, winnerId)).balance).toBe(740n);
  });

  test('that is less than one reward has it looked at by people, and it can still be paid', async () => {
    await cap(739n);
    const { matchId, winnerId } = await duel();
    expect(await pay(matchId)).toMatchObject({ status: 'paid', lines: [{ result: 'limit_exceeded' }, {}] });
    const subject = journalKeys.matchGrant(matchId, winnerId);
    expect(await findings(db)).toContainEqual({ rule: 'reward_refused', subject });
    await uncap();
    expect(await pay(matchId)).toMatchObject({ status: 'paid', lines: [{ result: 'ok' }, {}] });
    expect((await walletOfPlayer(db, winnerId)).balance).toBe(740n);
  });
});

describe('verdicts', () => {
  test('a rejection before the payment withholds it, with one event per player it concerns', async () => {
    const { matchId, winnerId, loserId } = await duel();
    await verdict(matchId, 'rejected');
    expect(await pay(matchId)).toMatchObject({
      status: 'withheld',
      lines: [{ result: 'withheld' }, { result: 'empty' }],
    });
    await withholdMatch(db, matchId, 'again');
    expect(await eventsOf(db, winnerId)).toEqual(['economy.grant.withheld.v1']);
    expect(await eventsOf(db, loserId)).toEqual([]);
    expect((await walletOfPlayer(db, winnerId)).balance).toBe(0n);
  });

  test('a rejection after the payment changes no wallet: it is a finding that proposes a clawback', async () => {
    const { matchId, winnerId } = await duel();
    await pay(matchId);
    await verdict(matchId, 'rejected');
    expect(await withholdMatch(db, matchId, 'late')).toMatchObject({
      status: 'paid',
      lines: [{ result: 'exists' }, { result: 'empty' }],
    });
    expect((await walletOfPlayer(db, winnerId)).balance).toBe(740n);
    expect(await findings(db)).toContainEqual({
      rule: 'rejected_after_payment',
      subject: `match:${matchId}`,
    });
  });

  test('the first verdict stands; a contrary one is a finding', async () => {
    const { matchId } = await duel();
    expect((await verdict(matchId, 'cleared')).decision).toBe('cleared');
    expect((await verdict(matchId, 'rejected')).decision).toBe('cleared');
    expect(await findings(db)).toContainEqual({ rule: 'verdict_contradicted', subject: `match:${matchId}` });
    expect((await pay(matchId)).status).toBe('paid');
  });

  test('beside a payment comes before it or after it: never both paid and withheld', async () => {
    for (let round = 0; round < 6; round++) {
      const { matchId, winnerId } = await duel();
      const [payment] = await Promise.all([pay(matchId), verdict(matchId, 'rejected')]);
      const { balance } = await walletOfPlayer(db, winnerId);
      expect(balance).toBe(payment.status === 'paid' ? 740n : 0n);
      const found = (await findings(db)).some(
        ({ rule, subject }) => rule === 'rejected_after_payment' && subject === `match:${matchId}`,
      );
      expect(found).toBe(payment.status === 'paid');
    }
  });

  test('waits for a settlement in flight, and so hears of the payment behind it', async () => {
    const { matchId } = await duel();
    await db.query("UPDATE matches SET status = 'running' WHERE id = $1", [matchId]);
    let rejection: Promise<unknown> | undefined;
    await db.transaction(async (tx) => {
      await tx.query("UPDATE matches SET status = 'finished' WHERE id = $1", [matchId]);
      await payMatch({ ...db, transaction: (work) => work(tx) }, matchId, cause);
      rejection = verdict(matchId, 'rejected');
      await setTimeout(100);
    });
    await rejection;
    expect(await findings(db)).toContainEqual({
      rule: 'rejected_after_payment',
      subject: `match:${matchId}`,
    });
  });
});

test('a plan above the limit of the economy asks for a review', async () => {
  const { matchId } = await duel({}, 1_000_000n);
  expect(await readGrant(db, matchId)).toMatchObject({ reviewRequired: true });
});
