import { drawBelow, toHex } from '../arena/random.ts';
import type { Sha256 } from '../arena/types.ts';
import { canonicalBytes } from '../canonical-json.ts';
import { entryName, targetOf } from '../economy/drops.ts';
import type { Drop, DropEntry, DropTable, Economy } from '../economy/types.ts';
import { must } from '../must.ts';
import type { PlanDraw, PlanItem } from './types.ts';
import { weightsOf } from './weights.ts';
import type { Modifiers } from './weights.ts';

export type RollInput = {
  economy: Economy;
  /** In hex. */
  seed: string;
  /** The player's own stream. */
  label: string;
  modifiers: Modifiers;
  /** Misses so far, by table. */
  pity: { readonly [table: string]: number };
  /** The id of the player's `index`-th item. */
  itemIdAt(index: number): string;
};
export type Rolled = {
  items: PlanItem[];
  amounts: { asset: string; amount: bigint }[];
  draws: PlanDraw[];
};

/** What a table is, without its version: anything else in it is a version of its own. */
export function dropTableHash(table: DropTable, hash: Sha256): string {
  const { version: _, ...content } = table;
  return toHex(hash(canonicalBytes(content)));
}

/**
 * Rolls tables one after another: first what a table guarantees, then one of its entries, each with all that is nested in
 * it. Draws follow each other in the player's stream, and each sees the misses of those before it. `parseEconomy` has made
 * sure that tables end.
 */
export function rollTables(input: RollInput, tables: readonly string[], hash: Sha256): Rolled {
  const { economy, seed, label, modifiers } = input;
  const rolled: Rolled = { items: [], amounts: [], draws: [] };
  const misses: { [table: string]: number } = { ...input.pity };
  let counter = 0;
  const givenCount = () => rolled.items.length + rolled.amounts.length;

  function roll(code: string): void {
    const table = must(economy.dropTables[code], `drop table ${code}`);
    const source = { table: code, tableVersion: table.version, tableHash: dropTableHash(table, hash), label };
    const before = givenCount();
    for (const drop of table.guaranteed ?? []) give(drop, { ...source, roll: 0, bound: 1 });
    const { entry, ...drawn } = choose(code, table);
    const draw: PlanDraw = { ...source, entry: entryName(entry), ...drawn };
    rolled.draws.push(draw);
    if (table.pity) {
      const isHit = entryName(entry) === table.pity.entry;
      misses[code] = isHit ? 0 : (misses[code] ?? 0) + 1;
    }
    give(entry, { ...source, roll: drawn.roll, bound: drawn.bound });
    draw.gave = givenCount() > before;
  }

  function choose(code: string, table: DropTable): Chosen {
    const due = dueEntry(table, misses[code] ?? 0);
    if (due) return { entry: due, counter, roll: 0, bound: 1, variant: 'pity' };
    const { weights, bound, variant } = weightsOf(economy, table, modifiers);
    const own = { counter, roll: drawBelow(seed, label, counter, bound, hash), bound, variant };
    counter += 1;
    return { entry: entryAt(table, weights, own.roll), ...own };
  }

  function give(drop: Drop, from: Omit<PlanItem, 'itemId' | 'kind' | 'kindVersion'>): void {
    const target = targetOf(drop);
    if (target.type === 'table') roll(target.table);
    if (target.type === 'amount') rolled.amounts.push({ asset: target.asset, amount: BigInt(target.amount) });
    if (target.type === 'item') {
      const { version } = must(economy.kinds[target.kind], `kind ${target.kind}`);
      const itemId = input.itemIdAt(rolled.items.length);
      rolled.items.push({ itemId, kind: target.kind, kindVersion: version, ...from });
    }
  }

  tables.forEach(roll);
  return rolled;
}

type Chosen = { entry: DropEntry } & Pick<PlanDraw, 'counter' | 'roll' | 'bound' | 'variant'>;

const dueEntry = ({ pity, entries }: DropTable, misses: number): DropEntry | undefined =>
  pity && misses >= pity.misses ? entries.find((entry) => entryName(entry) === pity.entry) : undefined;

function entryAt({ entries }: DropTable, weights: readonly number[], roll: number): DropEntry {
  let above = 0;
  const entry = entries.find((_, i) => (above += must(weights[i], 'weight')) > roll);
  return must(entry, `an entry for roll ${roll} of ${above}`);
}
