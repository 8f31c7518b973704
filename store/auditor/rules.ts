import type { Queryable } from '../db.ts';
import { flowDifferences } from '../flows/flow-differences.ts';
import { accountRules } from './account-rules.ts';
import { eventRules } from './event-rules.ts';
import { findWith, violationCountMax } from './scope.ts';
import type { AuditScope, Found } from './scope.ts';
import { storyRules } from './story-rules.ts';

/** The stable name of a rule: what findings, metrics, alerts and tripwires call it. */
export const ruleNames = [
  'transfers_balanced',
  'assets_conserved',
  'wallet_counters',
  'folded_totals',
  'wallets_not_negative',
  'mailboxes_covered',
  'escrow_empty',
  'plans_paid',
  'keys_once',
  'trades_settled',
  'item_custody',
  'locks_owned',
  'holds_owned',
  'events_told',
  'event_sequences',
  'flows_reconciled',
  'blocks_chained',
] as const;
export type RuleName = (typeof ruleNames)[number];

export type Rule = {
  name: RuleName;
  title: string;
  /** What is true when nothing is found. */
  holds: string;
  /** Too much work for a look at what is new; another rule sees at least that something is wrong. */
  fullOnly?: true;
};
/** `violations` is a query of `subject`, `detail` and `since`; its parameters are the scope's, see `findWith`. */
export type SqlRule = Rule & { violations: string };
export type FindingRule = Rule & { find(on: Queryable, scope: AuditScope): Promise<Found> };

const bySql = ({ violations, ...rule }: SqlRule): FindingRule => ({
  ...rule,
  find: (on, scope) => findWith(on, violations, scope),
});

const flows: FindingRule = {
  name: 'flows_reconciled',
  title: 'P1 the flows that are shown are those of the journals',
  holds: 'the rollup agrees with the journals as far as it goes',
  async find(on, { after }) {
    const differences = await flowDifferences(on, journalIdMax, after);
    return {
      violationCount: differences.length,
      violations: differences
        .slice(0, violationCountMax)
        .map(({ hour, asset, purpose, role, code, ...sums }) => ({
          subject: [hour.toISOString(), asset, purpose, role, code].join(' '),
          detail: `rollup ${JSON.stringify(sums.rollup)}, journals ${JSON.stringify(sums.journals)}`,
          since: null,
        })),
    };
  },
};
const journalIdMax = 2n ** 63n - 1n;

/** All rules over rows; the chain of blocks has its own way, see `check-blocks.ts`. */
export const rules: readonly FindingRule[] = [
  ...[...accountRules, ...storyRules, ...eventRules].map(bySql),
  flows,
];
