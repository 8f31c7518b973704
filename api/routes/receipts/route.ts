import { z } from '@hono/zod-openapi';
import { LootError } from '../../../domain/errors.ts';
import { readReceipt } from '../../../store/ledger/read-receipt.ts';
import type { Receipt as StoredReceipt } from '../../../store/ledger/read-receipt.ts';
import type { Principal } from '../../auth/policy.ts';
import { playerOrClient } from '../../auth/policy.ts';
import { defineRoute } from '../../define-route.ts';
import { Amount, Id, Time } from '../../schemas.ts';

const Params = z.strictObject({ key: z.string().min(1).max(600) });
const Nullable = z.string().nullable();
const Receipt = z
  .strictObject({
    key: z.string(),
    journalId: z.string(),
    kind: z.string(),
    createdAt: Time,
    cause: z.strictObject({
      actor: Nullable,
      workflowId: Nullable,
      step: Nullable,
      requestId: Nullable,
      traceId: Nullable,
      reason: Nullable,
    }),
    workflowUrl: z
      .url()
      .nullable()
      .openapi({ description: 'The story in the Temporal Web UI; for operators' }),
    deployment: z.strictObject({ name: z.string(), ledgerEpoch: z.number().int() }).nullable(),
    transfers: z.array(
      z.strictObject({
        index: z.number().int(),
        debit: z.string(),
        credit: z.string(),
        asset: z.string(),
        amount: Amount,
        state: z.string(),
        code: z.string(),
      }),
    ),
    movements: z.array(
      z.strictObject({
        index: z.number().int(),
        itemId: Id,
        code: z.string(),
        kind: z.string(),
        from: Nullable,
        to: Nullable,
      }),
    ),
    pinned: z.unknown(),
    economy: z.strictObject({ version: z.number().int(), hash: z.string() }).nullable(),
    rolls: z.array(
      z.strictObject({
        table: z.string(),
        tableVersion: z.number().int(),
        tableHash: z.string(),
        entries: z.unknown(),
        input: z.strictObject({ seed: Nullable, label: z.string(), bound: z.number().int() }),
        output: z.strictObject({ roll: z.number().int(), kind: z.string(), itemId: Id }),
      }),
    ),
    recomputed: z
      .boolean()
      .nullable()
      .openapi({ description: 'Whether computing the plan again gave the same; null when it has no plan' }),
  })
  .openapi('Receipt');

const read = defineRoute(
  {
    method: 'get',
    path: '/v1/receipts/{key}',
    operationId: 'readReceipt',
    tag: 'explain',
    summary: 'Why something moved: cause, lines, rolls, and whether it can be computed again',
    auth: playerOrClient('receipts:read'),
    mutation: false,
    limit: 'read',
    params: Params,
    answers: { 200: { description: 'The explanation', schema: Receipt } },
  },
  async ({ deps, principal, params }) => {
    const receipt = await readReceipt(deps.db, params.key);
    if (receipt === null || !mayRead(principal, receipt))
      throw new LootError('not_found', 'There is no such receipt.');
    const isOperator = principal.type === 'client' && principal.scopes.has('receipts:all');
    const { matchClientId: _, ...shown } = receipt;
    const workflowId = receipt.cause.workflowId;
    return {
      status: 200,
      body: {
        ...shown,
        journalId: String(receipt.journalId),
        createdAt: receipt.createdAt.toISOString(),
        transfers: receipt.transfers.map((transfer) => ({ ...transfer, amount: String(transfer.amount) })),
        workflowUrl: isOperator && workflowId !== null ? deps.temporal.workflowUrl(workflowId) : null,
      },
    };
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
