import type { ErrorCode } from '../errors.ts';
import type { Action, ActionAnswer } from './protocol.ts';

/**
 * The match host's internal door: how an action that came over HTTP reaches the process that runs the match. The caller
 * shows a service token for audience `match-host`; the answer comes after the tick is durable.
 */
export const SERVICE_AUDIENCE = 'match-host';
export const doorPaths = {
  actions: <Id extends string>(matchId: Id): `/internal/matches/${Id}/actions` =>
    `/internal/matches/${matchId}/actions`,
  leave: <Id extends string>(matchId: Id): `/internal/matches/${Id}/leave` =>
    `/internal/matches/${matchId}/leave`,
} as const;

export type DoorAction = { playerId: string; id: string; action: Action; seal: boolean };
export type DoorLeave = { playerId: string };

/** Status 200: the answer, whose `status` may be `rejected` with the rule's code. `{ left }` for a leave. */
export type DoorReply = ActionAnswer;
/** Any other status, with the code's own: `host_moving` when the match is not here, `not_found` for a stranger. */
export type DoorFailure = { code: ErrorCode; detail: string };
