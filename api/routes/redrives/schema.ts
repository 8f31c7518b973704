import { z } from '@hono/zod-openapi';
import type { RedriveLetter as StoredLetter } from '../../../store/redrives/types.ts';
import { Cursor, Id, Limit, Reason, Time, pageOf } from '../../schemas.ts';

/** As many as fit into a request; more are selected by a filter. */
const letterIdCountMax = 1_000;
const letterCountMax = 10_000;
const ratePerSecondMax = 1_000;

const Name = z.string().min(1).max(200);

/** Which letters: all given conditions together. Times are those of giving up, the end not included. */
const LetterFilter = z
  .strictObject({
    group: Name.optional(),
    topic: Name.optional(),
    type: Name.optional(),
    errorClass: Name.optional(),
    key: z.string().min(1).max(1_024).optional(),
    from: Time.optional(),
    to: Time.optional(),
  })
  .refine((filter) => Object.values(filter).some((value) => value !== undefined), 'at least one condition')
  .refine(({ from, to }) => from === undefined || to === undefined || Date.parse(from) < Date.parse(to), {
    path: ['to'],
    message: 'must be after from',
  })
  .openapi('DeadLetterFilter', { description: 'Waiting letters that meet every condition given' });

export const NewRedrive = z
  .strictObject({
    deadLetterIds: z.array(Id).min(1).max(letterIdCountMax).optional(),
    filter: LetterFilter.optional(),
    limit: z.number().int().min(1).max(letterCountMax).optional().openapi({
      description:
        'Of those that match the filter, the oldest so many; without it, more than 10,000 are refused',
    }),
    preview: z.boolean().optional().openapi({
      description:
        'Play every letter through its handler in a transaction that is rolled back, and tell what happened',
    }),
    discard: z.strictObject({ reason: Reason }).optional().openapi({
      description: 'Close the letters unhandled; only what waits behind them is handled',
    }),
    ratePerSecond: z.number().int().min(1).max(ratePerSecondMax).optional().openapi({
      description: 'Events per second at most, letters and what waits behind them together',
    }),
    force: z.boolean().optional().openapi({
      description: 'Also letters that were put back five times without success',
    }),
  })
  .refine(({ deadLetterIds, filter }) => (deadLetterIds === undefined) !== (filter === undefined), {
    path: ['deadLetterIds'],
    message: 'either ids or a filter',
  })
  .refine(({ deadLetterIds: ids }) => ids === undefined || new Set(ids).size === ids.length, {
    path: ['deadLetterIds'],
    message: 'each id once',
  })
  .refine(({ limit, filter }) => limit === undefined || filter !== undefined, {
    path: ['limit'],
    message: 'goes with a filter',
  })
  .openapi('NewRedrive');

const Count = z.number().int().min(0);

export const Redrive = z
  .strictObject({
    redriveId: Id,
    status: z.enum(['running', 'paused', 'cancelling', 'completed', 'cancelled']),
    preview: z.boolean(),
    discardReason: z.string().nullable(),
    force: z.boolean(),
    ratePerSecond: z.number().int().nullable(),
    requestedBy: z.string(),
    selection: z.record(z.string(), z.unknown()),
    progress: z.strictObject({
      letterCount: Count,
      doneCount: Count,
      handledCount: Count,
      keptCount: Count,
      releasedCount: Count,
      percent: Count,
      etaAt: Time.nullable(),
    }),
    createdAt: Time,
    endedAt: Time.nullable(),
    workflowId: z.string(),
    workflowUrl: z.url(),
  })
  .openapi('Redrive');

const RedriveLetter = z
  .strictObject({
    deadLetterId: Id,
    outcome: z
      .enum([
        'handled',
        'already_handled',
        'discarded',
        'closed_before',
        'failed',
        'dead',
        'parked_behind',
        'too_many_attempts',
        'no_handler',
        'gone',
      ])
      .nullable(),
    errorClass: z.string().nullable(),
    errorMessage: z.string().nullable(),
    parkedBehindCount: Count.nullable().openapi({ description: 'Of a preview: events that would follow it' }),
    releasedCount: Count.openapi({ description: 'Events that waited behind it and are handled' }),
    doneAt: Time.nullable(),
  })
  .openapi('RedriveLetter');

export const letterView = ({ detail, ...letter }: StoredLetter) => ({
  deadLetterId: letter.deadLetterId,
  outcome: letter.outcome,
  errorClass: detail?.errorClass ?? null,
  errorMessage: detail?.errorMessage ?? null,
  parkedBehindCount: detail?.parkedBehindCount ?? null,
  releasedCount: letter.releasedCount,
  doneAt: letter.doneAt?.toISOString() ?? null,
});

export const Redrives = pageOf(Redrive).openapi('Redrives');
export const RedriveLetters = pageOf(RedriveLetter).openapi('RedriveLetters');
export const RedriveParams = z.strictObject({ redriveId: Id });
export const PageQuery = z.strictObject({ limit: Limit, cursor: Cursor });
