import { beforeAll, describe, expect, test } from 'vitest';
import { journalKeys } from '../../../domain/ledger/keys.ts';
import { readJournal } from '../../../store/ledger/reads.ts';
import { commitTicks } from '../../../store/matches/commit-tick.ts';
import { holdSeal } from '../../../store/matches/hold-seal.ts';
import { loadMatch } from '../../../store/matches/load-match.ts';
import { readSealedAction } from '../../../store/matches/reads.ts';
import { voidMatch } from '../../../store/matches/void-match.ts';
import type { AnsweredSeal } from '../../../store/matches/resolve-seals.ts';
import { testDatabase } from '../../support/database.ts';
import { applyArena, eventsOf } from '../market/fixtures.ts';
import { claim, killHost, newHost, newHostedMatch, nextTick, stampsOf, terms } from './fixtures.ts';
import type { Hosted } from './fixtures.ts';

const { db } = await testDatabase();
beforeAll(() => applyArena(db));

const defend = { type: 'defend' } as const;
const request = ({ matchId, hostId, fence, playerIds }: Hosted, actionKey = 'k1', bodyHash = 'hash') => ({
  matchId,
  hostId,
  fence,
  playerId: playerIds[0]!,
  actionKey,
  bodyHash,
  action: defend,
  terms,
});

const seal = ({ matchId, playerIds }: Hosted, status: 'posted' | 'voided'): AnsweredSeal => ({
  matchId,
  playerId: playerIds[0]!,
  actionKey: 'k1',
  status,
  tick: 1,
  actionType: 'defend',
  outcome: status === 'posted' ? 'resolved' : 'blocked',
  answer: {
    id: 'k1',
    actionId: 'k1',
    tick: 1,
    type: 'defend',
    sealed: true,
    status: 'resolved',
    result: { type: 'defended', seat: 0 },
  },
});

const resolveTick = async (hosted: Hosted, status: 'posted' | 'voided') => {
  const { commit } = nextTick(hosted, [
    { kind: 'action', seat: 0, sequence: 1, action: defend, sealed: true, actionKey: 'k1' },
  ]);
  return commitTicks(db, hosted.hostId, [{ ...commit, seals: [seal(hosted, status)] }]);
};

