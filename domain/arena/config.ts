import type { MatchConfig } from './types.ts';

export const SEATS_MIN = 2;
export const SEATS_MAX = 6;
export const WEAPON_BONUS_MAX = 20;

/** The game as players know it: five minutes at most. */
export const standard: MatchConfig = {
  tickMs: 100,
  maxTicks: 3_000,
  lobbyMs: 30_000,
  connectWaitMs: 3_000,
  attackReachTiles: 1,
};

/** The same game in fifteen seconds, for demos and tests. */
export const shortMatch: MatchConfig = { ...standard, maxTicks: 150, lobbyMs: 3_000, connectWaitMs: 1_000 };

export const presets = { standard, shortMatch } as const;
