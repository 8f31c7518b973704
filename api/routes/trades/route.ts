import { LootError } from '../../../domain/errors.ts';
import { openTrade } from '../../../store/trades/open-trade.ts';
import { readTrade, readTradesOf } from '../../../store/trades/reads.ts';
import type { Trade as StoredTrade } from '../../../store/trades/reads.ts';
import type { Principal } from '../../auth/policy.ts';
import { player, playerOrClient } from '../../auth/policy.ts';
import { defineRoute } from '../../define-route.ts';
import type { Services } from '../../deps.ts';
import { tradePath } from '../../links.ts';
import { acceptedReply, outcomeReply } from '../../outcome.ts';
import { pageOfRows, readPage } from '../../pages.ts';
import { beginTrade, cancelTradeStory } from './story.ts';
import { NewTrade, Trade, TradeParams, TradeQuery, Trades } from './schema.ts';
import { tradeView } from './view.ts';

const tradeErrors = [
  'insufficient_funds',
  'self_trade',
  'listing_gone',
  'listing_in_trade',
  'price_changed',
  'item_locked',
  'item_not_owned',
  'frozen',
  'trade_rejected',
  'trade_cancelled',
  'exists_with_different_body',
  'not_found',
] as const;

/** Both sides see a trade; to everybody else it does not exist. */
async function readVisible({ db }: Services, principal: Principal, tradeId: string): Promise<StoredTrade> {
  const trade = await readTrade(db, tradeId);
  const visible =
    trade !== null &&
    (principal.type === 'client' ||
      trade.buyerId === principal.playerId ||
      trade.sellerId === principal.playerId);
  if (!visible) throw new LootError('not_found', 'There is no such trade.');
  return trade;
}

const buy = defineRoute(
  {
    method: 'post',
    path: '/v1/market/trades',
    operationId: 'buyListing',
    tag: 'market',
    summary: 'Buy an offer at the price you have seen',
    auth: player,
    mutation: 'keyed',
    limit: 'write',
    body: NewTrade,
    answers: {
      200: { description: 'Bought', schema: Trade },
      202: { description: 'In review, or not over yet', schema: Trade },
    },
    errors: tradeErrors,
  },
  async (call) => {
    const { deps, principal, body, derivedId, prefer } = call;
    const { trade } = await openTrade(deps.db, {
      tradeId: derivedId(),
      listingId: body.listingId,
      buyerId: principal.playerId,
      expectedPrice: BigInt(body.expectedPrice),
      reviewPrice: deps.config.TRADE_REVIEW_PRICE,
    });
    const failure = trade.endedAt === null ? await beginTrade(deps, trade, prefer.waitMs) : undefined;
    return answer(call, await readVisible(deps, principal, trade.tradeId), failure);
  },
  async (call) => answer(call, await readVisible(call.deps, call.principal, call.derivedId()), undefined),
);

/** The story's end if there is one, else where it can be followed. */
function answer(
  call: Parameters<typeof outcomeReply>[0] & { deps: Services; principal: Principal },
  trade: StoredTrade,
  failure: LootError | undefined,
) {
  const view = tradeView(call.deps, call.principal, trade);
  if (trade.state === 'completed')
    return { status: 200, body: view, headers: { location: tradePath(trade.tradeId) } };
  if (trade.state === 'failed' || failure !== undefined) {
    const code = trade.failureCode ?? failure?.code ?? 'trade_cancelled';
    const detail = failure?.message ?? 'The trade was undone.';
    return outcomeReply(
      call,
      new LootError(code, detail, { extra: { ...failure?.extra, tradeId: trade.tradeId } }),
    );
  }
  return acceptedReply(view, tradePath(trade.tradeId));
}

const list = defineRoute(
  {
    method: 'get',
    path: '/v1/market/trades',
    operationId: 'listTrades',
    tag: 'market',
    summary: 'What the player bought and sold, newest first',
    auth: player,
    mutation: false,
    limit: 'read',
    query: TradeQuery,
    answers: { 200: { description: 'A page', schema: Trades } },
    errors: ['bad_cursor'],
  },
  async ({ deps, principal, query }) => {
    const name = `trades ${principal.playerId}`;
    const { after, limit } = await readPage(deps, name, query);
    const rows = await readTradesOf(deps.db, principal.playerId, {
      limit,
      ...(after?.[0] !== undefined && { after: { tradeId: after[0] } }),
    });
    const body = await pageOfRows(
      deps,
      name,
      rows,
      limit,
      (row) => tradeView(deps, principal, row),
      (row) => [row.tradeId],
    );
    return { status: 200, body };
  },
);

const read = defineRoute(
  {
    method: 'get',
    path: '/v1/market/trades/{tradeId}',
    operationId: 'readTrade',
    tag: 'market',
    summary: 'Where a trade stands',
    auth: playerOrClient('market:read'),
    mutation: false,
    limit: 'read',
    params: TradeParams,
    answers: { 200: { description: 'The trade', schema: Trade } },
  },
  async ({ deps, principal, params }) => ({
    status: 200,
    body: tradeView(deps, principal, await readVisible(deps, principal, params.tradeId)),
  }),
);

const cancel = defineRoute(
  {
    method: 'post',
    path: '/v1/market/trades/{tradeId}/cancel',
    operationId: 'cancelTrade',
    tag: 'market',
    summary: 'The buyer withdraws while the trade is in review',
    auth: player,
    mutation: 'keyed',
    limit: 'write',
    params: TradeParams,
    answers: { 200: { description: 'Withdrawn; the undo may still run', schema: Trade } },
    errors: ['trade_not_cancellable'],
  },
  async (call) => {
    const { deps, principal, params, derivedId } = call;
    const trade = await readVisible(deps, principal, params.tradeId);
    if (trade.buyerId !== principal.playerId) throw new LootError('not_found', 'There is no such trade.');
    const refusal = await cancelTradeStory(deps, trade.tradeId, derivedId());
    if (refusal !== undefined) return outcomeReply(call, refusal);
    return {
      status: 200,
      body: tradeView(deps, principal, await readVisible(deps, principal, trade.tradeId)),
    };
  },
);

export const tradeRoutes = [buy, list, read, cancel];
