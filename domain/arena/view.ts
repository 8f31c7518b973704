import type { MatchState, Phase, Pile, Player, Position, PublicState } from './types.ts';

type ChangingFields = {
  readonly alive: boolean;
  readonly hp: number;
  readonly shield: number;
  readonly at: Position | null;
  readonly score: number;
  readonly resources: number;
  readonly attackCount: number;
};
export type PlayerChange = { readonly seat: number } & Partial<ChangingFields>;

/** What a `tick` frame carries: only what differs from the state its receiver already has. */
export type StateDiff = {
  readonly tick: number;
  readonly phase?: Phase;
  readonly players?: readonly PlayerChange[];
  readonly nodes?: readonly Pile[];
  readonly drops?: readonly Pile[];
};

const changingFields = ['alive', 'hp', 'shield', 'at', 'score', 'resources', 'attackCount'] as const;

/** What players and spectators may see: everything but the seed. */
export function publicState({ config, tick, phase, players, nodes, drops }: MatchState): PublicState {
  return { config, tick, phase, players, nodes, drops };
}

/**
 * `prev` must be the state last *sent*, not the one of the tick before: ticks without inputs are not sent, but shields
 * still end in them. Lists are compared by identity, which the rules keep for whatever they leave alone.
 */
export function diffState(prev: PublicState, next: PublicState): StateDiff {
  const players = next.players.flatMap((player, seat) => changeOf(prev.players[seat], player));
  return {
    tick: next.tick,
    ...(prev.phase !== next.phase && { phase: next.phase }),
    ...(players.length > 0 && { players }),
    ...(prev.nodes !== next.nodes && { nodes: next.nodes }),
    ...(prev.drops !== next.drops && { drops: next.drops }),
  };
}

/** Rebuilds the full state from the one before and a `tick` frame. */
export function applyDiff(prev: PublicState, { players, ...rest }: StateDiff): PublicState {
  if (players === undefined) return { ...prev, ...rest };
  const changes = new Map(players.map((change) => [change.seat, change]));
  const merged = prev.players.map((player) => ({ ...player, ...changes.get(player.seat) }));
  // a diff is always taken between two legal states, so living and fallen fields never mix
  return { ...prev, ...rest, players: merged as readonly Player[] };
}

function changeOf(prev: Player | undefined, next: Player): PlayerChange[] {
  if (prev === next) return [];
  const change: Partial<Mutable<ChangingFields>> = {};
  for (const field of changingFields) {
    if (prev === undefined || !isEqual(prev[field], next[field])) copy(change, next, field);
  }
  return Object.keys(change).length === 0 ? [] : [{ seat: next.seat, ...change }];
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function copy<K extends keyof ChangingFields>(
  to: Partial<Mutable<ChangingFields>>,
  from: ChangingFields,
  field: K,
): void {
  to[field] = from[field];
}

function isEqual(a: ChangingFields[keyof ChangingFields], b: ChangingFields[keyof ChangingFields]): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  return a.x === b.x && a.y === b.y;
}
