import { z } from '@hono/zod-openapi';
import { LootError } from '../../../domain/errors.ts';
import { listDeadLetters, readDeadLetter } from '../../../store/dead-letters/reads.ts';
import type { DeadLetter as StoredLetter } from '../../../store/dead-letters/types.ts';
import { operator } from '../../auth/policy.ts';
import { defineRoute } from '../../define-route.ts';
import { listName, pageOfRows, readPage } from '../../pages.ts';
import { Cursor, Id, Limit, Time, pageOf } from '../../schemas.ts';

const DeadLetter = z
  .strictObject({
    deadLetterId: Id,
    group: z.string(),
    topic: z.string(),
    partition: z.number().int(),
    offset: z.string(),
    key: z.string().nullable(),
    valueBase64: z.string().nullable().openapi({ description: 'The bytes as they came' }),
    headers: z.record(z.string(), z.unknown()),
    eventId: z.string().nullable(),
    eventType: z.string().nullable(),
    attempts: z.number().int(),
    errorClass: z.string(),
    errorMessage: z.string(),
    status: z.enum(['waiting', 'redriven', 'discarded']),
    redrives: z.number().int(),
    reason: z.string().nullable(),
    firstFailedAt: Time,
    lastFailedAt: Time,
    resolvedAt: Time.nullable(),
  })
  .openapi('DeadLetter');
const Query = z.strictObject({
  group: z.string().max(200).optional(),
  topic: z.string().max(200).optional(),
  type: z.string().max(200).optional(),
  status: z.enum(['waiting', 'redriven', 'discarded']).optional(),
  errorClass: z.string().max(200).optional(),
  limit: Limit,
  cursor: Cursor,
});

const view = (letter: StoredLetter) => ({
  deadLetterId: letter.id,
  group: letter.group,
  topic: letter.topic,
  partition: letter.partition,
  offset: String(letter.offset),
  key: letter.key?.toString('utf8') ?? null,
  valueBase64: letter.value?.toString('base64') ?? null,
  headers: letter.headers,
  eventId: letter.eventId,
  eventType: letter.eventType,
  attempts: letter.attempts,
  errorClass: letter.errorClass,
  errorMessage: letter.errorMessage,
  status: letter.status,
  redrives: letter.redrives,
  reason: letter.reason,
  firstFailedAt: letter.firstFailedAt.toISOString(),
  lastFailedAt: letter.lastFailedAt.toISOString(),
  resolvedAt: letter.resolvedAt?.toISOString() ?? null,
});

const common = {
  method: 'get',
  tag: 'events',
  auth: operator('dead-letters:read'),
  mutation: false,
  limit: 'read',
} as const;

const list = defineRoute(
  {
    ...common,
    path: '/v1/dead-letters',
    operationId: 'listDeadLetters',
    summary: 'Events a consumer group gave up on, oldest first',
    query: Query,
    answers: { 200: { description: 'A page', schema: pageOf(DeadLetter).openapi('DeadLetters') } },
    errors: ['bad_cursor'],
  },
  async ({ deps, query: { cursor, limit: wanted, ...filters } }) => {
    const given = Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== undefined));
    const name = listName('dead-letters', given);
    const { after, limit } = await readPage(deps, name, { cursor, limit: wanted });
    const rows = await listDeadLetters(deps.db, {
      ...given,
      limit,
      ...(after?.[0] !== undefined && { after: after[0] }),
    });
    return { status: 200, body: await pageOfRows(deps, name, rows, limit, view, ({ id }) => [id]) };
  },
);

const read = defineRoute(
  {
    ...common,
    path: '/v1/dead-letters/{deadLetterId}',
    operationId: 'readDeadLetter',
    summary: 'One of them, with its bytes',
    params: z.strictObject({ deadLetterId: Id }),
    answers: { 200: { description: 'The letter', schema: DeadLetter } },
  },
  async ({ deps, params }) => {
    const letter = await readDeadLetter(deps.db, params.deadLetterId);
    if (letter === undefined) throw new LootError('not_found', 'There is no such dead letter.');
    return { status: 200, body: view(letter) };
  },
);

export const deadLetterRoutes = [list, read];
