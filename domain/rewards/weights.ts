import { totalWeight } from '../economy/drops.ts';
import type { DropEntry, DropTable, Economy } from '../economy/types.ts';

/** A player's modifiers in percent, by name. */
export type Modifiers = { readonly [name: string]: number };
export type Weights = { weights: number[]; bound: number; variant: string };

/** The whole numbers a table is drawn with under a player's modifiers, and the name of these odds. */
export function weightsOf(
  { modifiers: rules = {} }: Economy,
  { entries }: Pick<DropTable, 'entries'>,
  modifiers: Modifiers,
): Weights {
  const named = new Set(entries.flatMap(({ modifier }) => (modifier === undefined ? [] : [modifier])));
  const applied = [...named].toSorted().flatMap((name) => {
    const percent = Math.min(Math.max(modifiers[name] ?? 100, 1), rules[name]?.maxPercent ?? 100);
    return percent === 100 ? [] : [[name, percent] as const];
  });
  const weights = scaled(entries, Object.fromEntries(applied));
  const bound = totalWeight(weights.map((weight) => ({ weight })));
  return { weights, bound, variant: applied.map(([name, percent]) => `${name}=${percent}`).join(',') };
}

/** The weights behind the name that `weightsOf` gave: anybody can compare what was drawn with them. */
export function weightsOfVariant({ entries }: Pick<DropTable, 'entries'>, variant: string): number[] {
  const pairs = variant.split(',').map((pair) => pair.split('='));
  const percents = pairs.flatMap(([name = '', percent]) =>
    percent === undefined ? [] : [[name, Number(percent)] as const],
  );
  return scaled(entries, Object.fromEntries(percents));
}

/** Every weight is multiplied, by its modifier's percentage or by 100, so that odds stay exact; without any, none is. */
function scaled(entries: readonly DropEntry[], percents: Modifiers): number[] {
  if (Object.keys(percents).length === 0) return entries.map(({ weight }) => weight);
  return entries.map(({ weight, modifier }) => weight * ((modifier && percents[modifier]) || 100));
}
