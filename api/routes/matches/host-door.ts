import { createHash } from 'node:crypto';
import { SERVICE_AUDIENCE, doorPaths } from '../../../domain/arena/door.ts';
import type { DoorAction, DoorLeave, DoorReply } from '../../../domain/arena/door.ts';
import type { ActionAnswer } from '../../../domain/arena/protocol.ts';
import type { Action } from '../../../domain/arena/types.ts';
import { canonicalBytes } from '../../../domain/canonical-json.ts';
import { LootError } from '../../../domain/errors.ts';
import type { ErrorCode } from '../../../domain/errors.ts';
import { errorCodes } from '../../../domain/errors.ts';
import { signServiceToken } from '../../../platform/service-token.ts';
import { readHostOf, readSealedAction } from '../../../store/matches/reads.ts';
import type { MatchView } from '../../../store/matches/reads.ts';
import type { Services } from '../../deps.ts';

/** A sealed action waits for its tick; a stalled host must not hold the request for ever. */
const doorTimeoutMs = 5_000;

export type PlayerAction = { playerId: string; actionKey: string; action: Action; seal: boolean };

/**
 * Hands an action to the match's host and answers what became of it. After the match a sealed one is answered from its
 * receipt. Throws `host_moving`, `match_not_active`, `idempotency_mismatch`, `outcome_unknown`, or the host's refusal.
 */
export async function act(
  services: Services,
  match: MatchView,
  request: PlayerAction,
): Promise<ActionAnswer> {
  const { playerId, actionKey, action, seal } = request;
  const host = await readHostOf(services.db, match.matchId);
  if (host === null) return answerWithoutHost(services, match, request);
  const body: DoorAction = { playerId, id: actionKey, action, seal };
  return (await knock(
    services,
    new URL(doorPaths.actions(match.matchId), host.internalUrl),
    body,
  )) as DoorReply;
}

/** Takes a player out of a running match. */
export async function leaveHost(services: Services, match: MatchView, playerId: string): Promise<void> {
  const host = await readHostOf(services.db, match.matchId);
  if (host === null) throw moving();
  const body: DoorLeave = { playerId };
  await knock(services, new URL(doorPaths.leave(match.matchId), host.internalUrl), body);
}

async function answerWithoutHost(
  { db }: Services,
  match: MatchView,
  { playerId, actionKey, action, seal }: PlayerAction,
): Promise<ActionAnswer> {
  const record = await readSealedAction(db, match.matchId, playerId, actionKey);
  if (record !== null) {
    if (record.bodyHash !== bodyHashOf(action, seal))
      throw new LootError('idempotency_mismatch', 'This key sealed another action.');
    if (record.outcome !== null) return { ...record.outcome, replayed: true };
  }
  if (match.status === 'running') throw moving();
  throw new LootError('match_not_active', `The match is ${match.status}.`);
}

const moving = (): LootError =>
  new LootError('host_moving', 'The match has no host at this moment.', { retryAfterMs: 1_000 });

const bodyHashOf = (action: Action, seal: boolean): string =>
  createHash('sha256')
    .update(canonicalBytes({ ...action, seal }))
    .digest('hex');

async function knock({ serviceSecret }: Services, url: URL, body: DoorAction | DoorLeave): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${await signServiceToken(await serviceSecret(), SERVICE_AUDIENCE)}`,
      },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(doorTimeoutMs),
    });
  } catch (cause) {
    throw isRefused(cause)
      ? moving()
      : new LootError(
          'outcome_unknown',
          'The host did not answer in time. Send the action again with the same key.',
          { cause },
        );
  }
  const answer: unknown = await response.json().catch(() => ({}));
  if (!response.ok) throw refusalOf(answer);
  return answer;
}

const isRefused = (error: unknown): boolean =>
  error instanceof TypeError &&
  error.cause instanceof Error &&
  'code' in error.cause &&
  error.cause.code === 'ECONNREFUSED';

/** The host speaks in our codes; anything else is a fault. */
function refusalOf(answer: unknown): LootError {
  const { code, detail } = (typeof answer === 'object' && answer !== null ? answer : {}) as {
    code?: unknown;
    detail?: unknown;
  };
  if (typeof code !== 'string' || !Object.hasOwn(errorCodes, code))
    return new LootError('host_moving', 'The host refused us.', { retryAfterMs: 1_000 });
  return new LootError(
    code as ErrorCode,
    typeof detail === 'string' ? detail : errorCodes[code as ErrorCode].title,
  );
}
