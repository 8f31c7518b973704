/** For what cannot be missing unless we have a bug; says what was. Errors for callers are LootErrors. */
export function must<T>(value: T | null | undefined, what: string): T {
  if (value === null || value === undefined) throw new TypeError(`missing: ${what}`);
  return value;
}
