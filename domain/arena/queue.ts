import type { ActionInput, ArenaRejection, Input, LeaveInput, PublicState } from './types.ts';

export const QUEUE_ACTIONS_MAX = 8;

/**
 * What one player has sent and no tick has resolved yet: sealed actions in receipt sequence, then at most one unsealed
 * tail. A hold in flight already counts, so that nobody pays for a stamp whose action would then find no room.
 */
export type ActionQueue = {
  readonly sealed: readonly ActionInput[];
  readonly tail: ActionInput | null;
  readonly holdsInFlightCount: number;
};

export type Refusal = { readonly rejected: 'too_many_actions' };

/** A queue for the start of a match, or, on a new host, for the sealed actions that the last one accepted. */
export const newQueue = (sealed: readonly ActionInput[] = []): ActionQueue => ({
  sealed: bySequence(sealed),
  tail: null,
  holdsInFlightCount: 0,
});

/** Adds an unsealed action in place of the present tail, which is answered `superseded` and never comes back. */
export function putUnsealed(
  queue: ActionQueue,
  input: ActionInput,
): { readonly queue: ActionQueue; readonly superseded: ActionInput | null } | Refusal {
  if (queue.tail === null && isFull(queue)) return { rejected: 'too_many_actions' };
  return { queue: { ...queue, tail: input }, superseded: queue.tail };
}

/** Before a hold is placed: keeps room for the sealed action. Ends in `putSealed` or `releaseRoom`. */
export function reserveRoom(queue: ActionQueue): { readonly queue: ActionQueue } | Refusal {
  if (isFull(queue)) return { rejected: 'too_many_actions' };
  return { queue: { ...queue, holdsInFlightCount: queue.holdsInFlightCount + 1 } };
}

/** The hold was refused: the room is free again. */
export function releaseRoom(queue: ActionQueue): ActionQueue {
  if (queue.holdsInFlightCount === 0) throw new RangeError('no hold is in flight');
  return { ...queue, holdsInFlightCount: queue.holdsInFlightCount - 1 };
}

/** The hold has committed: the sealed action takes its place, ahead of the tail. Nothing can replace it now. */
export function putSealed(queue: ActionQueue, input: ActionInput): ActionQueue {
  return { ...releaseRoom(queue), sealed: bySequence([...queue.sealed, input]) };
}

/** The next tick's inputs: the head of every queue and all who leave, in receipt sequence. */
export function takeTick(
  queues: readonly ActionQueue[],
  leaves: readonly LeaveInput[],
): { readonly queues: readonly ActionQueue[]; readonly inputs: readonly Input[] } {
  const heads = queues.flatMap((queue): readonly Input[] => queued(queue).slice(0, 1));
  return { queues: queues.map(withoutHead), inputs: bySequence([...heads, ...leaves]) };
}

/** After a tick: what can no longer be resolved, because its player died or the match is over, and why. */
export function dropUnresolvable(
  queues: readonly ActionQueue[],
  state: PublicState,
): {
  readonly queues: readonly ActionQueue[];
  readonly dropped: ReadonlyArray<{ readonly input: ActionInput; readonly code: ArenaRejection }>;
} {
  const codes = state.players.map(({ alive }): ArenaRejection | null => {
    if (!alive) return 'player_dead';
    return state.phase.status === 'finished' ? 'match_not_active' : null;
  });
  return {
    queues: queues.map((queue, seat) => (codes[seat] ? { ...queue, sealed: [], tail: null } : queue)),
    dropped: queues.flatMap((queue, seat) => {
      const code = codes[seat];
      return code ? queued(queue).map((input) => ({ input, code })) : [];
    }),
  };
}

const queued = ({ sealed, tail }: ActionQueue): readonly ActionInput[] =>
  tail === null ? sealed : [...sealed, tail];

const isFull = (queue: ActionQueue): boolean =>
  queued(queue).length + queue.holdsInFlightCount >= QUEUE_ACTIONS_MAX;

const withoutHead = (queue: ActionQueue): ActionQueue =>
  queue.sealed.length > 0 ? { ...queue, sealed: queue.sealed.slice(1) } : { ...queue, tail: null };

const bySequence = <I extends Input>(inputs: readonly I[]): readonly I[] =>
  inputs.toSorted((a, b) => a.sequence - b.sequence);
