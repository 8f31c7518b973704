import type { ErrorPlace } from '../errors.ts';
import { entryName, nestedTables, totalWeight } from './drops.ts';
import type { Drop, DropTable, Economy } from './types.ts';

/** Where the random streams end: a draw is below 2^32. */
const boundMax = 2 ** 32;
/** One roll, with everything nested and guaranteed, makes at most so many draws. */
const drawCountMax = 100;

/** Every place where a drop table could not be rolled as it reads. */
export function dropTableProblems(economy: Economy): ErrorPlace[] {
  const problems: ErrorPlace[] = [];
  for (const [code, table] of Object.entries(economy.dropTables)) {
    const pointer = `/dropTables/${code}`;
    problems.push(
      ...dropProblems(economy, table.guaranteed ?? [], `${pointer}/guaranteed`),
      ...dropProblems(economy, table.entries, `${pointer}/entries`),
      ...nameProblems(table, pointer),
      ...weightProblems(economy, table, pointer),
      ...pityProblems(table, pointer),
    );
  }
  return [...problems, ...nestingProblems(economy)];
}

function dropProblems(economy: Economy, drops: readonly Drop[], pointer: string): ErrorPlace[] {
  return drops.flatMap((drop, i): ErrorPlace[] => {
    const at = `${pointer}/${i}`;
    const { kind, asset, amount, table, nothing } = drop;
    const named = [kind, asset, table, nothing].filter((each) => each !== undefined).length;
    if (named !== 1 || nothing === false)
      return [{ pointer: at, detail: 'must be exactly one of kind, asset, table and nothing' }];
    if ((asset === undefined) !== (amount === undefined))
      return [{ pointer: `${at}/amount`, detail: 'an asset has an amount, and only an asset' }];
    if (amount !== undefined && BigInt(amount) >= 2n ** 63n)
      return [{ pointer: `${at}/amount`, detail: 'an amount is a positive integer below 2^63' }];
    if (kind !== undefined && !Object.hasOwn(economy.kinds, kind))
      return [{ pointer: `${at}/kind`, detail: `there is no kind '${kind}'` }];
    if (asset !== undefined && !Object.hasOwn(economy.assets, asset))
      return [{ pointer: `${at}/asset`, detail: `there is no asset '${asset}'` }];
    if (table !== undefined && !Object.hasOwn(economy.dropTables, table))
      return [{ pointer: `${at}/table`, detail: `there is no drop table '${table}'` }];
    return [];
  });
}

function nameProblems({ entries }: DropTable, pointer: string): ErrorPlace[] {
  const seen = new Set<string>();
  return entries.flatMap((entry, i) => {
    const name = entryName(entry);
    const again = seen.has(name);
    seen.add(name);
    const detail = `another entry is called '${name}' already; merge them or give this one a name`;
    return again ? [{ pointer: `${pointer}/entries/${i}`, detail }] : [];
  });
}

function weightProblems({ modifiers = {} }: Economy, { entries, total }: DropTable, pointer: string) {
  const problems: ErrorPlace[] = [];
  let most = 0;
  entries.forEach(({ weight, modifier }, i) => {
    const at = `${pointer}/entries/${i}`;
    if (weight === 0) problems.push({ pointer: `${at}/weight`, detail: 'weight 0: it can never be drawn' });
    const rule = modifier !== undefined && Object.hasOwn(modifiers, modifier) && modifiers[modifier];
    if (modifier !== undefined && !rule)
      problems.push({ pointer: `${at}/modifier`, detail: `there is no modifier '${modifier}'` });
    most += rule ? weight * rule.maxPercent : weight * 100;
  });
  const sum = totalWeight(entries);
  const isModified = entries.some(({ modifier }) => modifier !== undefined);
  if (sum > boundMax) problems.push({ pointer: `${pointer}/entries`, detail: 'the weights overflow 2^32' });
  else if (isModified && most > boundMax) {
    const detail = 'the weights overflow 2^32 when each is multiplied by its modifier in percent';
    problems.push({ pointer: `${pointer}/entries`, detail });
  }
  if (total !== undefined && sum !== total)
    problems.push({ pointer: `${pointer}/total`, detail: `the weights add up to ${sum}, not to ${total}` });
  return problems;
}

function pityProblems({ pity, entries }: DropTable, pointer: string): ErrorPlace[] {
  if (!pity || entries.some((entry) => entryName(entry) === pity.entry)) return [];
  return [{ pointer: `${pointer}/pity/entry`, detail: `the table has no entry '${pity.entry}'` }];
}

/** Tables that reach themselves could roll for ever; each circle is told once, at the table that closes it. */
function nestingProblems({ dropTables }: Economy): ErrorPlace[] {
  const problems: ErrorPlace[] = [];
  const drawCounts = new Map<string, number>();
  const count = (code: string, above: readonly string[]): number => {
    const known = drawCounts.get(code);
    if (known !== undefined) return known;
    if (above.includes(code)) {
      const circle = [...above.slice(above.indexOf(code)), code].join(' → ');
      problems.push({ pointer: `/dropTables/${code}`, detail: `rolls itself: ${circle}` });
      return 0;
    }
    const table = Object.hasOwn(dropTables, code) ? dropTables[code] : undefined;
    if (!table) return 0;
    const below = (drops: readonly Drop[]) =>
      nestedTables(drops).map((next) => count(next, [...above, code]));
    const sum = below(table.guaranteed ?? []).reduce((a, b) => a + b, 1);
    const own = Math.min(sum + Math.max(0, ...below(table.entries)), drawCountMax + 1);
    drawCounts.set(code, own);
    if (own > drawCountMax)
      problems.push({
        pointer: `/dropTables/${code}`,
        detail: `one roll of it could make more than ${drawCountMax} draws`,
      });
    return own;
  };
  for (const code of Object.keys(dropTables)) count(code, []);
  return problems;
}
