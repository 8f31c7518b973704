import { LootError, errorCodes } from '../../../domain/errors.ts';
import { issueTicket } from '../../../store/matches/issue-ticket.ts';
import { readMatch, readMatchesOf, readRecording } from '../../../store/matches/reads.ts';
import { releaseSeat } from '../../../store/matches/release-seat.ts';
import { player, playerOrClient } from '../../auth/policy.ts';
import { defineRoute } from '../../define-route.ts';
import { matchPath } from '../../links.ts';
import { pageOfRows, readPage } from '../../pages.ts';
import { act, leaveHost } from './host-door.ts';
import { joinMatch, leaveMatchLobby } from './lobby.ts';
import {
  ActionBody,
  ActionReply,
  Connection,
  JoinMatch,
  Left,
  Match,
  MatchParams,
  MatchQuery,
  Matches,
  Recording,
} from './schema.ts';
import { matchView, readVisibleMatch } from './view.ts';

const common = { tag: 'matches', auth: player } as const;

const createOrJoin = defineRoute(
  {
    ...common,
    method: 'post',
    path: '/v1/matches',
    operationId: 'joinMatch',
    summary: 'Join a lobby, or open one; a player who is in a match gets that match',
    mutation: 'keyed',
    limit: 'write',
    body: JoinMatch,
    answers: {
      200: { description: 'The match the player is in already', schema: Match },
      201: { description: 'A seat', schema: Match },
    },
    errors: ['lobby_full', 'lobby_closed', 'not_found'],
  },
  async ({ deps, principal, body, derivedId }) => {
    const { matchId, joined } = await joinMatch(
      deps,
      { ...body, code: body.code, playerId: principal.playerId },
      derivedId,
    );
    const match = await readMatch(deps.db, matchId);
    if (match === null) throw new Error(`match ${matchId} has a seat and no row`);
    return {
      status: joined ? 201 : 200,
      body: matchView(deps, principal, match),
      headers: { location: matchPath(matchId) },
    };
  },
);

const list = defineRoute(
  {
    ...common,
    method: 'get',
    path: '/v1/matches',
    operationId: 'listMatches',
    summary: "The player's matches, newest first",
    mutation: false,
    limit: 'read',
    query: MatchQuery,
    answers: { 200: { description: 'A page', schema: Matches } },
    errors: ['bad_cursor'],
  },
  async ({ deps, principal, query }) => {
    const name = `matches ${principal.playerId}`;
    const { after, limit } = await readPage(deps, name, query);
    const rows = await readMatchesOf(deps.db, principal.playerId, {
      limit,
      ...(after?.[0] !== undefined && { after: { id: after[0] } }),
    });
    const body = await pageOfRows(
      deps,
      name,
      rows,
      limit,
      (row) => matchView(deps, principal, row),
      (row) => [row.matchId],
    );
    return { status: 200, body };
  },
);

const read = defineRoute(
  {
    method: 'get',
    path: '/v1/matches/{matchId}',
    operationId: 'readMatch',
    tag: 'matches',
    summary: 'A match and who plays in it',
    auth: playerOrClient('matches:read'),
    mutation: false,
    limit: 'read',
    params: MatchParams,
    answers: { 200: { description: 'The match', schema: Match } },
  },
  async ({ deps, principal, params }) => ({
    status: 200,
    body: matchView(deps, principal, await readVisibleMatch(deps, principal, params.matchId)),
  }),
);

const connection = defineRoute(
  {
    ...common,
    method: 'post',
    path: '/v1/matches/{matchId}/connection',
    operationId: 'connectToMatch',
    summary: "Where the match's socket is, and a ticket that opens it once",
    mutation: 'unkeyed',
    limit: 'write',
    params: MatchParams,
    answers: { 200: { description: 'The present host', schema: Connection } },
    errors: ['match_not_hosted', 'match_over'],
  },
  async ({ deps, principal, params }) => {
    const issued = await issueTicket(deps.db, params.matchId, principal.playerId);
    if (issued.result !== 'issued') {
      throw new LootError(
        issued.result,
        errorCodes[issued.result].title,
        issued.result === 'match_not_hosted' ? { retryAfterMs: 500 } : {},
      );
    }
    const { url, ticket, expiresInMs } = issued;
    return { status: 200, body: { url, ticket, expiresInMs } };
  },
);

