import type { ActionAnswer } from '../domain/arena/protocol.ts';
import {
  dropUnresolvable,
  newQueue,
  putSealed,
  putUnsealed,
  releaseRoom,
  reserveRoom,
  takeTick,
} from '../domain/arena/queue.ts';
import type { ActionQueue } from '../domain/arena/queue.ts';
import type { Action, ActionInput, Input, LeaveInput, PublicState } from '../domain/arena/types.ts';
import { LootError } from '../domain/errors.ts';
import type { ErrorCode } from '../domain/errors.ts';
import type { HeldSeal } from '../store/matches/hold-seal.ts';
import { rejection } from './answers.ts';
import { bodyHashOf } from './body-hash.ts';
import type { Known } from './known-actions.ts';

export type Submission = { id?: string; action: Action; seal: boolean };
/** Holds the stamp of a sealed action, durably; every refusal is an answer. */
export type Hold = (seat: number, actionKey: string, bodyHash: string, action: Action) => Promise<HeldSeal>;

type Waiting = PromiseWithResolvers<ActionAnswer>;

/** Nothing was accepted: the next try with that key may find room, or a stamp. */
const leavesKeyFree = new Set<ErrorCode>([
  'too_many_actions',
  'insufficient_stamps',
  'idempotency_mismatch',
  'frozen',
  'internal',
]);

/**
 * What players have sent and no tick has judged yet, and what was answered to keys that were used. One namespace of keys
 * per player, whatever door an action came through.
 */
export class Intake {
  #queues: readonly ActionQueue[];
  #leaves: LeaveInput[] = [];
  #sequence: number;
  readonly #waiting = new Map<number, Waiting>();
  readonly #known: readonly Map<string, Known>[];
  readonly #hold: Hold;
  #closed: LootError | null = null;

  /** `held` are sealed actions that an earlier host accepted, in the order of acceptance. */
  constructor(options: {
    known: readonly Map<string, Known>[];
    held: readonly { seat: number; actionKey: string; bodyHash: string; action: Action }[];
    lastSequence: number;
    hold: Hold;
  }) {
    this.#known = options.known;
    this.#hold = options.hold;
    this.#sequence = options.lastSequence;
    const held = options.held.map(({ seat, actionKey, bodyHash, action }) => {
      const input = this.#receive(seat, { id: actionKey, action, seal: true });
      this.#remember(seat, actionKey, bodyHash, this.#wait(input));
      return input;
    });
    this.#queues = options.known.map((_, seat) => newQueue(held.filter((input) => input.seat === seat)));
  }

