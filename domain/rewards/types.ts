/** How a player came out of a match; brought-in games report the same words. */
export type Outcome = 'winner' | 'survivor' | 'eliminated';

export type PlanLine = { asset: string; amount: string };

/**
 * An item that a table gave; `roll` and `bound` let anybody repeat it from the published seed. What is certain, because the
 * table guarantees it or pity is due, is roll 0 of bound 1.
 */
export type PlanItem = {
  itemId: string;
  kind: string;
  kindVersion: number;
  table: string;
  tableVersion: number;
  tableHash: string;
  label: string;
  roll: number;
  bound: number;
};

/**
 * One choice among a table's entries: the `counter`-th draw of the stream `label`. `variant` says which odds applied: '' the
 * published ones, `luck=150` those under a modifier, `pity` none, for the entry was due.
 */
export type PlanDraw = {
  table: string;
  tableVersion: number;
  tableHash: string;
  entry: string;
  label: string;
  counter: number;
  roll: number;
  bound: number;
  variant: string;
  /** Whether anything came of it: with what the table guarantees and all that is nested in it. */
  gave?: boolean;
};

/** Whom of how many a split of prizes pays: `place` counts from 1, the `tiedIndex`-th of `tiedCount` who share it. */
export type PrizePlace = {
  mode: string;
  place: number;
  tiedCount: number;
  tiedIndex: number;
  playerCount: number;
};

/** What the rule is a function of besides outcome, version and seed, as read at settlement; absent where no rule asks. */
export type PlanInput = {
  resources: string;
  streakDays?: number;
  /** Percentages by modifier. */
  modifiers?: { [name: string]: number };
  /** Draws without the entry that pity is about, by table. */
  pity?: { [table: string]: number };
  prize?: PrizePlace;
};

/** What one player is paid for one match: computed once at settlement, pinned in the event and in the journal. */
export type RewardPlan = {
  playerId: string;
  outcome: Outcome;
  economyVersion: number;
  input: PlanInput;
  lines: PlanLine[];
  items: PlanItem[];
  /** Every choice that was drawn, also of nothing; absent when the rule rolls no table. */
  draws?: PlanDraw[];
};

export const isEmptyPlan = (plan: RewardPlan): boolean => plan.lines.length === 0 && plan.items.length === 0;
