import type { JsonValue } from '../canonical-json.ts';
import type { Outcome } from '../rewards/types.ts';

/** Amounts in the file are decimal strings of positive integers below 2^63. */
export type AmountOf = { asset: string; amount: string };

/** Beyond `walletMax` a grant waits in the player's mailbox. */
export type AssetRule = { kind: 'currency' | 'stackable'; title?: string; walletMax?: string };
/** New attributes need a new version: items keep the version they were minted under. */
export type KindRule = {
  version: number;
  attributes: { readonly [name: string]: JsonValue };
  title?: string;
};

/**
 * One roll of a table gives every guaranteed drop and one of the entries; an entry's odds are weight / sum of weights.
 * Anything new in a table needs a new version.
 */
export type DropTable = {
  version: number;
  guaranteed?: readonly Drop[];
  entries: readonly DropEntry[];
  /** What the weights add up to, for tables written in percent or per mille: a slip is refused. */
  total?: number;
  pity?: PityRule;
};
/** A drop is one item, an amount, a roll of another table, or nothing: exactly one of them. */
export type Drop = {
  kind?: string;
  asset?: string;
  amount?: string;
  table?: string;
  nothing?: boolean;
};
export type DropEntry = Drop & {
  weight: number;
  rarity?: string;
  /** How pity, odds and draws name the entry; its kind, asset or table when absent. Unique in its table. */
  name?: string;
  /** The modifier that multiplies this entry's weight. */
  modifier?: string;
};
/** After `misses` draws of a player without the entry, the next one is it. */
export type PityRule = { entry: string; misses: number };
/** A whole percentage that the player's equipped item carries as this attribute, 100 when it has none. */
export type ModifierRule = { attribute: string; maxPercent: number };

/** Amounts of these assets are paid × quarters / 4, floored, by the tier the streak of UTC days has reached. */
export type StreakRule = { assets: readonly string[]; tiers: readonly StreakTier[] };
export type StreakTier = { days: number; quarters: number };
/** Percentages by place; they add up to 100. */
export type PrizeSplit = { percent: readonly number[] };
/** What the players of a match of one mode share by their placement. */
export type PrizeRule = { split: string; pot: readonly AmountOf[] };

/** What one outcome of a match pays: fixed lines, an amount per resource held, one roll of each named table. */
export type RewardRule = {
  lines: readonly AmountOf[];
  perResource: readonly AmountOf[];
  rolls: readonly string[];
};

/**
 * The economy as data. Code refers to the roles that are keys here (`match.reward`, `seal`, `market`) and never to an
 * asset; `validateEconomy` guarantees that every asset, kind and table named below exists above.
 */
export type Economy = {
  name: string;
  assets: { readonly [code: string]: AssetRule };
  kinds: { readonly [code: string]: KindRule };
  sources: { readonly [role in SourceRole]: FlowRule };
  sinks: { readonly [role in SinkRole]: FlowRule };
  dropTables: { readonly [code: string]: DropTable };
  rewards: { readonly [outcome in Outcome]: RewardRule };
  /** What a new player gets, once. */
  welcome?: { lines: readonly AmountOf[] };
  /** What sealing one action costs. */
  seal: AmountOf;
  market: { asset: string; feeBasisPoints: number };
  /** A match that pays somebody more than this waits for a verdict. */
  rewardReview?: { asset: string; above: string };
  /** Assets that a game shows as one; a price in the family is taken from its assets in this order. */
  families?: { readonly [code: string]: FamilyRule };
  modifiers?: { readonly [name: string]: ModifierRule };
  streaks?: StreakRule;
  prizeSplits?: { readonly [code: string]: PrizeSplit };
  /** By mode of the match. */
  prizes?: { readonly [mode: string]: PrizeRule };
  mailbox?: { expiresAfterDays: number };
  /** A finding of this rule closes this valve, named `<scope>:<id>`; rules that are not named only alert. */
  tripwires?: { readonly [rule: string]: TripwireRule };
};
export type FamilyRule = { spend: readonly string[]; title?: string };
export type TripwireRule = { close: string };

export const sourceRoles = ['match.reward', 'welcome', 'api.grant', 'opening'] as const;
export const sinkRoles = ['seal', 'spend', 'burn'] as const;
export type SourceRole = (typeof sourceRoles)[number];
export type SinkRole = (typeof sinkRoles)[number];
/** At most this much of each asset in one UTC day; assets that are not named have no cap. */
export type FlowRule = { title?: string; dailyCaps?: readonly AmountOf[] };
