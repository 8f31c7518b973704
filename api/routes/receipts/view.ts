import type { Receipt } from '../../../store/ledger/read-receipt.ts';

const notSealed = 'The journal is not sealed in a block yet; blocks are sealed every few seconds. Ask again.';

export function receiptView(receipt: Receipt, workflowUrl: string | null) {
  const { matchClientId: _matchClientId, event, block, ...shown } = receipt;
  return {
    ...shown,
    journalId: String(receipt.journalId),
    createdAt: receipt.createdAt.toISOString(),
    event: event && {
      ...event,
      offset: event.offset === null ? null : String(event.offset),
      publishedAt: event.publishedAt?.toISOString() ?? null,
    },
    transfers: receipt.transfers.map((transfer) => ({ ...transfer, amount: String(transfer.amount) })),
    workflowUrl,
    block: block && { ...block.block, leaf: block.leaf, path: block.path, rows: block.rows },
    blockMissing: block ? null : notSealed,
  };
}
