import { WithStartWorkflowOperation } from '@temporalio/client';
import { presets } from '../../../domain/arena/config.ts';
import type { MatchConfig } from '../../../domain/arena/types.ts';
import { LootError } from '../../../domain/errors.ts';
import { releaseSeat } from '../../../store/matches/release-seat.ts';
import { reserveSeat } from '../../../store/matches/reserve-seat.ts';
import { join, leaveLobby, matchStart, taskQueues, workflowIds } from '../../../workflows/messages.ts';
import type { JoinReply, MatchInput } from '../../../workflows/messages.ts';
import { callTemporal } from '../../call-temporal.ts';
import type { Services } from '../../deps.ts';
import { refusalOf } from '../../story-errors.ts';

export type JoinRequest = {
  playerId: string;
  mode: string;
  region: string;
  private: boolean;
  code: string | undefined;
};

/** A lobby that closes between reservation and join sends us to the next one; so often in a row only when we are slow. */
const attemptCountMax = 5;

/**
 * Keeps a seat and has the match's story confirm it. A player who sits in a match gets that match. Throws `not_found`,
 * `lobby_full`, `lobby_closed` for a code, and what Temporal's absence means.
 */
export async function joinMatch(
  services: Services,
  request: JoinRequest,
  derivedId: (part?: string) => string,
): Promise<{ matchId: string; joined: boolean }> {
  for (let attempt = 0; attempt < attemptCountMax; attempt += 1) {
    const reservationId = derivedId(attempt === 0 ? undefined : `attempt ${attempt}`);
    const seat = await reserveSeat(services.db, {
      reservationId,
      playerId: request.playerId,
      mode: request.mode,
      region: request.region,
      config: matchConfig(services),
      private: request.private,
      ...(request.code !== undefined && { joinCode: request.code }),
    });
    if (seat.result === 'in_match') return { matchId: seat.matchId, joined: false };
    if (seat.result !== 'reserved') throw new LootError(seat.result, refusals[seat.result]);
    const reply = await confirm(services, seat.matchId, request, reservationId);
    if (reply.joined) return { matchId: seat.matchId, joined: true };
    await releaseSeat(services.db, seat.matchId, request.playerId);
    if (request.code !== undefined) throw new LootError(reply.code, refusals[reply.code]);
  }
  throw new LootError('overloaded', 'Every lobby closed before the seat was confirmed. Try again.', {
    retryAfterMs: 1_000,
  });
}

const refusals = {
  not_found: 'No lobby has this code.',
  lobby_full: 'The lobby with this code is full.',
  lobby_closed: 'The match with this code has started.',
} as const;

async function confirm(
  services: Services,
  matchId: string,
  request: JoinRequest,
  updateId: string,
): Promise<JoinReply> {
  const { temporal } = services;
  const input = matchInput(matchId, request, matchConfig(services));
  const startWorkflowOperation = new WithStartWorkflowOperation('match', {
    ...matchStart(input, request.playerId),
    taskQueue: temporal.taskQueue(taskQueues.match),
  });
  try {
    return await callTemporal(services, ({ workflow }) =>
      workflow.executeUpdateWithStart(join, {
        updateId,
        args: [{ playerId: request.playerId }],
        startWorkflowOperation,
      }),
    );
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal === undefined) throw error;
    return { joined: false, code: refusal === 'lobby_full' ? 'lobby_full' : 'lobby_closed' };
  }
}

const matchInput = (matchId: string, { mode, region }: JoinRequest, config: MatchConfig): MatchInput => ({
  matchId,
  mode,
  region,
  lobbyMs: config.lobbyMs,
  connectMs: config.connectWaitMs,
  matchLimitMs: config.maxTicks * config.tickMs,
});

/** Gives the seat in a lobby back; false when the lobby is no lobby any more. */
export async function leaveMatchLobby(
  services: Services,
  matchId: string,
  playerId: string,
  updateId: string,
): Promise<boolean> {
  try {
    const reply = await callTemporal(services, ({ workflow }) =>
      workflow
        .getHandle(workflowIds.match(matchId))
        .executeUpdate(leaveLobby, { updateId, args: [{ playerId }] }),
    );
    return reply.left;
  } catch (error) {
    if (refusalOf(error) !== undefined) return false;
    throw error;
  }
}

function matchConfig({ config }: Services): MatchConfig {
  const preset = presets[config.MATCH_PRESET];
  return config.MATCH_LOBBY_MS === undefined ? preset : { ...preset, lobbyMs: config.MATCH_LOBBY_MS };
}
