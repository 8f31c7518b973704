import type { Economy } from '../economy/types.ts';
import { LootError } from '../errors.ts';

type Line = { asset: string; amount: bigint };
/** `short`: the first line that the wallets do not cover, by the name it was asked under. */
export type SpendSplit = { parts: Line[]; short: { asset: string; shortfall: bigint } | null };

/**
 * What is taken of which asset. A line that names an asset takes it; one that names a family takes of its assets in the
 * declared order as much as is there, after the lines that leave no choice. What nothing covers stays with the family's
 * last asset, so that the ledger refuses it. Throws `unknown_asset`.
 */
export function splitSpend(
  economy: Economy,
  lines: readonly Line[],
  available: ReadonlyMap<string, bigint>,
): SpendSplit {
  const left = new Map(available);
  let short: SpendSplit['short'] = null;
  const take = (asset: string, amount: bigint): bigint => {
    const here = left.get(asset) ?? 0n;
    const taken = here < amount ? here : amount;
    left.set(asset, here - taken);
    return amount - taken;
  };
  const direct = lines.filter(({ asset }) => familyOf(economy, asset) === null);
  for (const { asset, amount } of direct) {
    const shortfall = take(asset, amount);
    if (shortfall > 0n) short ??= { asset, shortfall };
  }
  const parts = lines.flatMap((line) => {
    const members = familyOf(economy, line.asset);
    if (members === null) return [line];
    let missing = line.amount;
    const taken = members.map((asset) => {
      const before = missing;
      missing = take(asset, missing);
      return { asset, amount: before - missing };
    });
    const last = taken.at(-1);
    if (missing > 0n) short ??= { asset: line.asset, shortfall: missing };
    if (last) last.amount += missing;
    return taken.filter(({ amount }) => amount > 0n);
  });
  return { parts, short };
}

export const namesFamily = (economy: Economy, lines: readonly Pick<Line, 'asset'>[]): boolean =>
  lines.some(({ asset }) => familyOf(economy, asset) !== null);

/** Every asset that a line may take from. */
export const assetsOf = (economy: Economy, lines: readonly Pick<Line, 'asset'>[]): string[] => [
  ...new Set(lines.flatMap(({ asset }) => familyOf(economy, asset) ?? [asset])),
];

/** A family's assets in spend order; null for an asset. Throws `unknown_asset` for what is neither. */
function familyOf({ assets, families }: Economy, code: string): readonly string[] | null {
  if (Object.hasOwn(assets, code)) return null;
  const family = families !== undefined && Object.hasOwn(families, code) ? families[code] : undefined;
  if (family === undefined)
    throw new LootError('unknown_asset', `The economy has no asset or family '${code}'.`);
  return family.spend;
}
