import { canonicalJson } from '../canonical-json.ts';
import { dropLabel, fractionText, oddsOf, percentText } from '../rewards/odds.ts';
import type { Fraction } from '../rewards/odds.ts';
import { diffEconomy } from './diff-economy.ts';
import type { EconomyChange } from './diff-economy.ts';
import { reachableTables } from './drops.ts';
import type { DropTable, Economy } from './types.ts';

/** The odds of one drop before and after, exactly and in percent; null: it cannot drop. */
export type OddsShift = {
  drop: string;
  before: { exact: string; percent: string } | null;
  after: { exact: string; percent: string } | null;
};
/** `pity` and `guaranteed` as text, for people. */
export type OddsChange = {
  table: string;
  versions: { before: number | null; after: number | null };
  odds: OddsShift[];
  guaranteed: { before: string[]; after: string[] };
  pity: { before: string | null; after: string | null };
};
export type EconomyDifference = {
  changes: EconomyChange[];
  odds: OddsChange[];
  /** Of the changes, those of caps, fees, review limits and what a mailbox keeps. */
  limits: EconomyChange[];
  /** What can be published and probably was not meant. */
  warnings: { pointer: string; detail: string }[];
};

/** What publishing `next` would change, without looking at what players hold. */
export function compareEconomies(current: Economy | null, next: Economy): EconomyDifference {
  const changes = diffEconomy(current, next);
  return {
    changes,
    odds: oddsChanges(current, next),
    limits: changes.filter(({ pointer }) => limitPattern.test(pointer)),
    warnings: warningsOf(next),
  };
}

const limitPattern = /\/(walletMax|dailyCaps|feeBasisPoints|rewardReview|mailbox|tripwires)(\/|$)/;

/** Every table of which a roll would come out otherwise, be it because a table nested in it changed. */
function oddsChanges(current: Economy | null, next: Economy): OddsChange[] {
  const codes = new Set([...Object.keys(current?.dropTables ?? {}), ...Object.keys(next.dropTables)]);
  return [...codes].toSorted().flatMap((table) => {
    const [before, after] = [current && describe(current, table), describe(next, table)];
    if (canonicalJson(before) === canonicalJson(after)) return [];
    const drops = new Set([...Object.keys(before?.odds ?? {}), ...Object.keys(after?.odds ?? {})]);
    return {
      table,
      versions: { before: before?.version ?? null, after: after?.version ?? null },
      odds: [...drops].map((drop) => ({
        drop,
        before: before?.odds[drop] ?? null,
        after: after?.odds[drop] ?? null,
      })),
      guaranteed: { before: before?.guaranteed ?? [], after: after?.guaranteed ?? [] },
      pity: { before: before?.pity ?? null, after: after?.pity ?? null },
    };
  });
}

function describe(economy: Economy, code: string) {
  const table = Object.hasOwn(economy.dropTables, code) ? economy.dropTables[code] : undefined;
  if (!table) return null;
  const { odds, besides } = oddsOf(economy, code);
  return {
    version: table.version,
    odds: Object.fromEntries(odds.map(({ drop, probability }) => [dropLabel(drop), shown(probability)])),
    guaranteed: besides.map(({ drop, probability }) => {
      const always = probability.numerator === probability.denominator;
      return always ? dropLabel(drop) : `${dropLabel(drop)} in ${percentText(probability)} %`;
    }),
    pity: pityText(table),
  };
}

const shown = (probability: Fraction) => ({
  exact: fractionText(probability),
  percent: percentText(probability),
});

export const pityText = ({ pity }: DropTable): string | null =>
  pity ? `${pity.entry} is certain after ${pity.misses} draws without it` : null;

function warningsOf(next: Economy): EconomyDifference['warnings'] {
  const rolled = reachableTables(
    next,
    Object.values(next.rewards).flatMap(({ rolls }) => rolls),
  );
  return Object.keys(next.dropTables)
    .filter((code) => !rolled.has(code))
    .map((code) => ({ pointer: `/dropTables/${code}`, detail: 'no reward rolls this table' }));
}
