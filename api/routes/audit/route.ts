import { z } from '@hono/zod-openapi';
import { readAuditEntries } from '../../../store/audit/reads.ts';
import { operator } from '../../auth/policy.ts';
import { defineRoute } from '../../define-route.ts';
import { listName, pageOfRows, readPage } from '../../pages.ts';
import { Cursor, Id, Limit, Time, pageOf } from '../../schemas.ts';

const Name = z.string().min(1).max(255).optional();
const Query = z.strictObject({ actor: Name, action: Name, target: Name, limit: Limit, cursor: Cursor });
const Entry = z
  .strictObject({
    id: Id,
    actor: z.string(),
    action: z.string(),
    target: z.string(),
    detail: z.unknown(),
    requestId: z.string().nullable(),
    createdAt: Time,
  })
  .openapi('AuditEntry');

const list = defineRoute(
  {
    method: 'get',
    path: '/v1/audit',
    operationId: 'listAudit',
    tag: 'operate',
    summary: 'Who did what to whom, newest first',
    auth: operator('audit:read'),
    mutation: false,
    limit: 'read',
    query: Query,
    answers: { 200: { description: 'A page', schema: pageOf(Entry).openapi('AuditEntries') } },
    errors: ['bad_cursor'],
  },
  async ({ deps, query: { actor, action, target, ...paging } }) => {
    const filter = {
      ...(actor !== undefined && { actor }),
      ...(action !== undefined && { action }),
      ...(target !== undefined && { target }),
    };
    const name = listName('audit', filter);
    const { after, limit } = await readPage(deps, name, paging);
    const rows = await readAuditEntries(deps.db, filter, { limit, ...(after && { after }) });
    const body = await pageOfRows(
      deps,
      name,
      rows,
      limit,
      (row) => ({ ...row, createdAt: new Date(row.createdAt).toISOString() }),
      ({ createdAt, id }) => [createdAt, id],
    );
    return { status: 200, body };
  },
);

export const auditTrailRoutes = [list];
