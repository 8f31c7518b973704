import type { StreakRule } from '../economy/types.ts';

/** Four quarters are once the amount: before the first tier, and without any. */
const unmultiplied = 4;

/** How many quarters of the amount a streak of so many days pays. */
export const streakQuarters = ({ tiers }: StreakRule, days: number): number =>
  tiers.findLast((tier) => days >= tier.days)?.quarters ?? unmultiplied;

/** Never a fraction: what a quarter leaves over is not paid. */
export const multiplied = (amount: bigint, quarters: number): bigint => (amount * BigInt(quarters)) / 4n;
