import { LootError } from '../../../domain/errors.ts';
import { readReceipt } from '../../../store/ledger/read-receipt.ts';
import type { Receipt as StoredReceipt } from '../../../store/ledger/read-receipt.ts';
import type { Principal } from '../../auth/policy.ts';
import { playerOrClient } from '../../auth/policy.ts';
import { defineRoute } from '../../define-route.ts';
import { Receipt, ReceiptParams } from './schema.ts';
import { receiptView } from './view.ts';

const read = defineRoute(
  {
    method: 'get',
    path: '/v1/receipts/{key}',
    operationId: 'readReceipt',
    tag: 'explain',
    summary:
      'Why something moved: cause, lines, rolls, whether it can be computed again, and where it is sealed',
    auth: playerOrClient('receipts:read'),
    mutation: false,
    limit: 'read',
    params: ReceiptParams,
    answers: { 200: { description: 'The explanation', schema: Receipt } },
  },
  async ({ deps, principal, params }) => {
    const receipt = await readReceipt(deps.db, params.key);
    if (receipt === null || !mayRead(principal, receipt))
      throw new LootError('not_found', 'There is no such receipt.');
    const isOperator = principal.type === 'client' && principal.scopes.has('receipts:all');
    const { workflowId } = receipt.cause;
    const url = isOperator && workflowId !== null ? deps.temporal.workflowUrl(workflowId) : null;
    return { status: 200, body: receiptView(receipt, url) };
  },
);

/** Whoever took part; a game server what it caused itself or by a result it reported; with `receipts:all` everybody's. */
function mayRead(principal: Principal, receipt: StoredReceipt): boolean {
  if (principal.type === 'client') {
    return (
      principal.scopes.has('receipts:all') ||
      receipt.cause.actor === `client:${principal.clientId}` ||
      receipt.matchClientId === principal.clientId
    );
  }
  const self = `player:${principal.playerId}`;
  return (
    receipt.transfers.some(({ debit, credit }) => debit === self || credit === self) ||
    receipt.movements.some(({ from, to }) => from === self || to === self)
  );
}

export const receiptRoutes = [read];
