import { z } from '@hono/zod-openapi';
import { closeFindingBy } from '../../../store/findings/close-finding.ts';
import { listFindings } from '../../../store/findings/reads.ts';
import type { Finding as StoredFinding } from '../../../store/findings/reads.ts';
import { operator, principalName } from '../../auth/policy.ts';
import { defineRoute } from '../../define-route.ts';
import { listName, pageOfRows, readPage } from '../../pages.ts';
import { Cursor, Limit, Reason, Time, pageOf } from '../../schemas.ts';

const Status = z.enum(['open', 'closed']);
const FindingId = z.string().regex(/^[1-9][0-9]{0,17}$/, 'must be the id of a finding');
const Finding = z
  .strictObject({
    findingId: FindingId,
    rule: z.string(),
    subject: z.string(),
    detail: z.unknown(),
    status: Status,
    openedAt: Time,
    closedAt: Time.nullable(),
    closedBy: z.string().nullable(),
    closeReason: z.string().nullable(),
  })
  .openapi('Finding');
const CloseFinding = z.strictObject({ reason: Reason }).openapi('CloseFinding');

const view = (finding: StoredFinding) => ({
  findingId: finding.id.toString(),
  rule: finding.rule,
  subject: finding.subject,
  detail: finding.detail,
  status: finding.closedAt === null ? ('open' as const) : ('closed' as const),
  openedAt: finding.createdAt.toISOString(),
  closedAt: finding.closedAt?.toISOString() ?? null,
  closedBy: finding.closedBy,
  closeReason: finding.closeReason,
});

const list = defineRoute(
  {
    method: 'get',
    path: '/v1/findings',
    operationId: 'listFindings',
    tag: 'operate',
    summary: 'What the auditor or a story found that a person must look at, newest first',
    auth: operator('findings:read'),
    mutation: false,
    limit: 'read',
    query: z.strictObject({
      rule: z
        .string()
        .regex(/^[a-z_]{1,60}$/)
        .optional(),
      status: Status.optional(),
      limit: Limit,
      cursor: Cursor,
    }),
    answers: { 200: { description: 'A page', schema: pageOf(Finding).openapi('Findings') } },
    errors: ['bad_cursor'],
  },
  async ({ deps, query: { rule, status, ...page } }) => {
    const name = listName('findings', { rule, status });
    const { after, limit } = await readPage(deps, name, page);
    const rows = await listFindings(deps.db, {
      ...(rule !== undefined && { rule }),
      ...(status !== undefined && { status }),
      ...(after && { after: [after[0] ?? '', after[1] ?? ''] as const }),
      limit,
    });
    const position = ({ position: at, id }: StoredFinding) => [at, id.toString()];
    return { status: 200, body: await pageOfRows(deps, name, rows, limit, view, position) };
  },
);

const close = defineRoute(
  {
    method: 'post',
    path: '/v1/findings/{findingId}/close',
    operationId: 'closeFinding',
    tag: 'operate',
    summary: 'It has been dealt with; while it stays the same the auditor does not open it again',
    auth: operator('findings:write'),
    mutation: 'keyed',
    limit: 'write',
    params: z.strictObject({ findingId: FindingId }),
    body: CloseFinding,
    answers: { 200: { description: 'The finding', schema: Finding } },
    errors: ['not_found'],
  },
  async ({ deps, params, body, principal, eventContext, requestId }) => {
    const finding = await deps.db.transaction((tx) =>
      closeFindingBy(
        tx,
        { id: BigInt(params.findingId), actor: principalName(principal), reason: body.reason },
        { ...eventContext, requestId },
      ),
    );
    return { status: 200, body: view(finding) };
  },
);

export const findingRoutes = [list, close];
