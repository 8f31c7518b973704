import type { PlayerEvent, PlayerEvents } from '../deps.ts';
import { playersOf } from './players-of.ts';

/** Between whoever reads the topics and the streams of the players connected here. */
export type PlayerEventHub = PlayerEvents & { publish(event: PlayerEvent): void };

/** Enough for a reconnect after a short break; whoever was away longer reads the resources anew. */
const eventsPerPlayerMax = 64;
const playerCountMax = 20_000;

type Entry = { recent: PlayerEvent[]; listeners: Set<(event: PlayerEvent) => void> };

export function createPlayerEventHub(): PlayerEventHub {
  const players = new Map<string, Entry>();

  function entryOf(playerId: string): Entry {
    const entry = players.get(playerId) ?? { recent: [], listeners: new Set() };
    // Reinserted: the map stays in order of last use.
    players.delete(playerId);
    players.set(playerId, entry);
    return entry;
  }

  function forgetIdle(): void {
    for (const [playerId, { listeners }] of players) {
      if (players.size <= playerCountMax) return;
      if (listeners.size === 0) players.delete(playerId);
    }
  }

  return {
    publish(event) {
      for (const playerId of playersOf(event.type, event.data)) {
        const { recent, listeners } = entryOf(playerId);
        // A topic is read at least once: what was told is not told again.
        if (recent.some(({ id }) => id === event.id)) continue;
        recent.push(event);
        if (recent.length > eventsPerPlayerMax) recent.shift();
        for (const listener of listeners) listener(event);
      }
      if (players.size > playerCountMax) forgetIdle();
    },
    subscribe(playerId, onEvent, { lastEventId, onGap } = {}) {
      const { recent, listeners } = entryOf(playerId);
      if (lastEventId !== undefined) {
        const index = recent.findIndex(({ id }) => id === lastEventId);
        if (index === -1) onGap?.();
        recent.slice(index + 1).forEach(onEvent);
      }
      listeners.add(onEvent);
      return () => void listeners.delete(onEvent);
    },
  };
}
