import type { Trade } from '../../../store/trades/reads.ts';
import { workflowIds } from '../../../workflows/messages.ts';
import type { Principal } from '../../auth/policy.ts';
import type { Services } from '../../deps.ts';

export function tradeView({ temporal }: Services, principal: Principal, trade: Trade) {
  const workflowId = workflowIds.trade(trade.tradeId);
  return {
    tradeId: trade.tradeId,
    listingId: trade.listingId,
    buyerId: trade.buyerId,
    sellerId: trade.sellerId,
    itemId: trade.itemId,
    kind: trade.kind,
    asset: trade.asset,
    price: trade.price,
    fee: trade.fee,
    state: trade.state,
    failureCode: trade.failureCode,
    workflowId,
    workflowUrl: principal.type === 'client' ? temporal.workflowUrl(workflowId) : null,
    endedAt: trade.endedAt?.toISOString() ?? null,
    createdAt: trade.createdAt.toISOString(),
  };
}
