/**
 * What each consumer group's handler would do with events it has handled before, and so whether a replay may run it for
 * real. The inbox of the replay keeps an event from counting twice within the replay, not from counting again after the
 * live group has counted it. In shadow every handler may be run. Handlers say the same as `replaySafe`; a test compares.
 */
export const replayGroups: Readonly<Record<string, { safe: boolean; why: string }>> = {
  flows: { safe: true, why: 'it folds what the ledger holds and has not folded, whatever the event says' },
  leaderboard: { safe: false, why: 'scores would be added a second time; replay into a projection instead' },
  notifications: { safe: false, why: 'players would be told again what they were told' },
  rewards: {
    safe: false,
    why: 'it starts a story per match; POST /v1/rewards/{matchId}/retry does that for the one that needs it',
  },
  'external-results': { safe: false, why: 'it would make players anew of those who were erased since' },
  verdicts: {
    safe: false,
    why: 'a decision is taken once; one that failed is a dead letter, to be redriven',
  },
};

export const projectionNames = ['leaderboard'] as const;
export type ProjectionName = (typeof projectionNames)[number];
