import type { SeatOutcome } from '../../domain/arena/types.ts';

export type MatchStatus = 'lobby' | 'starting' | 'running' | 'finished' | 'cancelled' | 'voided';

/** What `matches.result` holds once a match of ours has finished. */
export type StoredResult = { endTick: number; players: (SeatOutcome & { placement: number })[] };
