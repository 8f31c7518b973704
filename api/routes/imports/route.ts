import { z } from '@hono/zod-openapi';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { LootError } from '../../../domain/errors.ts';
import { checkImport } from '../../../domain/imports/check-import.ts';
import { readLines } from '../../../platform/read-lines.ts';
import type { TextLine } from '../../../platform/read-lines.ts';
import { currentEconomy } from '../../../store/economy/reads.ts';
import { findImport, readRefusedLines } from '../../../store/imports/reads.ts';
import type { ImportRow } from '../../../store/imports/reads.ts';
import { stageImport } from '../../../store/imports/stage-import.ts';
import { importStart, taskQueues, workflowIds } from '../../../workflows/messages.ts';
import { operator, principalName } from '../../auth/policy.ts';
import { callTemporal } from '../../call-temporal.ts';
import { defineRoute } from '../../define-route.ts';
import type { Services } from '../../deps.ts';
import type { Reply } from '../../http.ts';
import { importPath } from '../../links.ts';
import { acceptedReply } from '../../outcome.ts';
import { pageOfRows, readPage } from '../../pages.ts';
import { Id } from '../../schemas.ts';
import { Checked, Import, ImportQuery, NewImportQuery } from './schema.ts';

const lineBytesMax = 64 * 1024;

const common = { tag: 'brought-in games', auth: operator('imports:write') } as const;

const create = defineRoute(
  {
    ...common,
    method: 'post',
    path: '/v1/imports',
    operationId: 'createImport',
    summary: 'Bring wallets in: checked as a whole, then posted line by line',
    // the import keeps the key itself: its id is derived from it, and its body is not held in memory to be hashed
    mutation: 'delegated',
    limit: 'write',
    query: NewImportQuery,
    bodyStream: {
      contentType: 'application/x-ndjson',
      description:
        'One `{"player", "assets"?, "items"?}` a line; the first or the last may be `{"totals": {"gold": "900"}}`.',
    },
    answers: {
      200: { description: 'Over, or only checked', schema: z.union([Import, Checked]) },
      202: { description: 'Staged; being posted', schema: Import },
    },
    errors: ['import_totals_differ', 'exists_with_different_body', 'request_in_flight'],
  },
  async ({ deps, http, principal, query, derivedId, eventContext, requestId }) => {
    const { economy } = await currentEconomy(deps.db);
    const lines = readLines(http.req.raw.body ?? new Blob([]).stream(), { lineBytesMax });
    if (query.dryRun === 'true') return { status: 200, body: await check(economy, lines) };
    const importId = derivedId();
    const wanted = {
      importId,
      batch: query.batch ?? importId,
      clientId: principal.clientId,
      actor: principalName(principal),
    };
    const context = { ...eventContext, requestId };
    const row = await stageImport(deps.db, wanted, { economy, lines, context });
    if (row.status === 'posting') await startImport(deps, row);
    return replyOf(deps, row, {});
  },
);

const read = defineRoute(
  {
    ...common,
    method: 'get',
    path: '/v1/imports/{importId}',
    operationId: 'readImport',
    summary: 'How far it is, and which lines were refused',
    mutation: false,
    limit: 'read',
    params: z.strictObject({ importId: Id }),
    query: ImportQuery,
    answers: { 200: { description: 'The import', schema: Import } },
    errors: ['bad_cursor'],
  },
  async ({ deps, principal, params: { importId }, query }) => {
    // as with receipts: what a client brought itself, and with this scope everybody's
    const clientId = principal.scopes.has('receipts:all') ? null : principal.clientId;
    const row = await findImport(deps.db, importId, clientId);
    if (row === null) throw new LootError('not_found', 'There is no such import.');
    return { ...(await replyOf(deps, row, query)), status: 200 };
  },
);

async function check(economy: Parameters<typeof checkImport>[0], lines: AsyncIterable<TextLine>) {
  const checking = checkImport(economy);
  for await (const line of lines) {
    if ('text' in line) checking.add(line.number, line.text);
    else checking.addUnreadable(line.number, line.unreadable);
  }
  const { lineCount, totals } = checking.end();
  return { dryRun: true as const, lineCount, totals };
}

async function startImport(services: Services, { importId, batch }: ImportRow): Promise<void> {
  const options = {
    ...importStart({ importId, batch }),
    taskQueue: services.temporal.taskQueue(taskQueues.economy),
  };
  try {
    await callTemporal(services, ({ workflow }) => workflow.start('importWallets', options));
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}

async function replyOf(
  deps: Services,
  row: ImportRow,
  query: { limit?: number | undefined; cursor?: string | undefined },
): Promise<Reply> {
  const { importId, batch, status, lineCount, postedCount, refusedCount, totals } = row;
  const list = `refused lines ${importId}`;
  const { after, limit } = await readPage(deps, list, query);
  const rows = await readRefusedLines(deps.db, importId, {
    limit,
    ...(after?.[0] !== undefined && { after: Number(after[0]) }),
  });
  const page = await pageOfRows(
    deps,
    list,
    rows,
    limit,
    (line) => line,
    ({ line }) => [String(line)],
  );
  const workflowId = workflowIds.importWallets(importId);
  const body = {
    importId,
    batch,
    status,
    lineCount,
    postedCount,
    refusedCount,
    totals,
    refused: page.items,
    nextCursor: page.nextCursor,
    createdAt: row.createdAt.toISOString(),
    completedAt: row.completedAt?.toISOString() ?? null,
    workflowId,
    workflowUrl: deps.temporal.workflowUrl(workflowId),
  };
  return status === 'completed' ? { status: 200, body } : acceptedReply(body, importPath(importId));
}

export const importRoutes = [create, read];
