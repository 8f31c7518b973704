import { schemaProblems } from '../economy/schema-problems.ts';
import type { ShapeSchema } from '../economy/schema-problems.ts';
import type { Economy } from '../economy/types.ts';
import type { ErrorPlace } from '../errors.ts';

/** What one line of an import brings: amounts per asset, items by kind. */
export type ImportContent = {
  assets: { readonly [asset: string]: string };
  items: readonly { kind: string; count: number }[];
};
export type ImportPlayer = { id: string } | { issuer: string; subject: string };
/** What the whole file should add up to, as its first or last line says. */
export type ImportTotals = {
  assets: { readonly [asset: string]: string };
  /** Absent: not declared, so not compared. */
  items?: { readonly [kind: string]: number };
};
export type ParsedLine =
  | { type: 'blank' }
  | { type: 'totals'; totals: ImportTotals }
  | { type: 'line'; player: ImportPlayer; content: ImportContent }
  | { type: 'bad'; problems: ErrorPlace[] };

const itemCountMax = 100;
const amountMax = 2n ** 63n - 1n;

const code = '^[a-z][a-z0-9_]{0,40}$';
const outsideName: ShapeSchema = { type: 'string', minLength: 1, maxLength: 255, pattern: '^[^\\u0000]*$' };
const player: ShapeSchema = {
  type: 'object',
  properties: {
    id: { type: 'string', pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' },
    issuer: outsideName,
    subject: outsideName,
  },
  additionalProperties: false,
};
const amounts: ShapeSchema = {
  type: 'object',
  propertyNames: { pattern: code },
  additionalProperties: { type: 'string', pattern: '^[1-9][0-9]{0,18}$' },
};
const item: ShapeSchema = {
  type: 'object',
  properties: {
    kind: { type: 'string', pattern: code },
    count: { type: 'integer', minimum: 1, maximum: itemCountMax },
  },
  required: ['kind'],
  additionalProperties: false,
};
const lineSchema: ShapeSchema = {
  type: 'object',
  properties: { player, assets: amounts, items: { type: 'array', items: item, maxItems: itemCountMax } },
  required: ['player'],
  additionalProperties: false,
};
const counts: ShapeSchema = {
  type: 'object',
  propertyNames: { pattern: code },
  additionalProperties: { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
};
// a sum may be larger than any one amount, and nothing
const totalsSchema: ShapeSchema = {
  type: 'object',
  properties: {
    totals: {
      type: 'object',
      propertyNames: { pattern: code },
      additionalProperties: { type: 'string', pattern: '^(0|[1-9][0-9]{0,37})$' },
    },
    items: counts,
  },
  required: ['totals'],
  additionalProperties: false,
};

type RawLine = {
  player: ImportPlayer;
  assets?: ImportContent['assets'];
  items?: { kind: string; count?: number }[];
};

/** One line of the file, checked for shape and against what the economy knows. */
export function parseImportLine(text: string, economy: Economy): ParsedLine {
  if (text.trim() === '') return { type: 'blank' };
  let value: unknown;
  try {
    value = JSON.parse(text, refusePrototype);
  } catch {
    return { type: 'bad', problems: [{ pointer: '', detail: 'is not JSON' }] };
  }
  if (typeof value === 'object' && value !== null && Object.hasOwn(value, 'totals'))
    return parseTotals(value);
  const misshapen = schemaProblems(lineSchema, value);
  if (misshapen.length > 0) return { type: 'bad', problems: misshapen };
  const raw = value as RawLine;
  const problems = problemsOf(raw, economy);
  if (problems.length > 0) return { type: 'bad', problems };
  const items = (raw.items ?? []).map(({ kind, count = 1 }) => ({ kind, count }));
  return { type: 'line', player: raw.player, content: { assets: raw.assets ?? {}, items } };
}

function parseTotals(value: object): ParsedLine {
  const problems = schemaProblems(totalsSchema, value);
  if (problems.length > 0) return { type: 'bad', problems };
  const { totals: assets, items } = value as {
    totals: ImportTotals['assets'];
    items?: ImportTotals['items'];
  };
  return { type: 'totals', totals: { assets, ...(items && { items }) } };
}

function problemsOf({ player: who, assets = {}, items = [] }: RawLine, economy: Economy): ErrorPlace[] {
  const problems: ErrorPlace[] = [];
  const names = Object.keys(who).toSorted().join();
  if (names !== 'id' && names !== 'issuer,subject')
    problems.push({ pointer: '/player', detail: 'is an id, or an issuer and a subject' });
  if (!Object.values(who).every((name) => name.isWellFormed()))
    problems.push({ pointer: '/player', detail: 'contains a lone surrogate' });
  for (const [asset, amount] of Object.entries(assets)) {
    if (!Object.hasOwn(economy.assets, asset))
      problems.push({ pointer: `/assets/${asset}`, detail: `there is no asset '${asset}'` });
    if (BigInt(amount) > amountMax)
      problems.push({ pointer: `/assets/${asset}`, detail: `must be at most ${amountMax}` });
  }
  items.forEach(({ kind }, index) => {
    if (!Object.hasOwn(economy.kinds, kind))
      problems.push({ pointer: `/items/${index}/kind`, detail: `there is no catalog kind '${kind}'` });
  });
  const itemCount = items.reduce((sum, { count = 1 }) => sum + count, 0);
  if (itemCount > itemCountMax)
    problems.push({ pointer: '/items', detail: `must be at most ${itemCountMax} items` });
  if (itemCount === 0 && Object.keys(assets).length === 0)
    problems.push({ pointer: '', detail: 'brings nothing' });
  return problems;
}

function refusePrototype(key: string, value: unknown): unknown {
  if (key === '__proto__') throw new SyntaxError('A member named __proto__ is refused.');
  return value;
}
