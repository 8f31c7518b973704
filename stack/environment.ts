import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Environment } from './types.ts';

/** The one place of `stack/` that reads the process environment: servers and builds need PATH, HOME and proxies as they are. */
export const hostEnvironment = (): Environment => process.env;

/** Artifacts live outside the checkout, so that every clone on this machine shares them. */
export function cacheRoot(env: Environment = hostEnvironment()): string {
  const base = env['XDG_CACHE_HOME'];
  return join(base !== undefined && base !== '' ? base : join(homedir(), '.cache'), 'lootledger');
}

/** Root of this checkout. */
export const CHECKOUT_DIR = resolve(import.meta.dirname, '..');

export const DEFAULT_STACK_DIR = join(CHECKOUT_DIR, '.stack');
