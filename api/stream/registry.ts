import { LootError } from '../../domain/errors.ts';

/** Tabs of one player's browsers and devices; more is no reader but a flood. */
const perPlayerMax = 5;

/** Streams that stay open until somebody ends them: a server that stops has to. */
export type StreamRegistry = {
  /** Throws `rate_limited` when the player has as many streams open as one may. */
  check(playerId: string): void;
  /** Answers how to forget it. Throws like `check`. */
  add(playerId: string, close: () => void): () => void;
  /** Ends a player's streams in this process. */
  closeOf(playerId: string): void;
  closeAll(): void;
};

export function createStreamRegistry(): StreamRegistry {
  const open = new Map<string, Set<() => void>>();

  function check(playerId: string): void {
    if ((open.get(playerId)?.size ?? 0) >= perPlayerMax)
      throw new LootError(
        'rate_limited',
        `A player may have ${perPlayerMax} streams open; close one first.`,
        {
          retryAfterMs: 5_000,
        },
      );
  }

  return {
    check,
    add(playerId, close) {
      check(playerId);
      const own = open.get(playerId) ?? new Set();
      open.set(playerId, own.add(close));
      return () => {
        own.delete(close);
        if (own.size === 0 && open.get(playerId) === own) open.delete(playerId);
      };
    },
    closeOf(playerId) {
      for (const close of open.get(playerId) ?? []) close();
    },
    closeAll() {
      for (const own of open.values()) for (const close of own) close();
    },
  };
}
