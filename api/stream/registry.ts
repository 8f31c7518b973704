import { LootError } from '../../domain/errors.ts';

/** Tabs of one player's browsers and devices; more is no reader but a flood. */
const perPlayerMax = 5;
/** Processes of one studio that follow what happens. */
export const perKeyMax = 20;
/** Each holds a socket and up to a MiB that its reader has not read. */
const perProcessMax = 2_000;

/** Streams that stay open until somebody ends them: a server that stops has to. */
export type StreamRegistry = {
  /** Throws `rate_limited` when whoever reads has as many streams open as one may, `overloaded` when the process has. */
  check(reader: string, countMax?: number): void;
  /** Answers how to forget it. Throws like `check`. */
  add(reader: string, close: () => void, options?: { countMax?: number; keyId?: string }): () => void;
  /** Ends a reader's streams in this process; a player's by their id. */
  closeOf(reader: string): void;
  /** Keys with which something is open in this process. */
  openKeys(): string[];
  /** Ends what was opened with an API key in this process. */
  closeOfKey(keyId: string): void;
  closeAll(): void;
};

export function createStreamRegistry({ countMax: processMax = perProcessMax } = {}): StreamRegistry {
  const open = new Map<string, Set<() => void>>();
  const keys = new Map<() => void, string>();
  let count = 0;

  function check(reader: string, countMax = perPlayerMax): void {
    if (count >= processMax)
      throw new LootError('overloaded', 'This server has as many streams open as it can hold.', {
        retryAfterMs: 5_000,
      });
    if ((open.get(reader)?.size ?? 0) >= countMax)
      throw new LootError('rate_limited', `No more than ${countMax} streams at once; close one first.`, {
        retryAfterMs: 5_000,
      });
  }

  return {
    check,
    add(reader, close, { countMax, keyId } = {}) {
      check(reader, countMax);
      if (keyId !== undefined) keys.set(close, keyId);
      const own = open.get(reader) ?? new Set();
      open.set(reader, own.add(close));
      count += 1;
      return () => {
        keys.delete(close);
        if (own.delete(close)) count -= 1;
        if (own.size === 0 && open.get(reader) === own) open.delete(reader);
      };
    },
    closeOf(reader) {
      for (const close of open.get(reader) ?? []) close();
    },
    openKeys: () => [...new Set(keys.values())],
    closeOfKey(keyId) {
      for (const [close, of] of keys) if (of === keyId) close();
    },
    closeAll() {
      for (const own of open.values()) for (const close of own) close();
    },
  };
}