  /**
   * Resolves with the answer once its tick is durable, or at once when no tick will judge it. `refusal` is why no tick can,
   * unless the key was answered before.
   */
  async submit(seat: number, submission: Submission, refusal: ErrorCode | null): Promise<ActionAnswer> {
    const { id, seal } = submission;
    if (this.#closed !== null && this.#closed.code === 'host_moving') throw this.#closed;
    const bodyHash = bodyHashOf(submission.action, seal);
    const known = id === undefined ? undefined : this.#known[seat]?.get(id);
    if (known !== undefined) return repeat(known, bodyHash, submission);
    const input = this.#receive(seat, submission);
    if (refusal !== null) return rejection(input, refusal);
    if (!seal) return this.#putUnsealed(input, bodyHash);
    if (id === undefined) return rejection(input, 'validation_failed');

    const answer = this.#putSealed(input, id, bodyHash);
    this.#remember(seat, id, bodyHash, answer);
    const forget = () => void this.#known[seat]?.delete(id);
    answer.then((given) => given.status === 'rejected' && leavesKeyFree.has(given.code) && forget(), forget);
    return answer;
  }

  /** The next tick takes the player off the grid. */
  leave(seat: number): void {
    if (this.#leaves.some((leave) => leave.seat === seat)) return;
    this.#leaves.push({ kind: 'leave', seat, sequence: ++this.#sequence });
  }

  take(): readonly Input[] {
    const taken = takeTick(this.#queues, this.#leaves);
    this.#queues = taken.queues;
    this.#leaves = [];
    return taken.inputs;
  }

  /** What can no longer be judged after a tick, because its player died in it or the match is over. */
  drop(state: PublicState): ReturnType<typeof dropUnresolvable>['dropped'] {
    const { queues, dropped } = dropUnresolvable(this.#queues, state);
    this.#queues = queues;
    return dropped;
  }

  answer(sequence: number, answer: ActionAnswer): void {
    this.#waiting.get(sequence)?.resolve(answer);
    this.#waiting.delete(sequence);
  }

  /** Nothing will be judged here any more: whoever still waits, or comes now, is told why. */
  close(code: ErrorCode, detail: string): void {
    this.#closed = new LootError(code, detail, { retryAfterMs: 500 });
    for (const waiting of this.#waiting.values()) waiting.reject(this.#closed);
    this.#waiting.clear();
  }

  #receive(seat: number, { id, action, seal }: Submission): ActionInput {
    const sequence = ++this.#sequence;
    return {
      kind: 'action',
      seat,
      sequence,
      action,
      sealed: seal,
      ...(id !== undefined && { actionKey: id }),
    };
  }

  #putUnsealed(input: ActionInput, bodyHash: string): Promise<ActionAnswer> | ActionAnswer {
    const put = putUnsealed(this.#queue(input.seat), input);
    if ('rejected' in put) return rejection(input, put.rejected);
    this.#setQueue(input.seat, put.queue);
    const answer = this.#wait(input);
    if (input.actionKey !== undefined) this.#remember(input.seat, input.actionKey, bodyHash, answer);
    if (put.superseded !== null)
      this.answer(put.superseded.sequence, rejection(put.superseded, 'superseded'));
    return answer;
  }

  async #putSealed(input: ActionInput, actionKey: string, bodyHash: string): Promise<ActionAnswer> {
    const { seat } = input;
    const room = reserveRoom(this.#queue(seat));
    if ('rejected' in room) return rejection(input, room.rejected);
    this.#setQueue(seat, room.queue);
    let held: HeldSeal;
    try {
      held = await this.#hold(seat, actionKey, bodyHash, input.action);
    } catch (error) {
      this.#setQueue(seat, releaseRoom(this.#queue(seat)));
      throw error;
    }
    const isOwed = held.result === 'held' || (held.result === 'replayed' && held.record.outcome === null);
    if (isOwed) {
      this.#setQueue(seat, putSealed(this.#queue(seat), input));
      return this.#wait(input);
    }
    this.#setQueue(seat, releaseRoom(this.#queue(seat)));
    return refusedHold(input, held);
  }

  #wait(input: ActionInput): Promise<ActionAnswer> {
    const waiting = Promise.withResolvers<ActionAnswer>();
    // Not everyone stays to hear it: a socket closes, an earlier host's client never comes back.
    waiting.promise.catch(() => {});
    if (this.#closed === null) this.#waiting.set(input.sequence, waiting);
    else waiting.reject(this.#closed);
    return waiting.promise;
  }

  #remember(seat: number, actionKey: string, bodyHash: string, answer: Promise<ActionAnswer>): void {
    this.#known[seat]?.set(actionKey, { bodyHash, answer });
  }

  #queue(seat: number): ActionQueue {
    return this.#queues[seat] ?? newQueue();
  }

  #setQueue(seat: number, queue: ActionQueue): void {
    this.#queues = this.#queues.with(seat, queue);
  }
}

async function repeat(
  known: Known,
  bodyHash: string,
  { id, action, seal }: Submission,
): Promise<ActionAnswer> {
  if (known.bodyHash !== bodyHash) {
    return {
      ...(id !== undefined && { id }),
      actionId: id ?? '',
      type: action.type,
      sealed: seal,
      status: 'rejected',
      code: 'idempotency_mismatch',
    };
  }
  return { ...(await known.answer), replayed: true };
}

function refusedHold(input: ActionInput, held: HeldSeal): ActionAnswer {
  switch (held.result) {
    case 'replayed':
      if (held.record.outcome === null) throw new Error('an action that is owed was refused');
      return { ...held.record.outcome, replayed: true };
    case 'fenced':
      throw new LootError(
        'host_moving',
        'The match is moving to another host; try again with the same key.',
        { retryAfterMs: 500 },
      );
    case 'refused':
      return rejection(input, held.reason === 'frozen' ? 'frozen' : 'internal');
    case 'held':
      throw new Error('an action that is held was refused');
    case 'insufficient_stamps':
    case 'idempotency_mismatch':
      return rejection(input, held.result);
  }
}
