/** How a player came out of a match; brought-in games report the same words. */
export type Outcome = 'winner' | 'survivor' | 'eliminated';

export type PlanLine = { asset: string; amount: string };

/** An item the roll chose; `roll` and `bound` let anybody repeat it from the published seed. */
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

/** What one player is paid for one match: computed once at settlement, pinned in the event and in the journal. */
export type RewardPlan = {
  playerId: string;
  outcome: Outcome;
  economyVersion: number;
  /** Amounts the rule is a function of, such as resources held. */
  input: { resources: string };
  lines: PlanLine[];
  items: PlanItem[];
};

export const isEmptyPlan = (plan: RewardPlan): boolean => plan.lines.length === 0 && plan.items.length === 0;
