export const arenaLeaderboard = 'arena';

/** Scores of the arena's matches add up; brought-in games are ranked apart, each by its own modes. */
export const boardOf = ({ clientId, mode }: { clientId: string | null; mode: string }): string =>
  clientId === null ? arenaLeaderboard : `${clientId}.${mode}`;
