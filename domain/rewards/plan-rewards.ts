import { toHex } from '../arena/random.ts';
import type { Sha256 } from '../arena/types.ts';
import type { Economy, RewardRule } from '../economy/types.ts';
import { derivedId } from '../ids.ts';
import { prizeOf } from './prizes.ts';
import { rollTables } from './roll-tables.ts';
import { multiplied, streakQuarters } from './streaks.ts';
import type { Outcome, PlanInput, PlanLine, RewardPlan } from './types.ts';

export { dropTableHash } from './roll-tables.ts';

/** `resources` and what was read of the player: everything that ends up in the plan's `input`. */
export type RewardPlayer = Omit<PlanInput, 'resources'> & {
  playerId: string;
  seat: number;
  outcome: Outcome;
  resources: bigint;
};
export type RewardInput = {
  economy: Economy;
  economyVersion: number;
  /** The match's 32 random bytes. */
  seed: Uint8Array;
  matchId: string;
  players: readonly RewardPlayer[];
};
type Amount = { asset: string; amount: bigint };

/**
 * What each player is paid: a pure function of the outcome, the economy version, what was read of the player and the match's
 * seed, computed once at settlement and pinned. Anybody can repeat it after the match, when the seed is public.
 */
export function planRewards(input: RewardInput, hash: Sha256): RewardPlan[] {
  const { economy, economyVersion, matchId } = input;
  const seed = toHex(input.seed);
  return input.players.map((player) => {
    const { playerId, seat, outcome } = player;
    const rule = economy.rewards[outcome];
    const { items, amounts, draws } = rollTables(
      {
        economy,
        seed,
        label: `drop/${seat}`,
        modifiers: player.modifiers ?? {},
        pity: player.pity ?? {},
        itemIdAt: (index) => derivedId(hash, 'match-drop', matchId, playerId, index),
      },
      rule.rolls,
      hash,
    );
    const lines = [...earned(economy, rule, player), ...prizes(economy, player), ...amounts];
    return {
      playerId,
      outcome,
      economyVersion,
      input: inputOf(player),
      lines: linesOf(sumByAsset(lines)),
      items,
      ...(draws.length > 0 && { draws }),
    };
  });
}

/** The player as a plan remembers them: planning again with it, the seed and the seat gives the plan. */
export const playerOfPlan = ({ playerId, outcome, input }: RewardPlan, seat: number): RewardPlayer => ({
  ...input,
  playerId,
  seat,
  outcome,
  resources: BigInt(input.resources),
});

const inputOf = ({ resources, streakDays, modifiers, pity, prize }: RewardPlayer): PlanInput => ({
  resources: resources.toString(),
  ...(streakDays !== undefined && { streakDays }),
  ...(modifiers !== undefined && { modifiers }),
  ...(pity !== undefined && { pity }),
  ...(prize !== undefined && { prize }),
});

/** What the outcome's rule pays, multiplied by the streak where the file says so. */
function earned({ streaks }: Economy, { lines, perResource }: RewardRule, player: RewardPlayer): Amount[] {
  const fixed = lines.map(({ asset, amount }) => ({ asset, amount: BigInt(amount) }));
  const held = perResource.map(({ asset, amount }) => ({ asset, amount: BigInt(amount) * player.resources }));
  const sums = sumByAsset([...fixed, ...held]);
  if (!streaks) return sums;
  const quarters = streakQuarters(streaks, player.streakDays ?? 0);
  return sums.map(({ asset, amount }) => ({
    asset,
    amount: streaks.assets.includes(asset) ? multiplied(amount, quarters) : amount,
  }));
}

function prizes({ prizes: rules = {}, prizeSplits = {} }: Economy, { prize }: RewardPlayer): Amount[] {
  const rule = prize && Object.hasOwn(rules, prize.mode) ? rules[prize.mode] : undefined;
  if (!prize || !rule) return [];
  const percent = prizeSplits[rule.split]?.percent ?? [];
  return rule.pot.map(({ asset, amount }) => ({ asset, amount: prizeOf(BigInt(amount), percent, prize) }));
}

/** One amount per asset in the order of first mention. */
function sumByAsset(lines: readonly Amount[]): Amount[] {
  const sums = new Map<string, bigint>();
  for (const { asset, amount } of lines) sums.set(asset, (sums.get(asset) ?? 0n) + amount);
  return [...sums].map(([asset, amount]) => ({ asset, amount }));
}

/** What adds up to nothing is no line. */
const linesOf = (amounts: readonly Amount[]): PlanLine[] =>
  amounts
    .filter(({ amount }) => amount > 0n)
    .map(({ asset, amount }) => ({ asset, amount: amount.toString() }));

/** Whether the match waits for a verdict before it is paid: one player's plan exceeds the economy's limit. */
export function needsReview({ rewardReview }: Economy, plans: readonly RewardPlan[]): boolean {
  if (!rewardReview) return false;
  return plans.some(({ lines }) =>
    lines.some(
      ({ asset, amount }) => asset === rewardReview.asset && BigInt(amount) > BigInt(rewardReview.above),
    ),
  );
}
