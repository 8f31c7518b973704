import { z } from '@hono/zod-openapi';
import { journalKeys } from '../../../domain/ledger/keys.ts';
import { claimEntry } from '../../../store/mailbox/claim-entry.ts';
import { readMailbox } from '../../../store/mailbox/reads.ts';
import type { MailboxEntry } from '../../../store/mailbox/reads.ts';
import { player } from '../../auth/policy.ts';
import { defineRoute } from '../../define-route.ts';
import { receiptPath } from '../../links.ts';
import { listName, pageOfRows, readPage } from '../../pages.ts';
import { Code, Cursor, Id, Limit, PositiveAmount, Time, pageOf } from '../../schemas.ts';

const Status = z.enum(['waiting', 'claimed', 'expired']);
const Entry = z
  .strictObject({
    entryId: Id,
    asset: Code,
    amount: PositiveAmount,
    status: Status,
    cause: z.string().openapi({ description: 'The key of the journal that paid it' }),
    causeReceipt: z.string(),
    expiresAt: Time.nullable(),
    createdAt: Time,
    closedAt: Time.nullable(),
  })
  .openapi('MailboxEntry');
const Claimed = z
  .strictObject({ entry: Entry, key: z.string(), receipt: z.string() })
  .openapi('ClaimedEntry');
const Query = z.strictObject({ status: Status.optional(), limit: Limit, cursor: Cursor });

const list = defineRoute(
  {
    method: 'get',
    path: '/v1/mailbox',
    operationId: 'listMailbox',
    tag: 'wallet',
    summary: 'What waits to be claimed, and what has waited, newest first',
    auth: player,
    mutation: false,
    limit: 'read',
    query: Query,
    answers: { 200: { description: 'A page', schema: pageOf(Entry).openapi('Mailbox') } },
    errors: ['bad_cursor'],
  },
  async ({ deps, principal, query: { status, ...paging } }) => {
    const name = listName(`mailbox ${principal.playerId}`, { status });
    const { after, limit } = await readPage(deps, name, paging);
    const rows = await readMailbox(deps.db, principal.playerId, {
      limit,
      ...(status !== undefined && { status }),
      ...(after?.[0] !== undefined && { after: after[0] }),
    });
    return {
      status: 200,
      body: await pageOfRows(deps, name, rows, limit, view, ({ entryId }) => [entryId]),
    };
  },
);

const claim = defineRoute(
  {
    method: 'post',
    path: '/v1/mailbox/{entryId}/claim',
    operationId: 'claimMailboxEntry',
    tag: 'wallet',
    summary: 'Into the wallet, once; when the wallet is full the entry stays',
    auth: player,
    mutation: 'keyed',
    limit: 'write',
    params: z.strictObject({ entryId: Id }),
    answers: { 200: { description: 'Claimed, now or before', schema: Claimed } },
    errors: ['mailbox_expired', 'limit_exceeded', 'frozen'],
  },
  async ({ deps, principal: { playerId }, params: { entryId }, cause, eventContext }) => {
    const { entry } = await claimEntry(deps.db, { playerId, entryId }, cause, eventContext);
    const key = journalKeys.mailbox(entryId, 'claim');
    return { status: 200, body: { entry: view(entry), key, receipt: receiptPath(key) } };
  },
);

const view = (entry: MailboxEntry) => ({
  entryId: entry.entryId,
  asset: entry.asset,
  amount: String(entry.amount),
  status: entry.status,
  cause: entry.cause,
  causeReceipt: receiptPath(entry.cause),
  expiresAt: entry.expiresAt?.toISOString() ?? null,
  createdAt: entry.createdAt.toISOString(),
  closedAt: entry.closedAt?.toISOString() ?? null,
});

export const mailboxRoutes = [list, claim];
