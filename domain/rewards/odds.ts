import { entryName, targetOf } from '../economy/drops.ts';
import type { DropTarget } from '../economy/drops.ts';
import type { Economy } from '../economy/types.ts';
import { must } from '../must.ts';
import { weightsOf } from './weights.ts';
import type { Modifiers } from './weights.ts';

/** An exact probability, in lowest terms. */
export type Fraction = { numerator: bigint; denominator: bigint };
/** What a roll can come to in the end; a table is none, for what it gives is drawn from it. */
export type FinalDrop = Exclude<DropTarget, { type: 'table' }>;
export type Odds = { drop: FinalDrop; probability: Fraction };

/** `odds` add up to exactly 1: one of them comes out. `besides` comes with it, as often as it says. */
export type TableOdds = { odds: Odds[]; besides: { drop: DropTarget; probability: Fraction }[] };

/**
 * The final odds of one roll of a table without pity: nested tables are multiplied out, the same drop by several ways is
 * one. What is guaranteed, by the table or by one that is nested in it, is told apart, with the probability of getting there.
 */
export function oddsOf(economy: Economy, code: string, modifiers: Modifiers = {}): TableOdds {
  const odds = new Map<string, Odds>();
  const besides = new Map<string, { drop: DropTarget; probability: Fraction }>();

  function visit(table: string, reached: Fraction): void {
    const rule = must(economy.dropTables[table], `drop table ${table}`);
    for (const drop of rule.guaranteed ?? []) add(besides, targetOf(drop), reached);
    const { weights, bound } = weightsOf(economy, rule, modifiers);
    rule.entries.forEach((entry, i) => {
      const share = { numerator: BigInt(must(weights[i], 'weight')), denominator: BigInt(bound) };
      const probability = times(reached, share);
      const target = targetOf(entry);
      if (target.type === 'table') visit(target.table, probability);
      else add(odds, target, probability);
    });
  }

  visit(code, one);
  return { odds: [...odds.values()], besides: [...besides.values()] };
}

export type EntryOdds = { entry: string; drop: DropTarget; weight: number; probability: Fraction };

/** The odds of the table's own entries, as pity and conformance name them. */
export function entryOddsOf(economy: Economy, code: string, modifiers: Modifiers = {}): EntryOdds[] {
  const table = must(economy.dropTables[code], `drop table ${code}`);
  const { weights, bound } = weightsOf(economy, table, modifiers);
  return table.entries.map((entry, i) => {
    const weight = must(weights[i], 'weight');
    return {
      entry: entryName(entry),
      drop: targetOf(entry),
      weight,
      probability: reduced({ numerator: BigInt(weight), denominator: BigInt(bound) }),
    };
  });
}

const one: Fraction = { numerator: 1n, denominator: 1n };

function add<D extends DropTarget>(
  to: Map<string, { drop: D; probability: Fraction }>,
  drop: D,
  probability: Fraction,
): void {
  const key = dropLabel(drop);
  const before = to.get(key)?.probability ?? { numerator: 0n, denominator: 1n };
  to.set(key, { drop, probability: plus(before, probability) });
}

/** How a drop is written: `iron_sword`, `50 gold`, `table weapons`, `nothing`. */
export function dropLabel(drop: DropTarget): string {
  switch (drop.type) {
    case 'item':
      return drop.kind;
    case 'amount':
      return `${drop.amount} ${drop.asset}`;
    case 'table':
      return `table ${drop.table}`;
    case 'nothing':
      return 'nothing';
  }
}

export const plus = (a: Fraction, b: Fraction): Fraction =>
  reduced({
    numerator: a.numerator * b.denominator + b.numerator * a.denominator,
    denominator: a.denominator * b.denominator,
  });

const times = (a: Fraction, b: Fraction): Fraction =>
  reduced({ numerator: a.numerator * b.numerator, denominator: a.denominator * b.denominator });

function reduced({ numerator, denominator }: Fraction): Fraction {
  let [a, b] = [numerator, denominator];
  while (b !== 0n) [a, b] = [b, a % b];
  return { numerator: numerator / a, denominator: denominator / a };
}

export const fractionText = ({ numerator, denominator }: Fraction): string => `${numerator}/${denominator}`;

const percentScale = 1_000_000n;

/** In percent with at most six decimals, rounded half up; the fraction beside it is exact. */
export function percentText({ numerator, denominator }: Fraction): string {
  const scaled = (2n * numerator * 100n * percentScale + denominator) / (2n * denominator);
  const decimals = (scaled % percentScale).toString().padStart(6, '0').replace(/0+$/, '');
  return `${scaled / percentScale}${decimals === '' ? '' : `.${decimals}`}`;
}
