import { createHash } from 'node:crypto';
import { botDraw, bots, type BotStyle } from '../../../domain/arena/bots.ts';
import { shortMatch } from '../../../domain/arena/config.ts';
import { newQueue, putUnsealed, takeTick } from '../../../domain/arena/queue.ts';
import type { LoggedTick, Recording } from '../../../domain/arena/recording.ts';
import { resolveTick } from '../../../domain/arena/resolve-tick.ts';
import { startMatch } from '../../../domain/arena/start.ts';
import { stateHash } from '../../../domain/arena/state-hash.ts';
import type {
  Action,
  ActionInput,
  ActionResult,
  FallenPlayer,
  Input,
  LeaveInput,
  LivingPlayer,
  MatchConfig,
  MatchState,
  Pile,
  Position,
  Seat,
  Sha256,
  TickOutcome,
} from '../../../domain/arena/types.ts';

export const sha256: Sha256 = (bytes) => createHash('sha256').update(bytes).digest();

/** Every word of the digest is 0: each attack is critical, each node holds 50. */
export const luckyHash: Sha256 = () => new Uint8Array(32);
/** Every word ends in a 9: no attack is critical. */
export const plainHash: Sha256 = () => new Uint8Array(32).fill(1);

export const SEED = 'a1'.repeat(32);

export const seatsOf = (count: number, weaponBonus = 0): Seat[] =>
  Array.from({ length: count }, (_, seat) => ({ playerId: `p${seat}`, weaponBonus }));

type Placed = {
  at?: Position;
  hp?: number;
  score?: number;
  resources?: number;
  weaponBonus?: number;
  fallen?: true;
};

/** A running match with players put where a test wants them; nodes and drops only where it says. */
export function board(
  placed: readonly Placed[],
  piles: { nodes?: readonly Pile[]; drops?: readonly Pile[] } = {},
  config: Partial<MatchConfig> = {},
): MatchState {
  const start = startMatch(SEED, { ...shortMatch, ...config }, seatsOf(placed.length), sha256);
  const players = start.players.map((player, seat) => {
    const { fallen, ...fields } = placed[seat]!;
    const dead = { alive: false, hp: 0, shield: 0, at: null } as const;
    return { ...player, ...fields, ...(fallen && dead) } as LivingPlayer | FallenPlayer;
  });
  return { ...start, players, nodes: piles.nodes ?? [], drops: piles.drops ?? [] };
}

export const tile = (x: number, y: number): Position => ({ x, y });
export const pile = (x: number, y: number, resources: number): Pile => ({ at: { x, y }, resources });

export const acts = (seat: number, action: Action, sequence = seat): ActionInput => ({
  kind: 'action',
  seat,
  sequence,
  action,
  sealed: false,
});
export const leaves = (seat: number, sequence = seat): LeaveInput => ({ kind: 'leave', seat, sequence });
export const hit = (seat: number, target: number, sequence = seat): ActionInput =>
  acts(seat, { type: 'attack', targetId: `p${target}` }, sequence);
export const defend: Action = { type: 'defend' };
export const collect: Action = { type: 'collect' };
export const go = (direction: 'north' | 'south' | 'east' | 'west'): Action => ({ type: 'move', direction });

/** One tick in which the inputs arrive in the order of the list. */
export const tickOf = (state: MatchState, inputs: readonly Input[], hash: Sha256 = plainHash): TickOutcome =>
  resolveTick(
    state,
    inputs.map((input, sequence) => ({ ...input, sequence })),
    hash,
  );

/** What became of each input: the rejection's code, or the effect's type. */
export const answers = ({ results }: { results: readonly ActionResult[] }): string[] =>
  results.map((result) => (result.status === 'rejected' ? result.code : result.effect.type));

export function living(state: MatchState, seat: number): LivingPlayer {
  const player = state.players[seat];
  if (!player?.alive) throw new Error(`seat ${seat} is dead`);
  return player;
}

export const outcomesOf = (state: MatchState): string[] => {
  if (state.phase.status !== 'finished') throw new Error('the match goes on');
  return state.phase.outcomes.map(({ outcome }) => outcome);
};

/** Plays what `choose` sends each tick until the match ends, and keeps the log as a host does. */
export function playToEnd(
  start: MatchState,
  choose: (state: MatchState, nextSequence: () => number) => readonly Input[],
  hash: Sha256 = sha256,
): { ticks: Required<LoggedTick>[]; states: MatchState[]; final: MatchState } {
  const ticks: Required<LoggedTick>[] = [];
  const states = [start];
  let state = start;
  let sequence = 0;
  while (state.phase.status === 'active') {
    const inputs = choose(state, () => sequence++);
    const outcome = resolveTick(state, inputs, hash);
    state = outcome.state;
    states.push(state);
    if (inputs.length > 0 || state.phase.status === 'finished') {
      ticks.push({ tick: state.tick, inputs, results: outcome.results, stateHash: stateHash(state, hash) });
    }
  }
  return { ticks, states, final: state };
}

/** A whole match between bots, each through its own queue. */
export function botMatch(seed: string, styles: readonly BotStyle[], config: MatchConfig = shortMatch) {
  const seats = styles.map((_, seat) => ({ playerId: `p${seat}`, weaponBonus: seat }));
  const played = playToEnd(startMatch(seed, config, seats, sha256), (state, nextSequence) => {
    const queues = styles.map((style, seat) => {
      const action = bots[style](state, seat, botDraw(SEED, seat, state.tick, sha256));
      if (action === null) return newQueue();
      const put = putUnsealed(newQueue(), acts(seat, action, nextSequence()));
      if ('rejected' in put) throw new Error('an empty queue has room');
      return put.queue;
    });
    return takeTick(queues, []).inputs;
  });
  const recording = { seed, config, seats, ticks: played.ticks } satisfies Recording;
  return { ...played, recording };
}
