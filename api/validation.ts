import type { z } from '@hono/zod-openapi';
import type { ErrorPlace } from '../domain/errors.ts';
import { CANONICAL_DEPTH_MAX } from '../domain/canonical-json.ts';

const placeCountMax = 50;

const pointer = (prefix: string, path: readonly PropertyKey[]): string =>
  prefix + path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

/** What zod found, as JSON Pointers; an unknown field is reported where it stands. */
export function placesOf(error: z.ZodError, prefix: string): ErrorPlace[] {
  return error.issues.flatMap((issue) => placesOfIssue(issue, prefix)).slice(0, placeCountMax);
}

function placesOfIssue(issue: Issue, prefix: string): ErrorPlace[] {
  const at = pointer(prefix, issue.path);
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ pointer: pointer(at, [key]), detail: 'unknown field' }));
  if (issue.code === 'invalid_union') {
    // of an object or a list of them the one that was meant; of two objects nobody can say
    const [meant, ...others] = issue.errors.filter((branch) => !branch.some(isOtherKind));
    if (meant !== undefined && others.length === 0) return meant.flatMap((inner) => placesOfIssue(inner, at));
  }
  return [{ pointer: at, detail: issue.message }];
}

type Issue = z.core.$ZodIssue;

const isOtherKind = ({ code, path }: Issue): boolean => code === 'invalid_type' && path.length === 0;

/**
 * What JSON allows and a database or a hash does not: NUL, lone surrogates, absurd depth. Looked for before any schema,
 * so that no schema can forget it.
 */
export function unstorablePlaces(value: unknown, prefix = ''): ErrorPlace[] {
  const places: ErrorPlace[] = [];
  visit(value, [], places, prefix);
  return places;
}

function visit(value: unknown, path: string[], places: ErrorPlace[], prefix: string): void {
  if (places.length >= placeCountMax) return;
  const report = (detail: string, at = path) =>
    places.push({ pointer: pointer(prefix, at.map(printable)), detail });
  if (typeof value === 'string') {
    const flaw = flawOf(value);
    if (flaw) report(flaw);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  if (path.length >= CANONICAL_DEPTH_MAX) return void report('nested too deeply', []);
  for (const [key, member] of Object.entries(value)) {
    const flaw = flawOf(key);
    if (flaw) report(`name: ${flaw}`, [...path, key]);
    visit(member, [...path, key], places, prefix);
  }
}

const flawOf = (text: string): string | undefined => {
  if (text.includes('\0')) return 'contains NUL';
  return text.isWellFormed() ? undefined : 'contains a lone surrogate';
};

const printable = (text: string): string => text.replaceAll('\0', '\u{FFFD}').toWellFormed();
