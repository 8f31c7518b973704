import type { HostActivities, MatchActivities } from '../../activities/match/types.ts';
import { recorded } from './recorded.ts';

export type MatchFakes = MatchActivities & HostActivities;

export const hostIds = ['host-a', 'host-b'] as const;
const matchActivityNames = [
  'confirmSeat',
  'releaseSeat',
  'closeLobby',
  'drawSeed',
  'lockLoadouts',
  'settleMatch',
  'cancelMatch',
  'voidMatch',
] as const;

/** Which queue offers what, as in the processes. */
export const matchQueues = {
  names: matchActivityNames,
  queues: {
    name: 'match',
    others: {
      'match-host': ['claimHost'],
      ...Object.fromEntries(hostIds.map((hostId) => [`match-host-${hostId}`, ['hostMatch']])),
    },
  },
};

/** Answers of a match that meets no obstacle, and the list of calls in order. Each claim has the next fence, on host-a. */
export function matchFakes(overrides: Partial<MatchFakes> = {}) {
  const seated: string[] = [];
  let fence = 0;
  const answers: MatchFakes = {
    async confirmSeat({ playerId }) {
      if (!seated.includes(playerId)) seated.push(playerId);
      return { confirmed: true, seat: seated.indexOf(playerId) };
    },
    async releaseSeat({ playerId }) {
      const index = seated.indexOf(playerId);
      if (index >= 0) seated.splice(index, 1);
      return { released: index >= 0 };
    },
    closeLobby: async () => ({ result: seated.length >= 2 ? 'starting' : 'too_few', playerIds: [...seated] }),
    drawSeed: async () => ({ seedHash: 'c0ffee' }),
    lockLoadouts: async () => ({ players: [], leftOut: [] }),
    settleMatch: async () => ({
      endTick: 120,
      reviewRequired: false,
      players: [{ playerId: 'p1', outcome: 'winner', placement: 1, score: 300 }],
    }),
    cancelMatch: async () => ({ cancelled: true }),
    voidMatch: async () => ({ voided: true }),
    claimHost: async () => claimOf('host-a', ++fence),
    hostMatch: async () => ({ status: 'finished', endTick: 120 }),
    ...overrides,
  };
  return recorded(answers);
}

export const claimOf = (hostId: (typeof hostIds)[number], fence: number) =>
  ({ result: 'claimed', hostId, fence, url: `ws://${hostId}`, moved: fence > 1, runningCount: 1 }) as const;
