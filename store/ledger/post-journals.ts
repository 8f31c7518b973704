import type { EventContext } from '../../domain/events.ts';
import type { NewJournal, PostResult } from '../../domain/ledger/types.ts';
import { must } from '../../domain/must.ts';
import type { Db, Tx } from '../db.ts';
import { encodeBatch } from './encode-batch.ts';
import type { BatchEntry } from './encode-batch.ts';
import { expiryOf } from './expiry.ts';
import { decodeResult } from './decode-result.ts';
import type { ResultRow } from './decode-result.ts';

/**
 * Posts journals inside the caller's transaction and answers each in the given order: all of a journal or nothing of it,
 * once for ever under its key; a refused journal leaves its neighbours and its key alone. Journal, lines, counters and
 * outbox rows are one effect.
 *
 * One call per transaction: the locks of two calls are not in one order. Rejections are answers. Throws what the database
 * throws; `isConcurrentPost` tells the one error that a second try in a new transaction cures.
 */
export async function postJournals(
  tx: Tx,
  journals: readonly NewJournal[],
  context: EventContext = {},
): Promise<PostResult[]> {
  return postBatch(
    tx,
    journals.map((journal) => ({ journal, context })),
  );
}

/** `postJournals` of one. */
export async function postJournal(
  tx: Tx,
  journal: NewJournal,
  context: EventContext = {},
): Promise<PostResult> {
  const [result] = await postBatch(tx, [{ journal, context }]);
  return must(result, 'answer');
}

/** The one call of `post_journals`; outside a transaction it is one of its own. */
export async function postBatch(connection: Db | Tx, entries: readonly BatchEntry[]): Promise<PostResult[]> {
  if (entries.length === 0) return [];
  const query = { name: 'post_journals', text: postSql, values: encodeBatch(entries) };
  const { rows } = await connection.query<ResultRow>(query).catch((error: unknown) => {
    throw asConcurrentPost(error);
  });
  if (rows.some(({ result }) => result === 'ok')) connection.wroteOutbox();
  const results = rows.map(decodeResult);
  await postBatch(connection, expiriesOf(entries, results));
  return results;
}

/** Whoever meets a hold past its expiry gives it back at once; the sweep is for those nobody meets. */
function expiriesOf(entries: readonly BatchEntry[], results: readonly PostResult[]): BatchEntry[] {
  return entries.flatMap(({ journal, context }, i) => {
    const result = results[i];
    if (result?.result !== 'pending_expired' || result.detail === undefined) return [];
    const line = journal.transfers[result.index ?? 0];
    if (!line || !('pending' in line)) return [];
    return [{ journal: expiryOf(BigInt(result.detail), line.pending, journal.actor), context }];
  });
}

/** In the order of `encodeBatch`. */
const parameterTypes = [
  // journals: key, kind, body hash, actor, workflow id, step, request id, trace id, reason, pinned, event headers
  'text text bytea text text text text text text text text',
  // the journal before in this batch with the same key; counts of transfers and movements
  'int int int',
  // accounts named by transfers: holder, asset, purpose
  'text text text',
  // pending transfers named by transfers: journal key, index
  'text int',
  // transfers: journal, index, state, debit, credit, amount, code, pending, resolvable as, life
  'int int text int int bigint text int int bigint',
  // movements: journal, index, code, item, kind, kind version, from, to, expected lock, lock after, attributes
  'int int text uuid text int text text text text text',
  // declared valves: journal, valve
  'int text',
  // events: journal, topic, type, key, subject, data, sequenced
  'int text text text text text boolean',
].join(' ');
const parameters = parameterTypes.split(' ').map((type, i) => `$${i + 1}::${type}[]`);
const postSql = `SELECT * FROM post_journals(${parameters.join(', ')})`;

/** Another transaction posted one of the keys at the same moment: post again in a new transaction (or savepoint). */
export const isConcurrentPost = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === '40001' || error.code === '40P01');

/** The unique key decides that race; what it says then is a serialization failure like any other. */
function asConcurrentPost(error: unknown): unknown {
  const isKeyTaken =
    error instanceof Error && 'constraint' in error && error.constraint === 'journals_key_key';
  if (!isKeyTaken) return error;
  const message = 'another transaction has posted one of these keys';
  return Object.assign(new Error(message, { cause: error }), { code: '40001' });
}
