import { randomUUID } from 'node:crypto';
import { createClawbackActivities } from '../../activities/clawback/clawback-activities.ts';
import { createLog } from '../../platform/log.ts';
import { claimKey } from '../../store/idempotency/claim-key.ts';
import { openDb } from '../../store/db.ts';
import { approveClawback } from '../../store/clawbacks/decide-clawback.ts';
import { expireHolds } from '../../store/ledger/expire-holds.ts';
import { expireListings } from '../../store/listings/expire-listings.ts';
import { checkInvariants } from '../../store/ledger/invariants.ts';
import { readBalances } from '../../store/ledger/reads.ts';
import { claimHost } from '../../store/matches/claim-host.ts';
import { commitTicks } from '../../store/matches/commit-tick.ts';
import { issueTicket } from '../../store/matches/issue-ticket.ts';
import { redeemTicket } from '../../store/matches/redeem-ticket.ts';
import { payMatch } from '../../store/rewards/pay-match.ts';
import { recordExternalResult } from '../../store/rewards/record-external-result.ts';
import { holdPrice } from '../../store/trades/hold-price.ts';
import { moveLock } from '../../store/trades/move-lock.ts';
import { settleTrade } from '../../store/trades/settle-trade.ts';
import { badTable, examined } from '../store/clawbacks/fixtures.ts';
import { hold, journal, pay, post, resolve } from '../store/ledger/fixtures.ts';
import { applyArena, cause, newListing, newPlayer, newTrade, rejectionOf } from '../store/market/fixtures.ts';
import { newHost, newHostedMatch, nextTick } from '../store/matches/fixtures.ts';

/**
 * A process whose clock may be wrong does with money and matches what has to do with time: half an hour is left of each
 * limit, or it is half an hour past. Says on its output what came of it, which must not depend on its clock.
 */
const db = openDb({ url: process.argv[2] ?? '', connectionCountMax: 5, applicationName: 'clock-story' });
const halfHourMs = 30 * 60_000;
await applyArena(db);

async function holds() {
  const [giver, taker] = [await newPlayer(db, 100n), await newPlayer(db)];
  const held = async (ttlMs: number) => {
    const one = journal({ transfers: [hold(giver, taker, 10n, ttlMs)] });
    await post(db, one);
    return one.key;
  };
  const taken = async (key: string) =>
    (await post(db, journal({ transfers: [resolve('post', key)] }))).result;
  const posted = [await taken(await held(halfHourMs)), await taken(await held(-halfHourMs))];
  await held(halfHourMs);
  await held(-halfHourMs);
  const sweptCount = await expireHolds(db);
  const [gold] = await readBalances(db, giver);
  return { posted, sweptCount, balance: String(gold?.balance), held: String(gold?.held) };
}

async function caps() {
  await db.query(
    `INSERT INTO flow_caps (role, side, asset, amount_per_day) VALUES ('api.grant', 'source', 'stamp', 5)`,
  );
  await db.query(
    `INSERT INTO flow_days (role, side, asset, day, amount)
     SELECT 'api.grant', 'source', 'stamp', (now() AT TIME ZONE 'UTC')::date + n, 5 FROM unnest(ARRAY[-1, 1]) n`,
  );
  const player = await newPlayer(db);
  const stamps = async () => (await post(db, journal({ transfers: [pay(player, 3n, 'stamp')] }))).result;
  return [await stamps(), await stamps()];
}

async function market() {
  const [open, over] = [await newListing(db, 800n, halfHourMs), await newListing(db, 800n, halfHourMs)];
  await db.query(`UPDATE listings SET expires_at = expires_at - interval '1 hour' WHERE id = $1`, [
    over.listing.listingId,
  ]);
  const tooLate = await rejectionOf(newTrade(db, over));
  const sweptCount = await expireListings(db, 10, cause);
  const { tradeId, buyerId } = await newTrade(db, open);
  await holdPrice(db, { tradeId, holdTtlMs: halfHourMs }, cause);
  await moveLock(db, tradeId, cause);
  const { trade } = await settleTrade(db, tradeId, cause);
  const [gold] = await readBalances(db, buyerId);
  return { tooLate, sweptCount, state: trade.state, buyerGold: String(gold?.balance) };
}

async function matches() {
  const hosted = await newHostedMatch(db, 1n);
  const { matchId, hostId } = hosted;
  await db.query(`UPDATE match_hosts SET lease_until = clock_timestamp() + interval '30 minutes'`);
  const candidateId = await newHost(db);
  const kept = await claimHost(db, { matchId, candidateId, lossCount: 0 });
  const isKept = kept.result === 'claimed' && kept.hostId === hostId;
  const fence = kept.result === 'claimed' ? kept.fence : 0;
  const receipts = await commitTicks(db, hostId, [nextTick({ ...hosted, fence }).commit]);
  const issued = await issueTicket(db, matchId, hosted.playerIds[0] ?? '');
  const redeemed = issued.result === 'issued' && (await redeemTicket(db, issued.ticket)) !== null;
  await db.query(
    `UPDATE match_hosts SET lease_until = clock_timestamp() - interval '30 minutes' WHERE id = $1`,
    [hostId],
  );
  const moved = await claimHost(db, { matchId, candidateId, lossCount: 1 });
  return {
    isKept,
    tick: receipts.get(matchId)?.result,
    redeemed,
    isMoved: moved.result === 'claimed' && moved.hostId === candidateId,
  };
}

async function rewards() {
  const player = await newPlayer(db);
  const { matchId } = await recordExternalResult(
    db,
    {
      clientId: 'clock',
      reference: randomUUID(),
      externalMatchId: randomUUID(),
      mode: 'duel',
      players: [{ playerId: player, outcome: 'winner', resources: 3n }],
    },
    { drawSeed: () => Buffer.alloc(32, 7) },
  );
  const { status } = await payMatch(db, matchId, cause);
  const [gold] = await readBalances(db, player);
  return { status, gold: String(gold?.balance) };
}

async function clawback() {
  await badTable(db, { count: 2, table: 'clock_chest' });
  const { clawbackId, reportHash } = await examined(db, { table: 'clock_chest' });
  await db.query(
    `UPDATE clawbacks SET expires_at = clock_timestamp() + interval '30 minutes' WHERE id = $1`,
    [clawbackId],
  );
  const activities = createClawbackActivities({ db, log: createLog('test', 'silent'), crash: () => {} });
  const { leftMs } = await activities.readClawback({ clawbackId });
  const approved = await approveClawback(db, {
    clawbackId,
    actor: 'client:ops',
    reportHash: reportHash ?? '',
  });
  return { leftMinutes: Math.ceil(leftMs / 60_000), state: approved.state };
}

async function idempotency() {
  const key = { scope: 'clock', key: 'one', bodyHash: 'x' };
  return [(await claimKey(db, key)).state, (await claimKey(db, key)).state];
}

const story = {
  holds: await holds(),
  caps: await caps(),
  market: await market(),
  matches: await matches(),
  rewards: await rewards(),
  clawback: await clawback(),
  idempotency: await idempotency(),
  broken: (await checkInvariants(db)).filter(({ ok }) => !ok).map(({ rule, detail }) => `${rule}: ${detail}`),
};
process.stdout.write(JSON.stringify({ believes: Date.now(), story }));
await db.close();