describe('sealing', () => {
  test('a sealed action sent twice, also at once, holds one stamp and debits one', async () => {
    const hosted = await newHostedMatch(db, 5n);
    const results = await Promise.all([
      holdSeal(db, request(hosted)),
      holdSeal(db, request(hosted)),
      holdSeal(db, request(hosted)),
    ]);
    expect(results.map(({ result }) => result).toSorted()).toEqual(['held', 'replayed', 'replayed']);
    expect(await stampsOf(db, hosted.playerIds[0]!)).toEqual({ balance: '5', held: '1' });

    const receipts = await resolveTick(hosted, 'posted');
    expect(receipts.get(hosted.matchId)).toMatchObject({
      answers: [{ id: 'k1', status: 'resolved', stampBalance: '4' }],
    });
    await resolveTick(hosted, 'posted');
    expect(await stampsOf(db, hosted.playerIds[0]!)).toEqual({ balance: '4', held: '0' });
    expect(await eventsOf(db, hosted.playerIds[0]!)).toEqual([
      'game.player.joined.v1',
      'game.player.action-sealed.v1',
    ]);

    const again = await holdSeal(db, request(hosted));
    expect(again).toMatchObject({
      result: 'replayed',
      record: { status: 'posted', tick: 1, outcome: { stampBalance: '4' } },
    });
  });

  test('the same key with another body is refused and costs nothing more', async () => {
    const hosted = await newHostedMatch(db, 5n);
    await holdSeal(db, request(hosted));
    expect(await holdSeal(db, request(hosted, 'k1', 'another'))).toEqual({ result: 'idempotency_mismatch' });
    expect(await stampsOf(db, hosted.playerIds[0]!)).toEqual({ balance: '5', held: '1' });
  });

  test('a player without a stamp is told so, nothing is kept, and the key stays free', async () => {
    const poor = await newHostedMatch(db);
    expect(await holdSeal(db, request(poor))).toEqual({ result: 'insufficient_stamps' });
    const last = await newHostedMatch(db, 1n);
    expect(await holdSeal(db, request(last, 'k1'))).toEqual({ result: 'held' });
    expect(await holdSeal(db, request(last, 'k2'))).toEqual({ result: 'insufficient_stamps' });
    expect(await readSealedAction(db, last.matchId, last.playerIds[0]!, 'k2')).toBeNull();
  });

  test('behind a closed valve none is taken and nothing is kept, one that is held is still posted', async () => {
    const hosted = await newHostedMatch(db, 5n);
    await holdSeal(db, request(hosted));
    await db.query(
      `INSERT INTO valves (scope, id, reason, closed_by) VALUES ('asset', 'stamp', 'test', 'test')`,
    );
    try {
      expect(await holdSeal(db, request(hosted, 'k2'))).toMatchObject({
        result: 'refused',
        reason: 'frozen',
      });
      expect(await readSealedAction(db, hosted.matchId, hosted.playerIds[0]!, 'k2')).toBeNull();
      await resolveTick(hosted, 'posted');
      expect(await stampsOf(db, hosted.playerIds[0]!)).toEqual({ balance: '4', held: '0' });
    } finally {
      await db.query('DELETE FROM valves');
    }
    expect(await holdSeal(db, request(hosted, 'k2'))).toMatchObject({ result: 'held' });
  });

  test('a zombie host cannot accept one: no row, no hold', async () => {
    const hosted = await newHostedMatch(db, 5n);
    await killHost(db, hosted.hostId);
    await claim(db, hosted.matchId, await newHost(db));
    expect(await holdSeal(db, request(hosted))).toEqual({ result: 'fenced' });
    expect(await stampsOf(db, hosted.playerIds[0]!)).toEqual({ balance: '5', held: '0' });
  });

  test('a frozen player spends nothing', async () => {
    const hosted = await newHostedMatch(db, 5n);
    await db.query(
      `INSERT INTO players (id, frozen_at) VALUES ($1, now()) ON CONFLICT (id) DO UPDATE SET frozen_at = now()`,
      [hosted.playerIds[0]],
    );
    expect(await holdSeal(db, request(hosted))).toEqual({ result: 'refused', reason: 'frozen' });
    expect(await stampsOf(db, hosted.playerIds[0]!)).toEqual({ balance: '5', held: '0' });
  });

  test('nor does the same host under an older claim, not even while the new one is being drawn', async () => {
    const hosted = await newHostedMatch(db, 5n);
    const { holding } = await db.transaction(async (tx) => {
      await tx.query('UPDATE matches SET fence = fence + 1 WHERE id = $1', [hosted.matchId]);
      const held = holdSeal(db, request(hosted));
      await new Promise((resolve) => setTimeout(resolve, 200));
      return { holding: held };
    });
    expect(await holding).toEqual({ result: 'fenced' });
    expect(await stampsOf(db, hosted.playerIds[0]!)).toEqual({ balance: '5', held: '0' });
  });

  test('what one host accepted, the next one owes', async () => {
    const hosted = await newHostedMatch(db, 5n);
    await holdSeal(db, request(hosted));
    await killHost(db, hosted.hostId);
    const hostId = await newHost(db);
    const fence = await claim(db, hosted.matchId, hostId);
    const loaded = await loadMatch(db, { matchId: hosted.matchId, hostId, fence });
    expect(loaded?.sealed).toMatchObject([
      { playerId: hosted.playerIds[0], actionKey: 'k1', action: defend, outcome: null },
    ]);
    expect(loaded?.sealTerms).toEqual(terms);
  });

  test('an action the rules refuse gives its stamp back', async () => {
    const hosted = await newHostedMatch(db, 5n);
    await holdSeal(db, request(hosted));
    const receipts = await resolveTick(hosted, 'voided');
    expect(receipts.get(hosted.matchId)).toMatchObject({ answers: [{ stampBalance: '5' }] });
    expect(await stampsOf(db, hosted.playerIds[0]!)).toEqual({ balance: '5', held: '0' });
    const journal = await readJournal(
      db,
      journalKeys.seal(hosted.matchId, hosted.playerIds[0]!, 'k1', 'void'),
    );
    expect(journal).not.toBeNull();
  });

  test('voiding a match gives back what no tick has resolved, once', async () => {
    const hosted = await newHostedMatch(db, 5n);
    await holdSeal(db, request(hosted));
    expect(await voidMatch(db, hosted.matchId, 'too_many_host_losses')).toEqual({ voided: true });
    expect(await voidMatch(db, hosted.matchId, 'too_many_host_losses')).toEqual({ voided: false });
    expect(await stampsOf(db, hosted.playerIds[0]!)).toEqual({ balance: '5', held: '0' });
    const record = await readSealedAction(db, hosted.matchId, hosted.playerIds[0]!, 'k1');
    expect(record).toMatchObject({
      status: 'voided',
      outcome: { status: 'rejected', code: 'match_not_active' },
    });
    expect(await holdSeal(db, request(hosted, 'k2'))).toEqual({ result: 'fenced' });
    expect((await eventsOf(db, hosted.matchId)).at(-1)).toBe('game.match.voided.v1');
  });
});
