/**
 * Arrays as PostgreSQL's text form, for parameters with hundreds of elements: the driver's own encoder, which takes any
 * nesting of anything, costs three times as much.
 */

type Plain = string | number | bigint | boolean | null;

/** For texts, and what is written like them: uuid, jsonb. */
export function textArray(values: readonly (string | null)[]): string {
  let text = '{';
  for (const value of values) {
    if (text.length > 1) text += ',';
    text += value === null ? 'NULL' : needsEscape.test(value) ? `"${escape(value)}"` : `"${value}"`;
  }
  return `${text}}`;
}

/** One element where all are alike, which `unnest` beside a longer array completes with NULLs. */
export const repeatedTextArray = (values: readonly string[]): string =>
  textArray(values.every((value) => value === values[0]) ? values.slice(0, 1) : values);

/** For what contains neither quotes, commas nor spaces: numbers and booleans. */
export function plainArray(values: readonly Plain[]): string {
  let text = '{';
  for (const value of values) {
    if (text.length > 1) text += ',';
    text += value === null ? 'NULL' : value;
  }
  return `${text}}`;
}

export const bytesArray = (values: readonly Buffer[]): string =>
  `{${values.map((value) => `"\\\\x${value.toString('hex')}"`).join(',')}}`;

const needsEscape = /["\\]/;
const escape = (value: string): string => value.replaceAll(/["\\]/g, '\\$&');
