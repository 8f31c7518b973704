import type { SeatOutcome } from '../../domain/arena/types.ts';

export type MatchStatus = 'lobby' | 'starting' | 'running' | 'finished' | 'cancelled' | 'voided';

/** What `matches.result` holds once a match of ours has finished. */
export type StoredResult = { endTick: number; players: (SeatOutcome & { placement: number })[] };

/** Who writes, and under which claim: a statement with an older fence finds no row. */
export type Fenced = { matchId: string; hostId: string; fence: number };

/** What stands in an item's `lock` while its match runs. */
export const matchLock = (matchId: string): string => `match:${matchId}`;
