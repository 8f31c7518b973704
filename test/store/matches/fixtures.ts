import { randomUUID } from 'node:crypto';
import { shortMatch } from '../../../domain/arena/config.ts';
import { resolveTick } from '../../../domain/arena/resolve-tick.ts';
import { stateHash } from '../../../domain/arena/state-hash.ts';
import type { Action, Input, MatchConfig, MatchState } from '../../../domain/arena/types.ts';
import { sourceOf, walletOf } from '../../../domain/ledger/accounts.ts';
import type { Db } from '../../../store/db.ts';
import { postJournals } from '../../../store/ledger/post-journals.ts';
import { readBalances } from '../../../store/ledger/reads.ts';
import { claimHost } from '../../../store/matches/claim-host.ts';
import { closeLobby } from '../../../store/matches/close-lobby.ts';
import type { TickCommit } from '../../../store/matches/commit-tick.ts';
import { confirmSeat } from '../../../store/matches/confirm-seat.ts';
import { drawSeed } from '../../../store/matches/draw-seed.ts';
import { loadMatch } from '../../../store/matches/load-match.ts';
import { lockLoadouts } from '../../../store/matches/lock-loadouts.ts';
import { registerHost } from '../../../store/matches/register-host.ts';
import { reserveSeat } from '../../../store/matches/reserve-seat.ts';
import { sha256 } from '../../../store/matches/sha256.ts';
import { newPlayer } from '../market/fixtures.ts';

export const seat = (playerId: string, mode: string, more: object = {}) => ({
  reservationId: randomUUID(),
  playerId,
  mode,
  region: 'eu',
  config: shortMatch,
  ...more,
});

export async function newFighter(db: Db, stampCount = 0n): Promise<string> {
  const playerId = await newPlayer(db);
  if (stampCount === 0n) return playerId;
  await db.transaction((tx) =>
    postJournals(tx, [
      {
        key: `test:${randomUUID()}`,
        kind: 'grant',
        actor: 'system:test',
        transfers: [
          {
            state: 'posted',
            debit: sourceOf('api.grant', 'stamp'),
            credit: walletOf(playerId, 'stamp'),
            amount: stampCount,
            code: 'grant',
          },
        ],
        movements: [],
        events: [],
      },
    ]),
  );
  return playerId;
}

/** A lobby of these players in a mode of its own, confirmed in this order. */
export async function newLobby(
  db: Db,
  playerIds: readonly string[],
  config: MatchConfig = shortMatch,
): Promise<string> {
  const mode = randomUUID();
  let matchId = '';
  for (const playerId of playerIds) {
    const reservation = await reserveSeat(db, seat(playerId, mode, { config }));
    if (reservation.result !== 'reserved') throw new Error(reservation.result);
    ({ matchId } = reservation);
    await confirmSeat(db, matchId, playerId);
  }
  return matchId;
}

/** A match that has started and waits for a host. */
export async function newMatch(db: Db, playerIds: readonly string[], config?: MatchConfig): Promise<string> {
  const matchId = await newLobby(db, playerIds, config);
  await closeLobby(db, matchId);
  await drawSeed(db, matchId);
  await lockLoadouts(db, matchId);
  return matchId;
}

export async function newHost(db: Db, capacity = 10, leaseMs = 60_000): Promise<string> {
  const hostId = randomUUID();
  const urls = { publicUrl: `ws://${hostId}`, internalUrl: `http://${hostId}` };
  await registerHost(db, { hostId, capacity, ...urls }, leaseMs);
  return hostId;
}

/** The host's lease runs out, as after its death. */
export const killHost = (db: Db, hostId: string) =>
  db.query(`UPDATE match_hosts SET lease_until = clock_timestamp() WHERE id = $1`, [hostId]);

export async function claim(db: Db, matchId: string, hostId: string): Promise<number> {
  const claimed = await claimHost(db, { matchId, candidateId: hostId, lossCount: 0 });
  if (claimed.result !== 'claimed') throw new Error(claimed.result);
  return claimed.fence;
}

export type Hosted = {
  matchId: string;
  hostId: string;
  fence: number;
  playerIds: string[];
  state: MatchState;
};

export async function newHostedMatch(db: Db, stampCount = 0n, config?: MatchConfig): Promise<Hosted> {
  const playerIds = [await newFighter(db, stampCount), await newFighter(db, stampCount)];
  return hostedMatch(db, playerIds, config);
}

export async function hostedMatch(db: Db, playerIds: string[], config?: MatchConfig): Promise<Hosted> {
  const matchId = await newMatch(db, playerIds, config);
  const hostId = await newHost(db);
  const fence = await claim(db, matchId, hostId);
  const loaded = await loadMatch(db, { matchId, hostId, fence });
  if (loaded === null) throw new Error('not loaded');
  return { matchId, hostId, fence, playerIds, state: loaded.state };
}

export const terms = { asset: 'stamp', amount: 1n };

/** The next tick with these inputs, as a host would commit it, and the state after it. */
export function nextTick(
  { matchId, fence, state }: Hosted,
  inputs: readonly Input[] = [],
): { commit: TickCommit; state: MatchState } {
  const outcome = resolveTick(state, inputs, sha256);
  const isFinished = outcome.state.phase.status === 'finished';
  return {
    state: outcome.state,
    commit: {
      matchId,
      fence,
      tick: outcome.state.tick,
      inputs,
      results: outcome.results,
      stateHash: stateHash(outcome.state, sha256),
      snapshot: isFinished ? outcome.state : null,
      seals: [],
      terms,
      events: [],
    },
  };
}

export const input = (seatNumber: number, sequence: number, action: Action): Input => ({
  kind: 'action',
  seat: seatNumber,
  sequence,
  action,
  sealed: false,
});

export async function stampsOf(db: Db, playerId: string): Promise<{ balance: string; held: string }> {
  const stamps = (await readBalances(db, playerId)).find(({ asset }) => asset === 'stamp');
  return { balance: String(stamps?.balance ?? 0n), held: String(stamps?.held ?? 0n) };
}
