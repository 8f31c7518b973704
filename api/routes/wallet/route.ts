import { readBalances, readTransfers } from '../../../store/ledger/reads.ts';
import { player } from '../../auth/policy.ts';
import { defineRoute } from '../../define-route.ts';
import { receiptPath } from '../../links.ts';
import { listName, pageOfRows, readPage } from '../../pages.ts';
import { TransferQuery, Transfers, Wallet } from './schema.ts';

const common = { method: 'get', tag: 'wallet', auth: player, mutation: false, limit: 'read' } as const;

const wallet = defineRoute(
  {
    ...common,
    path: '/v1/wallet',
    operationId: 'readWallet',
    summary: 'What the player has, what of it is held, what is free',
    answers: { 200: { description: 'Per asset', schema: Wallet } },
  },
  async ({ deps, principal }) => {
    const balances = await readBalances(deps.db, principal.playerId);
    const view = balances.map(({ asset, balance, held, available }) => ({
      asset,
      balance: String(balance),
      held: String(held),
      available: String(available),
    }));
    return { status: 200, body: { balances: view } };
  },
);

const transfers = defineRoute(
  {
    ...common,
    path: '/v1/wallet/transfers',
    operationId: 'listTransfers',
    summary: 'Everything that moved, newest first',
    query: TransferQuery,
    answers: { 200: { description: 'A page', schema: Transfers } },
    errors: ['bad_cursor'],
  },
  async ({ deps, principal, query: { asset, code, ...paging } }) => {
    const list = listName(`transfers ${principal.playerId}`, { asset, code });
    const { after, limit } = await readPage(deps, list, paging);
    const rows = await readTransfers(deps.db, principal.playerId, {
      limit,
      ...(asset !== undefined && { asset }),
      ...(code !== undefined && { code }),
      ...(after?.[0] !== undefined && { after: BigInt(after[0]) }),
    });
    const body = await pageOfRows(
      deps,
      list,
      rows,
      limit,
      (row) => ({
        id: String(row.id),
        key: row.key,
        kind: row.kind,
        asset: row.asset,
        amount: String(row.amount),
        direction: row.direction,
        state: row.state,
        code: row.code,
        expiresAt: row.expiresAt?.toISOString() ?? null,
        createdAt: row.createdAt.toISOString(),
        receipt: receiptPath(row.key),
      }),
      (row) => [String(row.id)],
    );
    return { status: 200, body };
  },
);

export const walletRoutes = [wallet, transfers];
