import type { JsonValue } from '../../domain/canonical-json.ts';
import { derivedId } from '../../domain/ids.ts';
import { sha256 } from '../../store/matches/sha256.ts';
import { notifyPlayers } from '../../store/notifications/notify-players.ts';
import type { DeliveredEvent } from '../consumer/handler.ts';
import { defineBatchHandler } from './define.ts';

/** What players are told and find again later; each type is the event's own. */
const types = [
  'game.match.hosted.v1',
  'game.match.cancelled.v1',
  'game.match.voided.v1',
  'economy.grant.granted.v1',
  'economy.grant.withheld.v1',
  'economy.mailbox.arrived.v1',
  'economy.mailbox.expired.v1',
  'economy.grant.reversed.v1',
  'market.trade.completed.v1',
  'market.trade.failed.v1',
  'market.listing.expired.v1',
] as const;

export const notify = () =>
  defineBatchHandler({
    group: 'notifications',
    types,
    onDeadLetter: 'pass',
    async handleMany(tx, events, { contextOf }) {
      const told = events.flatMap((event) => {
        const { type } = event;
        return noticesOf(event).map(({ playerId, data }) => {
          const notificationId = derivedId(sha256, 'notification', event.source, event.id, playerId);
          return { notification: { notificationId, playerId, type, data }, context: contextOf(event) };
        });
      });
      await notifyPlayers(
        tx,
        told.map(({ notification }) => notification),
        told.map(({ context }) => context),
      );
    },
  });

type Notice = { playerId: string; data: JsonValue };

function noticesOf(event: DeliveredEvent<(typeof types)[number]>): Notice[] {
  const each = (playerIds: readonly string[], data: JsonValue): Notice[] =>
    [...new Set(playerIds)].map((playerId) => ({ playerId, data }));
  switch (event.type) {
    case 'game.match.hosted.v1': {
      const { matchId, playerIds, url } = event.data;
      return each(playerIds, { matchId, url });
    }
    case 'game.match.cancelled.v1':
    case 'game.match.voided.v1': {
      const { matchId, reason, playerIds } = event.data;
      return each(playerIds, { matchId, reason });
    }
    case 'economy.grant.granted.v1': {
      const { key, playerId, matchId, lines, items } = event.data;
      return each([playerId], { key, matchId, lines, items });
    }
    case 'economy.grant.withheld.v1': {
      const { matchId, playerId, reason } = event.data;
      return each([playerId], { matchId, reason });
    }
    case 'economy.grant.reversed.v1': {
      const { key, grantKey, playerId, lines, items } = event.data;
      return each([playerId], { key, grantKey, lines, items });
    }
    case 'economy.mailbox.arrived.v1':
    case 'economy.mailbox.expired.v1': {
      const { entryId, playerId, asset, amount, cause } = event.data;
      return each([playerId], { entryId, asset, amount, cause });
    }
    case 'market.trade.completed.v1': {
      const { tradeId, buyerId, sellerId, itemId, kind, asset, price, fee } = event.data;
      return [
        ...each([buyerId], { tradeId, role: 'buyer', itemId, kind, asset, price }),
        ...each([sellerId], { tradeId, role: 'seller', itemId, kind, asset, price, fee }),
      ];
    }
    case 'market.trade.failed.v1': {
      const { tradeId, buyerId, itemId, kind, reason } = event.data;
      return each([buyerId], { tradeId, role: 'buyer', itemId, kind, reason });
    }
    case 'market.listing.expired.v1': {
      const { listingId, sellerId, itemId, kind } = event.data;
      return each([sellerId], { listingId, itemId, kind });
    }
    default:
      return event satisfies never;
  }
}
