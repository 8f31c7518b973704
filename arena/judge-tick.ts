import type { ActionAnswer } from '../domain/arena/protocol.ts';
import type { ActionInput, ArenaRejection, Input, TickOutcome } from '../domain/arena/types.ts';
import type { NewEvent } from '../domain/events.ts';
import type { AnsweredSeal } from '../store/matches/resolve-seals.ts';
import { judged, rejection } from './answers.ts';

export type Answered = { sequence: number; answer: ActionAnswer };
export type JudgedTick = {
  /** Everyone who hears of an action of theirs with this tick. */
  answers: Answered[];
  /** Whose stamp is spent or given back with it; `sequence` finds the answer. */
  seals: (AnsweredSeal & { sequence: number })[];
  events: NewEvent[];
};

type Dropped = { readonly input: ActionInput; readonly code: ArenaRejection };

/** What a resolved tick means to those who acted, to their stamps, and to the outside. */
export function judgeTick(
  matchId: string,
  inputs: readonly Input[],
  outcome: TickOutcome,
  dropped: readonly Dropped[],
): JudgedTick {
  const { state, results } = outcome;
  const playerIdOf = (seat: number) => state.players[seat]?.playerId ?? '';
  const acted = inputs.flatMap((input, index) => {
    const result = results[index];
    if (input.kind !== 'action' || result === undefined) return [];
    return [{ input, answer: judged(input, result, state.tick), tick: state.tick }];
  });
  const unjudged = dropped.map(({ input, code }) => ({ input, answer: rejection(input, code), tick: null }));
  const all = [...acted, ...unjudged];

  return {
    answers: all.map(({ input, answer }) => ({ sequence: input.sequence, answer })),
    seals: all.flatMap(({ input, answer, tick }) => {
      if (!input.sealed || input.actionKey === undefined) return [];
      const isResolved = answer.status === 'resolved';
      return [
        {
          matchId,
          playerId: playerIdOf(input.seat),
          actionKey: input.actionKey,
          sequence: input.sequence,
          status: isResolved ? 'posted' : 'voided',
          tick,
          actionType: input.action.type,
          outcome: isResolved ? 'resolved' : answer.code,
          answer,
        } as const,
      ];
    }),
    events: outcome.events.flatMap((event): NewEvent[] => {
      if (event.type === 'left') {
        const playerId = playerIdOf(event.seat);
        return [{ type: 'game.player.left.v1', key: playerId, data: { playerId, matchId } }];
      }
      if (event.type !== 'eliminated') return [];
      const playerId = playerIdOf(event.seat);
      const byPlayerId = event.by === null ? null : playerIdOf(event.by);
      return [
        {
          type: 'game.player.eliminated.v1',
          key: playerId,
          data: { playerId, matchId, tick: state.tick, byPlayerId },
        },
      ];
    }),
  };
}
