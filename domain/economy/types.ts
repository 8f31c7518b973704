import type { JsonValue } from '../canonical-json.ts';
import type { Outcome } from '../rewards/types.ts';

/** Amounts in the file are decimal strings of positive integers below 2^63. */
export type AmountOf = { asset: string; amount: string };

export type AssetRule = { kind: 'currency' | 'stackable'; title?: string };
/** New attributes need a new version: items keep the version they were minted under. */
export type KindRule = {
  version: number;
  attributes: { readonly [name: string]: JsonValue };
  title?: string;
};
/** Weights are relative; the odds of an entry are weight / sum of weights. New entries need a new version. */
export type DropTable = { version: number; entries: readonly DropEntry[] };
export type DropEntry = { kind: string; weight: number; rarity?: string };

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
};

export const sourceRoles = ['match.reward', 'welcome', 'api.grant', 'opening'] as const;
export const sinkRoles = ['seal', 'spend', 'burn'] as const;
export type SourceRole = (typeof sourceRoles)[number];
export type SinkRole = (typeof sinkRoles)[number];
export type FlowRule = { title?: string };
