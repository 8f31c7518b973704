import type { ActionAnswer } from '../domain/arena/protocol.ts';
import type { ActionInput, ActionResult } from '../domain/arena/types.ts';
import type { ErrorCode } from '../domain/errors.ts';

const head = (input: ActionInput) => ({
  ...(input.actionKey !== undefined && { id: input.actionKey }),
  // Without a key of the client's own, the receipt sequence names it within the match.
  actionId: input.actionKey ?? `${input.seat}-${input.sequence}`,
  type: input.action.type,
  sealed: input.sealed,
});

/** A refusal that no tick has judged. */
export const rejection = (input: ActionInput, code: ErrorCode): ActionAnswer => ({
  ...head(input),
  status: 'rejected',
  code,
});

export const judged = (input: ActionInput, result: ActionResult, tick: number): ActionAnswer => ({
  ...head(input),
  tick,
  ...(result.status === 'resolved'
    ? { status: 'resolved', result: result.effect }
    : { status: 'rejected', code: result.code }),
});
