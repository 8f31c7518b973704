import type { ErrorCode } from '../errors.ts';

/** SHA-256 as an argument: Temporal's workflow bundler refuses `node:crypto`, and a browser has none. */
export type Sha256 = (bytes: Uint8Array) => Uint8Array;

export type Position = { readonly x: number; readonly y: number };
export type Direction = 'north' | 'south' | 'east' | 'west';

/** Resources lying on a tile: a node rolled at start, or the drop of somebody eliminated. Never zero. */
export type Pile = { readonly at: Position; readonly resources: number };

/** Recorded with the match, so that an old recording is judged by the durations it was played with. */
export type MatchConfig = {
  readonly tickMs: number;
  readonly maxTicks: number;
  readonly lobbyMs: number;
  /** Tick 1 begins when every player is connected, or this long after the match was hosted. */
  readonly connectWaitMs: number;
  readonly attackReachTiles: number;
};

/** One player at start, in the order of confirmed joins; the position in the list is the seat. */
export type Seat = { readonly playerId: string; readonly weaponBonus: number };

type Contestant = Seat & {
  readonly seat: number;
  readonly score: number;
  readonly resources: number;
  /** Valid attacks so far: the counter of this seat's stream of critical hits. */
  readonly attackCount: number;
};
export type LivingPlayer = Contestant & {
  readonly alive: true;
  readonly hp: number;
  readonly shield: number;
  readonly at: Position;
};
export type FallenPlayer = Contestant & {
  readonly alive: false;
  readonly hp: 0;
  readonly shield: 0;
  readonly at: null;
};
export type Player = LivingPlayer | FallenPlayer;

export type Outcome = 'winner' | 'survivor' | 'eliminated';
export type SeatOutcome = {
  readonly seat: number;
  readonly playerId: string;
  readonly outcome: Outcome;
  readonly score: number;
  readonly resources: number;
};
export type Phase =
  | { readonly status: 'active' }
  | { readonly status: 'finished'; readonly outcomes: readonly SeatOutcome[] };

/** Everything the next tick depends on. Plain JSON of integers and strings, players by ascending seat. */
export type MatchState = {
  /** 32 random bytes in hex. Secret until the match is over: what leaves the host is a `PublicState`. */
  readonly seed: string;
  readonly config: MatchConfig;
  /** Ticks resolved so far; 0 before the first. */
  readonly tick: number;
  readonly phase: Phase;
  readonly players: readonly Player[];
  readonly nodes: readonly Pile[];
  readonly drops: readonly Pile[];
};
export type PublicState = Omit<MatchState, 'seed'>;

export type Action =
  | { readonly type: 'move'; readonly direction: Direction }
  | { readonly type: 'attack'; readonly targetId: string }
  | { readonly type: 'defend' }
  | { readonly type: 'collect' };
export type ActionType = Action['type'];

type Received = {
  readonly seat: number;
  /** The host's receipt sequence: unique in the match, ascending in the order of receipt. */
  readonly sequence: number;
};
/** `sealed` and `actionKey` are kept for the tick log; no rule looks at them. */
export type ActionInput = Received & {
  readonly kind: 'action';
  readonly action: Action;
  readonly sealed: boolean;
  readonly actionKey?: string;
};
/** Leaving is an input but not the tick's action: a player may act and leave in one tick. */
export type LeaveInput = Received & { readonly kind: 'leave' };
export type Input = ActionInput | LeaveInput;

/** Why an action did nothing. Each is answered 409 under this very code. */
export const arenaRejections = [
  'match_not_active',
  'player_dead',
  'blocked',
  'target_self',
  'target_not_found',
  'target_dead',
  'target_out_of_range',
  'no_line_of_sight',
  'nothing_to_collect',
  'superseded',
  'too_many_actions',
] as const satisfies readonly ErrorCode[];
export type ArenaRejection = (typeof arenaRejections)[number];

/** What an input did by itself; answered to the one who sent it. */
export type Effect =
  | { readonly type: 'moved'; readonly seat: number; readonly to: Position }
  | {
      readonly type: 'attacked';
      readonly seat: number;
      readonly targetSeat: number;
      /** hp actually taken: after the shield, and never more than the target had. */
      readonly damage: number;
      readonly critical: boolean;
    }
  | { readonly type: 'defended'; readonly seat: number }
  | { readonly type: 'collected'; readonly seat: number; readonly resources: number }
  | { readonly type: 'left'; readonly seat: number };

/** What became of it; told to everyone. */
export type TickEvent =
  | Effect
  | {
      readonly type: 'eliminated';
      readonly seat: number;
      /** The seat that is credited; null for a player who left. */
      readonly by: number | null;
      readonly at: Position;
      readonly dropped: number;
    }
  | { readonly type: 'finished'; readonly outcomes: readonly SeatOutcome[] };
export type Elimination = Extract<TickEvent, { type: 'eliminated' }>;

/** The answer to one input, in the order of the inputs. */
export type ActionResult = Received &
  (
    | { readonly status: 'resolved'; readonly effect: Effect }
    | { readonly status: 'rejected'; readonly code: ArenaRejection }
  );

/** What one rule says about one input: a new state and what happened, or why not. */
export type Step =
  | { readonly state: MatchState; readonly effect: Effect; readonly elimination?: Elimination }
  | { readonly rejected: ArenaRejection };

export type TickOutcome = {
  readonly state: MatchState;
  readonly events: readonly TickEvent[];
  readonly results: readonly ActionResult[];
};
