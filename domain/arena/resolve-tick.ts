import { attack } from './attack.ts';
import { collect } from './collect.ts';
import { defend, lowerShields } from './defend.ts';
import { finishIfDecided } from './finish.ts';
import { leave } from './leave.ts';
import { move } from './move.ts';
import type { ActionResult, Input, MatchState, Sha256, Step, TickEvent, TickOutcome } from './types.ts';

/**
 * Resolves one tick: shields go down, every input is judged on what those before it left behind, then the end is
 * checked. Pure: the same state and inputs give the same bytes on every machine.
 *
 * Inputs come in receipt sequence with at most one action per seat (`inputFault`; throws RangeError otherwise, since
 * the host's queues guarantee it). A match that is over answers `match_not_active` and stays as it is.
 */
export function resolveTick(state: MatchState, inputs: readonly Input[], hash: Sha256): TickOutcome {
  const fault = inputFault(state, inputs);
  if (fault !== null) throw new RangeError(fault);
  if (state.phase.status === 'finished') {
    return { state, events: [], results: inputs.map((input) => rejected(input, 'match_not_active')) };
  }

  let current: MatchState = { ...lowerShields(state), tick: state.tick + 1 };
  const events: TickEvent[] = [];
  const results: ActionResult[] = [];
  for (const input of inputs) {
    const step = resolveInput(current, input, hash);
    if ('rejected' in step) {
      results.push(rejected(input, step.rejected));
      continue;
    }
    current = step.state;
    events.push(step.effect);
    if (step.elimination !== undefined) events.push(step.elimination);
    results.push({ seat: input.seat, sequence: input.sequence, status: 'resolved', effect: step.effect });
  }

  const ended = finishIfDecided(current, fallen(events));
  if (ended.phase.status === 'finished') events.push({ type: 'finished', outcomes: ended.phase.outcomes });
  return { state: ended, events, results };
}

/** What is wrong with a list of inputs, or null. The host never builds such a list; a forged recording might. */
export function inputFault(state: MatchState, inputs: readonly Input[]): string | null {
  const acted = new Set<number>();
  let last = -1;
  for (const { kind, seat, sequence } of inputs) {
    if (state.players[seat] === undefined) return `there is no seat ${seat}`;
    if (!Number.isInteger(sequence) || sequence <= last)
      return `sequence ${sequence} does not follow ${last}`;
    if (kind === 'action' && acted.has(seat)) return `seat ${seat} acts twice in one tick`;
    if (kind === 'action') acted.add(seat);
    last = sequence;
  }
  return null;
}

function resolveInput(state: MatchState, input: Input, hash: Sha256): Step {
  const player = state.players[input.seat];
  if (player === undefined || !player.alive) return { rejected: 'player_dead' };
  if (input.kind === 'leave') return leave(state, player);

  const { action } = input;
  switch (action.type) {
    case 'move':
      return move(state, player, action.direction);
    case 'attack':
      return attack(state, player, action.targetId, hash);
    case 'defend':
      return defend(state, player);
    case 'collect':
      return collect(state, player);
  }
}

const rejected = ({ seat, sequence }: Input, code: ActionRejected['code']): ActionResult => ({
  seat,
  sequence,
  status: 'rejected',
  code,
});
type ActionRejected = Extract<ActionResult, { status: 'rejected' }>;

const fallen = (events: readonly TickEvent[]): readonly number[] =>
  events.flatMap((event) => (event.type === 'eliminated' ? [event.seat] : []));
