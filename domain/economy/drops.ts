import type { Drop, DropEntry, Economy } from './types.ts';

/** A drop as one of its four kinds; `validateEconomy` guarantees that it is exactly one. */
export type DropTarget =
  | { type: 'item'; kind: string }
  | { type: 'amount'; asset: string; amount: string }
  | { type: 'table'; table: string }
  | { type: 'nothing' };

export function targetOf({ kind, asset, amount, table }: Drop): DropTarget {
  if (kind !== undefined) return { type: 'item', kind };
  if (asset !== undefined && amount !== undefined) return { type: 'amount', asset, amount };
  if (table !== undefined) return { type: 'table', table };
  return { type: 'nothing' };
}

/** How pity, published odds and draws call an entry. */
export const entryName = (entry: DropEntry): string =>
  entry.name ?? entry.kind ?? entry.table ?? entry.asset ?? 'nothing';

export const totalWeight = (entries: readonly { weight: number }[]): number =>
  entries.reduce((sum, { weight }) => sum + weight, 0);

/** The tables that one roll of these can reach, themselves included; stands still where tables name each other. */
export function reachableTables({ dropTables }: Economy, roots: readonly string[]): Set<string> {
  const reached = new Set<string>();
  const visit = (code: string): void => {
    if (reached.has(code) || !Object.hasOwn(dropTables, code)) return;
    reached.add(code);
    const { guaranteed = [], entries = [] } = dropTables[code] ?? {};
    nestedTables([...guaranteed, ...entries]).forEach(visit);
  };
  roots.forEach(visit);
  return reached;
}

export const nestedTables = (drops: readonly Drop[]): string[] =>
  drops.flatMap(({ table }) => (table === undefined ? [] : [table]));