const actions = defineRoute(
  {
    ...common,
    method: 'post',
    path: '/v1/matches/{matchId}/actions',
    operationId: 'act',
    summary: 'Act in a running match; answered when the tick is durable',
    mutation: 'delegated',
    limit: 'action',
    params: MatchParams,
    body: ActionBody,
    answers: { 200: { description: 'What it did', schema: ActionReply } },
    errors: [
      'insufficient_stamps',
      'match_not_active',
      'player_dead',
      'blocked',
      'superseded',
      'too_many_actions',
      'host_moving',
      'idempotency_mismatch',
    ],
  },
  async ({ deps, http, principal, params, body: { seal, ...action }, idempotencyKey }) => {
    const match = await readVisibleMatch(deps, principal, params.matchId);
    const answer = await act(deps, match, {
      playerId: principal.playerId,
      actionKey: idempotencyKey,
      action,
      seal,
    });
    const { actionId, tick, type, sealed, stampBalance } = answer;
    const common = {
      actionId,
      ...(tick !== undefined && { tick }),
      type,
      sealed,
      ...(stampBalance !== undefined && { stampBalance }),
    };
    if (answer.replayed === true) http.header('idempotency-replayed', 'true');
    if (answer.status === 'rejected')
      throw new LootError(answer.code, errorCodes[answer.code].title, { extra: common });
    return { status: 200, body: { ...common, result: answer.result } };
  },
);

const leave = defineRoute(
  {
    ...common,
    method: 'post',
    path: '/v1/matches/{matchId}/leave',
    operationId: 'leaveMatch',
    summary: 'Give the seat back in a lobby; in a running match, be eliminated',
    mutation: 'keyed',
    limit: 'write',
    params: MatchParams,
    answers: { 200: { description: 'Gone', schema: Left } },
    errors: ['match_over', 'host_moving'],
  },
  async ({ deps, principal, params, derivedId }) => {
    const match = await readVisibleMatch(deps, principal, params.matchId);
    if (match.status === 'running') await leaveHost(deps, match, principal.playerId);
    else if (match.status === 'lobby') {
      const left = await leaveMatchLobby(deps, match.matchId, principal.playerId, derivedId());
      if (!left) await releaseSeat(deps.db, match.matchId, principal.playerId);
    } else if (match.status === 'starting')
      throw new LootError('host_moving', 'The match is starting; leave when it runs.', { retryAfterMs: 500 });
    else throw new LootError('match_over', `The match is ${match.status}.`);
    return { status: 200, body: { left: true } };
  },
);

const recording = defineRoute(
  {
    method: 'get',
    path: '/v1/matches/{matchId}/recording',
    operationId: 'readRecording',
    tag: 'matches',
    summary: 'Seed, inputs and hashes: enough to play the match again',
    auth: playerOrClient('matches:read'),
    mutation: false,
    limit: 'read',
    params: MatchParams,
    answers: { 200: { description: 'The recording', schema: Recording } },
    errors: ['match_not_finished'],
  },
  async ({ deps, principal, params }) => {
    const match = await readVisibleMatch(deps, principal, params.matchId);
    const found = await readRecording(deps.db, match.matchId);
    if (found === null)
      throw new LootError(
        'match_not_finished',
        `The match is ${match.status}; a recording is published when it has finished.`,
      );
    return { status: 200, body: found };
  },
);

export const matchRoutes = [createOrJoin, list, read, connection, actions, leave, recording];
