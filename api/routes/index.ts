import type { Route } from '../define-route.ts';
import { openApiDocument } from '../openapi.ts';
import { apiKeyRoutes } from './api-keys/route.ts';
import { eventRoutes } from './events/route.ts';
import { gameEventRoutes } from './game-events/route.ts';
import { statsRoutes } from './stats/route.ts';
import { clawbackRoutes } from './clawbacks/route.ts';
import { auditRoutes } from './audits/route.ts';
import { findingRoutes } from './findings/route.ts';
import { valveRoutes } from './valves/route.ts';
import { deadLetterRoutes } from './dead-letters/route.ts';
import { economyRoutes } from './economy/route.ts';
import { flowRoutes } from './economy-flows/route.ts';
import { statementRoutes } from './statement/route.ts';
import { grantRoutes } from './grants/route.ts';
import { grantBatchRoutes } from './grants-batch/route.ts';
import { importRoutes } from './imports/route.ts';
import { mailboxRoutes } from './mailbox/route.ts';
import { spendRoutes } from './spends/route.ts';
import { inventoryRoutes } from './inventory/route.ts';
import { itemHistoryRoutes } from './item-history/route.ts';
import { listingRoutes } from './listings/route.ts';
import { loadoutRoutes } from './loadout/route.ts';
import { matchResultRoutes } from './match-results/route.ts';
import { matchRoutes } from './matches/route.ts';
import { auditTrailRoutes } from './audit/route.ts';
import { playerRoutes } from './players/route.ts';
import { receiptRoutes } from './receipts/route.ts';
import { replayRoutes } from './replays/route.ts';
import { redriveRoutes } from './redrives/route.ts';
import { schemaRoutes } from './schemas/route.ts';
import { storyRoutes } from './stories/route.ts';
import { subscriptionRoutes } from './subscriptions/route.ts';
import { topicRoutes } from './topics/route.ts';
import { tradeRoutes } from './trades/route.ts';
import { walletRoutes } from './wallet/route.ts';
import { leaderboardRoutes } from './leaderboard/route.ts';
import { notificationRoutes } from './notifications/route.ts';
import { streamRoutes } from './stream/route.ts';
import { streamsRoutes } from './streams/route.ts';
import { authRoutes } from './auth/route.ts';
import { docsRoutes } from './docs/route.ts';
import { healthRoutes } from './health/route.ts';
import { meRoutes } from './me/route.ts';

/** What the OpenAPI document describes. */
export const publishedRoutes: readonly Route[] = [
  ...authRoutes,
  ...meRoutes,
  ...walletRoutes,
  ...inventoryRoutes,
  ...itemHistoryRoutes,
  ...loadoutRoutes,
  ...grantRoutes,
  ...grantBatchRoutes,
  ...spendRoutes,
  ...mailboxRoutes,
  ...importRoutes,
  ...matchResultRoutes,
  ...matchRoutes,
  ...listingRoutes,
  ...tradeRoutes,
  ...economyRoutes,
  ...flowRoutes,
  ...statementRoutes,
  ...receiptRoutes,
  ...eventRoutes,
  ...gameEventRoutes,
  ...statsRoutes,
  ...deadLetterRoutes,
  ...redriveRoutes,
  ...replayRoutes,
  ...schemaRoutes,
  ...topicRoutes,
  ...subscriptionRoutes,
  ...storyRoutes,
  ...auditRoutes,
  ...auditTrailRoutes,
  ...playerRoutes,
  ...findingRoutes,
  ...valveRoutes,
  ...clawbackRoutes,
  ...apiKeyRoutes,
  ...leaderboardRoutes,
  ...notificationRoutes,
  ...streamRoutes,
  ...streamsRoutes,
  ...healthRoutes,
];

let document: unknown;
export const readDocument = (): unknown => (document ??= openApiDocument(publishedRoutes));

export const allRoutes: readonly Route[] = [...publishedRoutes, ...docsRoutes(readDocument)];
