/**
 * The match socket: every message either side may send, the limits and the close codes. Browsers import this file, so
 * it stays free of everything but types, constants and the few lines that rebuild a state from `tick` frames.
 */
import type { ErrorCode } from '../errors.ts';
import type {
  Action,
  ActionResult,
  ActionType,
  Effect,
  Position,
  PublicState,
  SeatOutcome,
} from './types.ts';
import type { StateDiff } from './view.ts';

export { applyDiff } from './view.ts';
export type * from './types.ts';

export const SUBPROTOCOL = 'arena.v1';
export const SOCKET_PATH = '/v1/arena';

export const socketLimits = {
  frameBytesMax: 16 * 1024,
  framesPerSecondMax: 40,
  actionsPerSecondMax: 20,
  /** The third bad frame closes the socket with 1008. */
  badFramesMax: 3,
  bufferedBytesMax: 1024 * 1024,
  pingIntervalMs: 25_000,
  resumeWindowMs: 60_000,
  ticketLifetimeMs: 30_000,
  actionKeyCharsMax: 255,
} as const;

export const closeCodes = {
  deploy: 1001,
  notText: 1003,
  badUtf8: 1007,
  badFrames: 1008,
  tooBig: 1009,
  overload: 1013,
  badTicket: 4401,
  notYourMatch: 4403,
  resumedElsewhere: 4408,
  matchOver: 4410,
} as const;
export type CloseCode = (typeof closeCodes)[keyof typeof closeCodes];

/** The fixed part of the board, told once. */
export type ArenaMap = { readonly sizeTiles: number; readonly walls: readonly Position[] };

/** Client → server. `kind` names the message; an action is flat, with the same members as the HTTP body. */
export type ClientMessage =
  | ({ readonly kind: 'action'; readonly id?: string; readonly seal?: boolean } & Action)
  | { readonly kind: 'resume'; readonly lastSeq: number; readonly resumeToken: string }
  | { readonly kind: 'leave' }
  | { readonly kind: 'ping' };

/** Told to the one who acted; HTTP answers the same members. `tick` is absent when no tick has judged the action. */
export type ActionAnswer = {
  readonly id?: string;
  readonly actionId: string;
  readonly tick?: number;
  readonly type: ActionType;
  readonly sealed: boolean;
  /** A decimal string, after a stamp was spent or given back. */
  readonly stampBalance?: string;
  /** The key was seen before: this is the first answer again. */
  readonly replayed?: boolean;
} & (
  | { readonly status: 'resolved'; readonly result: Effect }
  | { readonly status: 'rejected'; readonly code: ErrorCode }
);

type ServerMessageBody =
  | {
      readonly kind: 'welcome';
      readonly matchId: string;
      readonly seat: number;
      readonly seedHash: string;
      readonly map: ArenaMap;
      readonly state: PublicState;
      readonly resumeToken: string;
    }
  | { readonly kind: 'state'; readonly state: PublicState; readonly resumeToken: string }
  | { readonly kind: 'started'; readonly seedHash: string }
  | {
      readonly kind: 'tick';
      readonly tick: number;
      readonly inputs: readonly ActionResult[];
      /** Against the state last sent to this receiver. */
      readonly changes: StateDiff;
    }
  | ({ readonly kind: 'action' } & ActionAnswer)
  | {
      readonly kind: 'eliminated';
      readonly tick: number;
      readonly seat: number;
      readonly playerId: string;
      readonly by: number | null;
      readonly dropped: number;
    }
  | {
      readonly kind: 'finished';
      readonly tick: number;
      readonly outcomes: readonly SeatOutcome[];
      readonly seed: string;
    }
  | { readonly kind: 'moving'; readonly url: string }
  | { readonly kind: 'pong' }
  | { readonly kind: 'error'; readonly code: ErrorCode; readonly detail: string };

/** Server → client. `seq` is gap-free per player and host, and begins at 1 again on a new host. */
export type ServerMessage = { readonly seq: number } & ServerMessageBody;
export type ServerMessageKind = ServerMessage['kind'];
export type ServerMessageOf<K extends ServerMessageKind> = Extract<ServerMessage, { readonly kind: K }>;
