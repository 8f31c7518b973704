import { z } from '@hono/zod-openapi';
import { LootError } from '../../../domain/errors.ts';
import {
  countParkedBehind,
  listDeadLetters,
  readDeadLetter,
  readDeadLetterSummary,
} from '../../../store/dead-letters/reads.ts';
import type { DeadLetter as StoredLetter } from '../../../store/dead-letters/types.ts';
import { decodeLetter } from '../../../events/redrive/decode-letter.ts';
import { operator } from '../../auth/policy.ts';
import { mayRead, readableBy } from '../../auth/topics.ts';
import { defineRoute } from '../../define-route.ts';
import type { Services } from '../../deps.ts';
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
    decoded: z.record(z.string(), z.unknown()).nullable().openapi({
      description: 'The event as structured CloudEvent, read with the schema it was written with',
    }),
    decodeError: z.string().nullable().openapi({ description: 'Why it cannot be read' }),
    headers: z.record(z.string(), z.unknown()),
    eventId: z.string().nullable(),
    eventType: z.string().nullable(),
    attempts: z.number().int(),
    errorClass: z.string(),
    errorMessage: z.string(),
    status: z.enum(['waiting', 'redriven', 'discarded']),
    redrives: z.number().int(),
    reason: z.string().nullable(),
    createdAt: Time.openapi({ description: 'When the group gave up on it' }),
    firstFailedAt: Time,
    lastFailedAt: Time,
    resolvedAt: Time.nullable(),
  })
  .openapi('DeadLetter');
const OneDeadLetter = DeadLetter.extend({
  parkedBehindCount: z.number().int().openapi({ description: 'Events of its key that wait behind it' }),
}).openapi('OneDeadLetter');
const Summary = z
  .strictObject({
    classes: z.array(
      z.strictObject({
        group: z.string(),
        topic: z.string(),
        errorClass: z.string(),
        waitingCount: z.number().int(),
        redrivenCount: z.number().int(),
        discardedCount: z.number().int(),
        oldestWaitingAt: Time.nullable(),
      }),
    ),
    parked: z.array(
      z.strictObject({
        group: z.string(),
        topic: z.string(),
        keyCount: z.number().int(),
        eventCount: z.number().int(),
        oldestParkedAt: Time,
      }),
    ),
  })
  .openapi('DeadLetterSummary');
const Query = z
  .strictObject({
    group: z.string().max(200).optional(),
    topic: z.string().max(200).optional(),
    type: z.string().max(200).optional(),
    status: z.enum(['waiting', 'redriven', 'discarded']).optional(),
    errorClass: z.string().max(200).optional(),
    key: z.string().max(1_024).optional(),
    from: Time.optional().openapi({ description: 'Given up on at this time or later' }),
    to: Time.optional().openapi({ description: 'Given up on before this time' }),
    limit: Limit,
    cursor: Cursor,
  })
  .refine(({ from, to }) => from === undefined || to === undefined || Date.parse(from) < Date.parse(to), {
    path: ['to'],
    message: 'must be after from',
  });

const view = async (deps: Services, letter: StoredLetter) => ({
  deadLetterId: letter.id,
  group: letter.group,
  topic: letter.topic,
  partition: letter.partition,
  offset: String(letter.offset),
  key: letter.key?.toString('utf8') ?? null,
  valueBase64: letter.value?.toString('base64') ?? null,
  ...(await decodeLetter(deps.events?.codec, letter)),
  headers: letter.headers,
  eventId: letter.eventId,
  eventType: letter.eventType,
  attempts: letter.attempts,
  errorClass: letter.errorClass,
  errorMessage: letter.errorMessage,
  status: letter.status,
  redrives: letter.redrives,
  reason: letter.reason,
  createdAt: letter.createdAt.toISOString(),
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
    answers: {
      200: {
        description: 'A page; a shorter one where letters are large',
        schema: pageOf(DeadLetter).openapi('DeadLetters'),
      },
    },
    errors: ['bad_cursor'],
  },
  async ({ deps, principal, query: { cursor, limit: wanted, ...filters } }) => {
    const given = Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== undefined));
    const name = listName('dead-letters', given);
    const { after, limit } = await readPage(deps, name, { cursor, limit: wanted });
    const asked = { ...given, readTopics: readableBy(principal) };
    const since = after?.[0];
    const rows = await listDeadLetters(deps.db, {
      ...asked,
      limit,
      ...(since !== undefined && { after: since }),
    });
    const last = rows.at(-1);
    const isCut =
      last !== undefined &&
      rows.length < limit &&
      (await listDeadLetters(deps.db, { ...asked, limit: 1, after: last.id })).length > 0;
    const views = new Map(await Promise.all(rows.map(async (row) => [row, await view(deps, row)] as const)));
    const pageCount = isCut ? rows.length : limit;
    const viewed = (row: StoredLetter) => views.get(row);
    return { status: 200, body: await pageOfRows(deps, name, rows, pageCount, viewed, ({ id }) => [id]) };
  },
);

const summary = defineRoute(
  {
    ...common,
    path: '/v1/dead-letters/summary',
    operationId: 'summariseDeadLetters',
    summary: 'How many there are per group, topic and class of error, and what is parked behind them',
    answers: { 200: { description: 'The counts', schema: Summary } },
  },
  async ({ deps, principal }) => {
    const { classes, parked } = await readDeadLetterSummary(deps.db, readableBy(principal));
    const body = {
      classes: classes.map((row) => ({
        ...row,
        oldestWaitingAt: row.oldestWaitingAt?.toISOString() ?? null,
      })),
      parked: parked.map((row) => ({ ...row, oldestParkedAt: row.oldestParkedAt.toISOString() })),
    };
    return { status: 200, body };
  },
);

const read = defineRoute(
  {
    ...common,
    path: '/v1/dead-letters/{deadLetterId}',
    operationId: 'readDeadLetter',
    summary: 'One of them, with its bytes, and how many events wait behind it',
    params: z.strictObject({ deadLetterId: Id }),
    answers: { 200: { description: 'The letter', schema: OneDeadLetter } },
  },
  async ({ deps, principal, params }) => {
    const letter = await readDeadLetter(deps.db, params.deadLetterId);
    // what is in it is the topic's
    if (letter === undefined || !mayRead(principal, letter.topic))
      throw new LootError('not_found', 'There is no such dead letter.');
    const parkedBehindCount = (await countParkedBehind(deps.db, letter)) ?? 0;
    return { status: 200, body: { ...(await view(deps, letter)), parkedBehindCount } };
  },
);

export const deadLetterRoutes = [list, summary, read];
