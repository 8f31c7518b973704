import type { EventData, EventType } from '../../domain/events.ts';

/** Whose own events they are. A type that is not here reaches nobody's stream. */
const playersByType: { [T in EventType]?: (data: EventData[T]) => readonly string[] } = {
  'game.match.started.v1': ({ players }) => players.map(({ playerId }) => playerId),
  'game.match.hosted.v1': ({ playerIds }) => playerIds,
  'game.match.finished.v1': ({ players }) => players.map(({ playerId }) => playerId),
  'game.match.cancelled.v1': ({ playerIds }) => playerIds,
  'game.match.voided.v1': ({ playerIds }) => playerIds,
  'economy.grant.granted.v1': ({ playerId }) => [playerId],
  'economy.grant.withheld.v1': ({ playerId }) => [playerId],
  'market.listing.placed.v1': ({ sellerId }) => [sellerId],
  'market.listing.cancelled.v1': ({ sellerId }) => [sellerId],
  'market.listing.expired.v1': ({ sellerId }) => [sellerId],
  'market.listing.sold.v1': ({ sellerId }) => [sellerId],
  'market.trade.started.v1': ({ buyerId, sellerId }) => [buyerId, sellerId],
  'market.trade.completed.v1': ({ buyerId, sellerId }) => [buyerId, sellerId],
  'market.trade.failed.v1': ({ buyerId, sellerId }) => [buyerId, sellerId],
  'leaderboard.score.changed.v1': ({ playerId }) => [playerId],
  'notifications.player.notified.v1': ({ playerId }) => [playerId],
};

/** The topics that carry them, for whoever tails. */
export const streamedTopics: readonly string[] = [
  ...new Set(Object.keys(playersByType).map((type) => type.split('.').slice(0, 2).join('.'))),
];

export function playersOf(type: string, data: unknown): readonly string[] {
  if (!Object.hasOwn(playersByType, type)) return [];
  const read = playersByType[type as EventType] as ((data: unknown) => readonly string[]) | undefined;
  return [...new Set(read?.(data) ?? [])];
}
