import type { EventData, EventType } from '../../domain/events.ts';

/** Whose stream an event appears on. What is not listed appears on nobody's. */
const players = {
  'game.match.started.v1': (data) => data.players.map(({ playerId }) => playerId),
  'game.match.hosted.v1': (data) => data.playerIds,
  'game.match.finished.v1': (data) => data.players.map(({ playerId }) => playerId),
  'game.match.cancelled.v1': (data) => data.playerIds,
  'game.match.voided.v1': (data) => data.playerIds,
  'economy.grant.granted.v1': (data) => [data.playerId],
  'economy.grant.withheld.v1': (data) => [data.playerId],
  'economy.grant.reversed.v1': (data) => [data.playerId],
  'economy.mailbox.arrived.v1': (data) => [data.playerId],
  'economy.mailbox.expired.v1': (data) => [data.playerId],
  'market.listing.sold.v1': (data) => [data.sellerId],
  'market.listing.expired.v1': (data) => [data.sellerId],
  'market.trade.started.v1': (data) => [data.buyerId],
  'market.trade.completed.v1': (data) => [data.buyerId, data.sellerId],
  'market.trade.failed.v1': (data) => [data.buyerId],
  'leaderboard.score.changed.v1': (data) => [data.playerId],
  'notifications.player.notified.v1': (data) => [data.playerId],
} satisfies { [T in EventType]?: (data: EventData[T]) => string[] };

export const streamedTypes = Object.keys(players) as EventType[];

export function playersOf<T extends EventType>(type: T, data: EventData[T]): readonly string[] {
  const find = (players as { [K in EventType]?: (data: EventData[K]) => string[] })[type];
  return find?.(data) ?? [];
}
