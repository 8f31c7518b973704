/**
 * Works on all items at once; when that fails through one of them, on each half by itself, in order, down to the one at
 * fault. Answers those that failed; what is nobody's fault is thrown.
 */
export async function byHalves<T>(
  items: readonly T[],
  work: (items: readonly T[]) => Promise<void>,
  isAtFault: (error: unknown) => boolean,
): Promise<{ item: T; error: unknown }[]> {
  const [only] = items;
  if (only === undefined) return [];
  try {
    await work(items);
    return [];
  } catch (error) {
    if (!isAtFault(error)) throw error;
    if (items.length === 1) return [{ item: only, error }];
  }
  const middle = Math.ceil(items.length / 2);
  const first = await byHalves(items.slice(0, middle), work, isAtFault);
  return [...first, ...(await byHalves(items.slice(middle), work, isAtFault))];
}
