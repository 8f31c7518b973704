import type { Stack, StackOptions } from './types.ts';

export type * from './types.ts';

/** Starts (or finds) the real servers; see `types.ts` for the options. */
export function startStack(_options: StackOptions): Promise<Stack> {
  return Promise.reject(new Error('not there yet'));
}
