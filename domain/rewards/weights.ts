import { totalWeight } from '../economy/drops.ts';
import type { DropTable, Economy } from '../economy/types.ts';
import { must } from '../must.ts';

/** A player's modifiers in percent, by name. */
export type Modifiers = { readonly [name: string]: number };
export type Weights = { weights: number[]; bound: number; variant: string };

/**
 * The whole numbers a table is drawn with. Under modifiers every weight is multiplied, by the modifier's percentage or by
 * 100, so that odds stay exact; modifiers of 100 leave the published weights as they are.
 */
export function weightsOf(
  { modifiers: rules = {} }: Economy,
  { entries }: DropTable,
  modifiers: Modifiers,
): Weights {
  const percents = entries.map(({ modifier }) => {
    const rule = modifier === undefined ? undefined : rules[modifier];
    const percent = modifier === undefined ? 100 : (modifiers[modifier] ?? 100);
    return rule ? Math.min(Math.max(percent, 1), rule.maxPercent) : 100;
  });
  const isModified = percents.some((percent) => percent !== 100);
  const weights = entries.map(({ weight }, i) =>
    isModified ? weight * must(percents[i], 'percent') : weight,
  );
  const applied = entries.flatMap(({ modifier }, i) =>
    modifier === undefined ? [] : [`${modifier}=${percents[i]}`],
  );
  return {
    weights,
    bound: totalWeight(weights.map((weight) => ({ weight }))),
    variant: isModified ? [...new Set(applied)].toSorted().join(',') : '',
  };
}

/** The modifiers that a variant was made of; null for draws that pity decided. */
export function modifiersOfVariant(variant: string): Modifiers | null {
  if (variant === 'pity') return null;
  const pairs = variant.split(',').flatMap((part) => {
    const [name, percent] = part.split('=');
    return name !== undefined && percent !== undefined ? [[name, Number(percent)] as const] : [];
  });
  return Object.fromEntries(pairs);
}
