import { drawBelow, toHex } from '../arena/random.ts';
import type { Sha256 } from '../arena/types.ts';
import { canonicalBytes } from '../canonical-json.ts';
import type { DropTable, Economy } from '../economy/types.ts';
import { derivedId } from '../ids.ts';
import { must } from '../must.ts';
import type { Outcome, PlanItem, PlanLine, RewardPlan } from './types.ts';

export type RewardInput = {
  economy: Economy;
  economyVersion: number;
  /** The match's 32 random bytes. */
  seed: Uint8Array;
  matchId: string;
  players: readonly { playerId: string; seat: number; outcome: Outcome; resources: bigint }[];
};

/**
 * What each player is paid: a pure function of the outcome, the economy version and the match's seed, computed once at
 * settlement and pinned. Anybody can repeat it after the match, when the seed is public.
 */
export function planRewards(input: RewardInput, hash: Sha256): RewardPlan[] {
  const seed = toHex(input.seed);
  return input.players.map((player) => {
    const rule = input.economy.rewards[player.outcome];
    const perResource = rule.perResource.map(({ asset, amount }) => ({
      asset,
      amount: BigInt(amount) * player.resources,
    }));
    const fixed = rule.lines.map(({ asset, amount }) => ({ asset, amount: BigInt(amount) }));
    return {
      playerId: player.playerId,
      outcome: player.outcome,
      economyVersion: input.economyVersion,
      input: { resources: player.resources.toString() },
      lines: sumByAsset([...fixed, ...perResource]),
      items: rule.rolls.map((table, index) => rollItem(input, player, { seed, table, index }, hash)),
    };
  });
}

/** One line per asset in the order of first mention; what adds up to nothing is no line. */
function sumByAsset(lines: readonly { asset: string; amount: bigint }[]): PlanLine[] {
  const sums = new Map<string, bigint>();
  for (const { asset, amount } of lines) sums.set(asset, (sums.get(asset) ?? 0n) + amount);
  return [...sums]
    .filter(([, amount]) => amount > 0n)
    .map(([asset, amount]) => ({ asset, amount: amount.toString() }));
}

/** The n-th roll of a seat is the n-th draw of the stream `drop/<seat>`. */
function rollItem(
  { economy, matchId }: RewardInput,
  { playerId, seat }: { playerId: string; seat: number },
  { seed, table: code, index }: { seed: string; table: string; index: number },
  hash: Sha256,
): PlanItem {
  const table = must(economy.dropTables[code], `drop table ${code}`);
  const label = `drop/${seat}`;
  const bound = table.entries.reduce((sum, { weight }) => sum + weight, 0);
  const roll = drawBelow(seed, label, index, bound, hash);
  const kind = entryAt(table, roll);
  return {
    itemId: derivedId(hash, 'match-drop', matchId, playerId, index),
    kind,
    kindVersion: must(economy.kinds[kind], `kind ${kind}`).version,
    table: code,
    tableVersion: table.version,
    tableHash: dropTableHash(table, hash),
    label,
    roll,
    bound,
  };
}

function entryAt(table: DropTable, roll: number): string {
  let above = 0;
  for (const { kind, weight } of table.entries) {
    above += weight;
    if (roll < above) return must(kind, 'kind');
  }
  throw new RangeError(`the roll ${roll} is outside a table of total weight ${above}`);
}

export const dropTableHash = (table: DropTable, hash: Sha256): string =>
  toHex(hash(canonicalBytes(table.entries)));

/** Whether the match waits for a verdict before it is paid: one player's plan exceeds the economy's limit. */
export function needsReview({ rewardReview }: Economy, plans: readonly RewardPlan[]): boolean {
  if (!rewardReview) return false;
  return plans.some(({ lines }) =>
    lines.some(
      ({ asset, amount }) => asset === rewardReview.asset && BigInt(amount) > BigInt(rewardReview.above),
    ),
  );
}
