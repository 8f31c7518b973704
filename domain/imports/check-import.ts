import type { Economy } from '../economy/types.ts';
import type { ErrorPlace } from '../errors.ts';
import { LootError } from '../errors.ts';
import { parseImportLine } from './parse-line.ts';
import type { ImportContent, ImportTotals, ParsedLine } from './parse-line.ts';

const problemCountMax = 100;

/** What an import adds up to; amounts are decimal strings, sums of any size. */
export type ImportSums = { assets: { [asset: string]: string }; items: { [kind: string]: number } };

export type ImportCheck = {
  /** Parses the next line and counts it in. */
  add(lineNumber: number, text: string): ParsedLine;
  /** Counts in a line that could not even be read. */
  addUnreadable(lineNumber: number, detail: string): void;
  /** Ends the check. Throws `validation_failed` with the bad lines, `import_totals_differ`. */
  end(expected?: ImportTotals): { lineCount: number; totals: ImportSums; declared: ImportTotals | null };
};

/** Reads an import without doing anything: which lines are bad, what the good ones add up to. */
export function checkImport(economy: Economy): ImportCheck {
  const problems: ErrorPlace[] = [];
  const assets = new Map<string, bigint>();
  const items = new Map<string, number>();
  let declared: ImportTotals | null = null;
  let lineCount = 0;
  let badCount = 0;

  const report = (lineNumber: number, places: readonly ErrorPlace[]) => {
    badCount += 1;
    for (const { pointer, detail } of places)
      if (problems.length < problemCountMax)
        problems.push({ pointer: `/${lineNumber}${pointer}`, detail: `line ${lineNumber}: ${detail}` });
  };
  const count = ({ assets: amounts, items: minted }: ImportContent) => {
    lineCount += 1;
    for (const [asset, amount] of Object.entries(amounts))
      assets.set(asset, (assets.get(asset) ?? 0n) + BigInt(amount));
    for (const item of minted) items.set(item.kind, (items.get(item.kind) ?? 0) + item.count);
  };

  return {
    add(lineNumber, text) {
      const parsed = parseImportLine(text, economy);
      if (parsed.type === 'bad') report(lineNumber, parsed.problems);
      if (parsed.type === 'line') count(parsed.content);
      if (parsed.type === 'totals') {
        if (declared !== null)
          report(lineNumber, [{ pointer: '/totals', detail: 'the totals were declared before' }]);
        declared = parsed.totals;
      }
      return parsed;
    },
    addUnreadable: (lineNumber, detail) => report(lineNumber, [{ pointer: '', detail }]),
    end(expected) {
      if (badCount > 0)
        throw new LootError('validation_failed', `${badCount} lines are bad; nothing was posted.`, {
          errors: problems,
        });
      if (lineCount === 0) throw new LootError('validation_failed', 'There are no lines to import.');
      const totals = { assets: textOf(assets), items: Object.fromEntries(sorted(items)) };
      const wanted = [declared, expected].filter((one) => one !== null && one !== undefined);
      const errors = wanted.flatMap((one) => differences(one, totals));
      if (errors.length > 0)
        throw new LootError('import_totals_differ', 'The lines do not add up; nothing was posted.', {
          errors,
        });
      return { lineCount, totals, declared };
    },
  };
}

/** An asset that one side does not name counts as nothing there. */
function differences(declared: ImportTotals, found: ImportSums): ErrorPlace[] {
  const compare = (
    at: string,
    wanted: Readonly<Record<string, string | number>>,
    has: Readonly<Record<string, string | number>>,
  ) =>
    [...new Set([...Object.keys(wanted), ...Object.keys(has)])].flatMap((name) => {
      const [a, b] = [String(wanted[name] ?? 0), String(has[name] ?? 0)];
      return a === b ? [] : [{ pointer: `${at}/${name}`, detail: `declared ${a}, the lines add up to ${b}` }];
    });
  return [
    ...compare('/totals', declared.assets, found.assets),
    ...(declared.items ? compare('/items', declared.items, found.items) : []),
  ];
}

const sorted = <T>(map: ReadonlyMap<string, T>): [string, T][] =>
  [...map].toSorted(([a], [b]) => (a < b ? -1 : 1));
const textOf = (sums: ReadonlyMap<string, bigint>): Record<string, string> =>
  Object.fromEntries(sorted(sums).map(([name, sum]) => [name, sum.toString()]));
