import { canonicalJson } from '../../domain/canonical-json.ts';
import { LootError } from '../../domain/errors.ts';
import type { EventContext } from '../../domain/events.ts';
import { must } from '../../domain/must.ts';
import { appendAudit } from '../audit/append-audit.ts';
import type { Db, Tx } from '../db.ts';
import { conditionValues, lettersThatMatch } from '../dead-letters/reads.ts';
import type { DeadLetterStatus } from '../dead-letters/types.ts';
import { textArray } from '../pg-array.ts';
import { topicMatches } from '../topic-patterns.ts';
import type { TopicPatterns } from '../topic-patterns.ts';
import { readRedrive } from './reads.ts';
import type { NewRedrive, Redrive, RedriveSelection } from './types.ts';

/** One story is not made longer than this; who has more asks again, or for the oldest so many. */
export const redriveLetterCountMax = 10_000;

/** What was before what in its topic is before it here: so every key keeps its order. */
const workOrder = 'topic, "partition", "offset", consumer_group';

/**
 * Writes down which letters are to be put back, and fixes them: what is given up on later is not part of it. Opened before
 * under the same id, it is answered again. Letters of other topics than `readTopics` are as if they were not there.
 * Throws `not_found`, `dead_letter_closed` (nothing is parked behind it either), `validation_failed` for a selection that is
 * empty or too large.
 */
export function openRedrive(
  db: Db,
  wanted: NewRedrive,
  context: EventContext & { requestId?: string } = {},
  readTopics: TopicPatterns = null,
): Promise<Redrive> {
  return db.transaction(async (tx) => {
    const { redriveId, requestedBy, selection, preview, discardReason, force, ratePerSecond } = wanted;
    const before = await readRedrive(tx, redriveId);
    if (before !== undefined) return before;
    const ids = await select(tx, selection, readTopics);
    await tx.query(
      `INSERT INTO redrives (id, requested_by, selection, preview, discard_reason, force, rate_per_second, letter_count)
       VALUES ($1, $2, $3::jsonb, $4, $5, $6, $7, $8) ON CONFLICT (id) DO NOTHING`,
      [
        redriveId,
        requestedBy,
        JSON.stringify(selection),
        preview,
        discardReason,
        force,
        ratePerSecond,
        ids.length,
      ],
    );
    await tx.query(
      `INSERT INTO redrive_letters (redrive_id, n, dead_letter_id)
       SELECT $1, n, id FROM unnest($2::uuid[]) WITH ORDINALITY AS l(id, n) ON CONFLICT DO NOTHING`,
      [redriveId, textArray(ids)],
    );
    const asked = { selection, preview, discardReason, force, ratePerSecond, letterCount: ids.length };
    const detail = JSON.parse(canonicalJson(JSON.parse(JSON.stringify(asked)))) as never;
    await appendAudit(
      tx,
      { actor: requestedBy, action: 'redrive.requested', target: redriveId, detail },
      context,
    );
    return must(await readRedrive(tx, redriveId), 'redrive');
  });
}

async function select(tx: Tx, selection: RedriveSelection, readTopics: TopicPatterns): Promise<string[]> {
  return 'filter' in selection
    ? selectByFilter(tx, selection, readTopics)
    : selectByIds(tx, selection.deadLetterIds, readTopics);
}

async function selectByFilter(
  tx: Tx,
  { filter, limit }: Extract<RedriveSelection, { filter: unknown }>,
  readTopics: TopicPatterns,
): Promise<string[]> {
  const { rows } = await tx.query<{ id: string }>(
    `SELECT id FROM (
       SELECT id, ${workOrder} FROM dead_letters WHERE ${lettersThatMatch} AND ${topicMatches('topic', '$10')}
       ORDER BY id LIMIT $9) AS oldest
     ORDER BY ${workOrder}`,
    [...conditionValues({ ...filter, status: 'waiting' }), limit ?? redriveLetterCountMax + 1, readTopics],
  );
  if (rows.length === 0) throw refuse('No waiting dead letter matches the filter.');
  if (rows.length > redriveLetterCountMax)
    throw refuse(
      `More than ${redriveLetterCountMax} dead letters match; narrow the filter, or give a limit to take the oldest.`,
    );
  return rows.map(({ id }) => id);
}

/** A closed letter may have left its key parked, if its redrive was ended before the release: then there is work left. */
async function selectByIds(tx: Tx, ids: readonly string[], readTopics: TopicPatterns): Promise<string[]> {
  const { rows } = await tx.query<{ id: string; status: DeadLetterStatus; parked: boolean }>(
    `SELECT d.id, d.status, EXISTS (SELECT 1 FROM parked_keys k
       WHERE k.consumer_group = d.consumer_group AND k.topic = d.topic AND k.key = d.key) AS parked
     FROM dead_letters d WHERE id = ANY ($1::uuid[]) AND ${topicMatches('d.topic', '$2')} ORDER BY ${workOrder}`,
    [textArray(ids), readTopics],
  );
  const found = new Set(rows.map(({ id }) => id));
  const absent = ids.find((id) => !found.has(id));
  if (absent !== undefined) throw new LootError('not_found', `There is no dead letter ${absent}.`);
  const closed = rows.find(({ status, parked }) => status !== 'waiting' && !parked);
  if (closed !== undefined)
    throw new LootError('dead_letter_closed', `The dead letter ${closed.id} is ${closed.status}.`);
  return rows.map(({ id }) => id);
}

const refuse = (detail: string): LootError =>
  new LootError('validation_failed', detail, { errors: [{ pointer: '/filter', detail }] });
