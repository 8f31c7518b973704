import type { ActionAnswer } from '../domain/arena/protocol.ts';
import type { LoadedMatch } from '../store/matches/load-match.ts';
import { judged } from './answers.ts';
import { bodyHashOf } from './body-hash.ts';

/** An action key that was used: the request it stands for and its answer, given or to come. */
export type Known = { bodyHash: string; answer: Promise<ActionAnswer> };

/**
 * By seat and key, everything an earlier host answered: unsealed actions from the tick log, sealed ones from their permanent
 * rows. Those still owed are left to the intake.
 */
export function knownActions({ state, ticks, sealed }: LoadedMatch): Map<string, Known>[] {
  const known = state.players.map(() => new Map<string, Known>());
  for (const { tick, inputs, results } of ticks) {
    for (const [index, input] of inputs.entries()) {
      const result = results?.[index];
      if (input.kind !== 'action' || input.sealed || input.actionKey === undefined || result === undefined)
        continue;
      const answer = Promise.resolve(judged(input, result, tick));
      known[input.seat]?.set(input.actionKey, { bodyHash: bodyHashOf(input.action, false), answer });
    }
  }
  const seats = new Map(state.players.map(({ playerId, seat }) => [playerId, seat]));
  for (const { playerId, actionKey, bodyHash, outcome } of sealed) {
    const seat = seats.get(playerId);
    if (outcome !== null && seat !== undefined)
      known[seat]?.set(actionKey, { bodyHash, answer: Promise.resolve(outcome) });
  }
  return known;
}

/** The highest receipt sequence in the log: a new host counts on from there. */
export const lastSequence = ({ ticks }: LoadedMatch): number =>
  Math.max(0, ...ticks.flatMap(({ inputs }) => inputs.map(({ sequence }) => sequence)));
