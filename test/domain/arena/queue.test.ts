import { describe, expect, it } from 'vitest';
import {
  type ActionQueue,
  dropUnresolvable,
  newQueue,
  putSealed,
  putUnsealed,
  QUEUE_ACTIONS_MAX,
  releaseRoom,
  reserveRoom,
  takeTick,
} from '../../../domain/arena/queue.ts';
import type { ActionInput } from '../../../domain/arena/types.ts';
import { acts, board, defend, go, leaves, tickOf } from './world.ts';

const plain = (sequence: number, seat = 0): ActionInput => acts(seat, defend, sequence);
const sealed = (sequence: number, seat = 0): ActionInput => ({
  ...plain(sequence, seat),
  sealed: true,
  actionKey: `k${sequence}`,
});

function accepted<T extends object>(outcome: T): Exclude<T, { rejected: unknown }> {
  if ('rejected' in outcome) throw new Error(`rejected: ${String(outcome.rejected)}`);
  return outcome as Exclude<T, { rejected: unknown }>;
}
const put = (queue: ActionQueue, input: ActionInput): ActionQueue =>
  input.sealed
    ? putSealed(accepted(reserveRoom(queue)).queue, input)
    : accepted(putUnsealed(queue, input)).queue;
const queueOf = (...inputs: ActionInput[]): ActionQueue => inputs.reduce(put, newQueue());

/** Sequences in the order in which ticks would resolve them. */
function resolutionOrder(queue: ActionQueue): number[] {
  const { queues, inputs } = takeTick([queue], []);
  return inputs.length === 0 ? [] : [inputs[0]!.sequence, ...resolutionOrder(queues[0]!)];
}

describe('a player’s queue', () => {
  it('replaces the unsealed tail by a later unsealed action, and hands back the superseded one', () => {
    const later = accepted(putUnsealed(queueOf(plain(1)), plain(2)));
    expect(later.superseded).toEqual(plain(1));
    expect(resolutionOrder(later.queue)).toEqual([2]);
  });

  it('supersedes nothing when there is no tail', () => {
    expect(accepted(putUnsealed(queueOf(sealed(1)), plain(2))).superseded).toBeNull();
  });

  it('never replaces a sealed action', () => {
    expect(resolutionOrder(queueOf(sealed(1), sealed(2), plain(3), plain(4)))).toEqual([1, 2, 4]);
  });

  it('gives a sealed action its place when its hold commits, ahead of the tail', () => {
    const waiting = accepted(reserveRoom(queueOf(plain(1)))).queue;
    expect(resolutionOrder(waiting)).toEqual([1]);
    expect(resolutionOrder(putSealed(waiting, sealed(2)))).toEqual([2, 1]);
  });

  it('keeps sealed actions in receipt sequence, also when holds commit in another order', () => {
    expect(resolutionOrder(queueOf(sealed(2), sealed(1), sealed(3)))).toEqual([1, 2, 3]);
  });

  it('holds eight; the ninth is too_many_actions before any hold', () => {
    const full = queueOf(...Array.from({ length: QUEUE_ACTIONS_MAX }, (_, i) => sealed(i)));
    expect(reserveRoom(full)).toEqual({ rejected: 'too_many_actions' });
    expect(putUnsealed(full, plain(9))).toEqual({ rejected: 'too_many_actions' });
  });

  it('counts holds in flight, and frees the room of a refused one', () => {
    let queue = newQueue();
    for (let i = 0; i < QUEUE_ACTIONS_MAX; i++) queue = accepted(reserveRoom(queue)).queue;
    expect(reserveRoom(queue)).toEqual({ rejected: 'too_many_actions' });
    expect(accepted(reserveRoom(releaseRoom(queue))).queue.holdsInFlightCount).toBe(QUEUE_ACTIONS_MAX);
    expect(() => releaseRoom(newQueue())).toThrow(RangeError);
  });

  it('still lets the tail of a full queue be replaced', () => {
    const full = queueOf(plain(0), ...Array.from({ length: QUEUE_ACTIONS_MAX - 1 }, (_, i) => sealed(i + 1)));
    expect(accepted(putUnsealed(full, plain(20))).superseded).toEqual(plain(0));
  });

  it('starts on a new host with the sealed actions that the last one accepted', () => {
    expect(resolutionOrder(newQueue([sealed(5), sealed(3)]))).toEqual([3, 5]);
  });
});

describe('a tick’s inputs', () => {
  it('are one per player and all who leave, by receipt sequence; carried-over ones come first', () => {
    const queues = [queueOf(sealed(1), sealed(2)), queueOf(plain(3, 1)), newQueue()];
    const first = takeTick(queues, [leaves(2, 0)]);
    expect(first.inputs.map(({ seat, sequence }) => [seat, sequence])).toEqual([
      [2, 0],
      [0, 1],
      [1, 3],
    ]);
    const second = takeTick([first.queues[0]!, queueOf(plain(4, 1)), newQueue()], []);
    expect(second.inputs.map(({ seat, sequence }) => [seat, sequence])).toEqual([
      [0, 2],
      [1, 4],
    ]);
  });

  it('use up the player’s tick even when rejected', () => {
    const { queues, inputs } = takeTick(
      [queueOf({ ...sealed(1), action: go('north') }, sealed(2)), newQueue()],
      [],
    );
    expect(tickOf(board([{}, {}]), inputs).results).toMatchObject([{ code: 'blocked' }]);
    expect(resolutionOrder(queues[0]!)).toEqual([2]);
  });
});

describe('what can no longer be resolved', () => {
  it('is handed back as player_dead when its player died', () => {
    const state = tickOf(board([{}, {}, {}]), [leaves(0)]).state;
    const { queues, dropped } = dropUnresolvable(
      [queueOf(sealed(1), plain(2)), queueOf(plain(3, 1)), newQueue()],
      state,
    );
    expect(dropped).toEqual([
      { input: sealed(1), code: 'player_dead' },
      { input: plain(2), code: 'player_dead' },
    ]);
    expect(queues.map(resolutionOrder)).toEqual([[], [3], []]);
  });

  it('is handed back as match_not_active when the match is over', () => {
    const state = tickOf(board([{}, {}]), [leaves(1)]).state;
    const { dropped } = dropUnresolvable([queueOf(sealed(1)), queueOf(plain(2, 1))], state);
    expect(dropped.map(({ code }) => code)).toEqual(['match_not_active', 'player_dead']);
  });

  it('keeps the room of a hold in flight until that hold is answered', () => {
    const state = tickOf(board([{}, {}]), [leaves(0)]).state;
    const { queues } = dropUnresolvable([accepted(reserveRoom(newQueue())).queue, newQueue()], state);
    expect(releaseRoom(queues[0]!).holdsInFlightCount).toBe(0);
  });
});
