import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { topicOf } from '../../domain/events.ts';
import { allHandlers } from '../../events/handlers/index.ts';
import { findTopic } from '../../events/catalogue/topics.ts';
import { createLog } from '../../platform/log.ts';
import { createMetrics } from '../../platform/metrics.ts';
import { pruneKeys } from '../../store/idempotency/prune-keys.ts';
import { inboxKeepMs, prune } from '../../workers/prune.ts';
import { countRows } from '../events/support.ts';
import { newPlayer } from '../store/market/fixtures.ts';
import { testDatabase } from '../support/database.ts';
import { openTestTemporal, testSettings } from './economy-world.ts';

const { db, url } = await testDatabase();
const dayMs = 86_400_000;
const inBatches = { batchCountMax: 2 };

test('keys older than a day go, however many batches they fill; younger and leased ones stay', async () => {
  await db.query(
    `INSERT INTO idempotency_keys (scope, key, body_hash, lease_until, created_at)
     SELECT 's', n::text, '', CASE WHEN n = 8 THEN now() + interval '1 hour' END,
            now() - CASE WHEN n = 9 THEN interval '23 hours' ELSE interval '25 hours' END
     FROM generate_series(1, 9) n`,
  );
  expect(await pruneKeys(db, inBatches)).toBe(7);
  expect(await countRows(db, 'idempotency_keys', "key IN ('8', '9')")).toBe(2);
});

test('what nobody can ask for any more goes, and nothing younger', async () => {
  const playerId = await newPlayer(db);
  // three old and one young of each
  const rows = (columns: string) => `SELECT ${columns} FROM generate_series(1, 4) n`;
  const age = (old: string, young: string) =>
    `now() - CASE WHEN n < 4 THEN interval '${old}' ELSE interval '${young}' END`;
  await db.query(
    `INSERT INTO inbox (consumer_group, source, id, handled_at) ${rows(`'g', 's', n::text, ${age('32 days', '30 days')}`)}`,
  );
  await db.query(
    `INSERT INTO event_log (id, topic, type, partition, "offset", created_at, published_at)
     ${rows(`gen_random_uuid(), 't', 't', 0, n, now(), ${age('92 days', '90 days')}`)}`,
  );
  await db.query(
    `INSERT INTO tickets (hash, match_id, player_id, expires_at) ${rows(`n::text, $1, $1, ${age('25 hours', '23 hours')}`)}`,
    [playerId],
  );
  await db.query(
    `INSERT INTO refresh_tokens (hash, family_id, player_id, expires_at) ${rows(`n::text, $1, $1, ${age('25 hours', '23 hours')}`)}`,
    [playerId],
  );
  await db.query(
    `INSERT INTO imports (id, batch, client_id, actor, staging_token, created_at)
     ${rows(`gen_random_uuid(), n::text, 'c', 'a', gen_random_uuid(), ${age('25 hours', '23 hours')}`)}`,
  );
  await db.query(
    `INSERT INTO import_lines (import_id, line, player, content) SELECT id, n, '{}', '{}' FROM imports, generate_series(1, 3) n`,
  );
  // its effect stands and only its signal failed: a redrive must still find it handled
  await db.query(
    `INSERT INTO dead_letters (consumer_group, topic, partition, "offset", timestamp, headers, event_id, event_source,
       attempts, error_class, error_message, first_failed_at, last_failed_at)
     VALUES ('g', 't', 0, 0, now(), '{}', '1', 's', 3, 'Error', '', now(), now())`,
  );
  // handled by one member and parked by another: what follows its letter must find it handled
  await db.query(
    `INSERT INTO parked_events (consumer_group, topic, key, partition, "offset", timestamp, headers, event_id, event_source)
     VALUES ('g', 't', 'k', 0, 1, now(), '{}', '2', 's')`,
  );
  expect(await prune(db, inBatches)).toMatchObject({
    inbox: 1,
    eventLog: 3,
    imports: 3,
    tickets: 3,
    refreshTokens: 3,
    subscriptions: 0,
  });
  expect(await countRows(db, 'import_lines', 'true')).toBe(3);
  expect(await countRows(db, 'inbox', "id IN ('1', '2', '4')")).toBe(3);
});

test('dead letters that were closed long ago go; what waits, or has something parked behind it, stays', async () => {
  await db.query(
    `INSERT INTO dead_letters (consumer_group, topic, partition, "offset", timestamp, key, headers, attempts, error_class,
       error_message, status, first_failed_at, last_failed_at, created_at, resolved_at)
     SELECT 'closed', 't', 0, n, now(), CASE WHEN n = 6 THEN 'parked' ELSE 'k' END::bytea, '{}', 1, 'E', '', state, now(), now(),
       now() - created * interval '1 day', CASE WHEN state <> 'waiting' THEN now() - resolved * interval '1 day' END
     FROM (VALUES (1, 'redriven', 92, 92), (2, 'discarded', 100, 92), (3, 'redriven', 92, 90), (4, 'redriven', 90, 90),
       (5, 'waiting', 200, 0), (6, 'redriven', 92, 92)) AS l(n, state, created, resolved)`,
  );
  await db.query(`INSERT INTO parked_keys (consumer_group, topic, key) VALUES ('closed', 't', 'parked')`);
  expect(await prune(db, inBatches)).toMatchObject({ deadLetters: 2 });
  const { rows } = await db.query<{ offset: bigint }>(
    `SELECT "offset" FROM dead_letters WHERE consumer_group = 'closed' ORDER BY 1`,
  );
  expect(rows.map(({ offset }) => Number(offset))).toEqual([3, 4, 5, 6]);
});

test('a subscription that was deleted goes with everything of it, as late as its log', async () => {
  const { rows } = await db.query<{ id: string }>(
    `WITH made AS (
       INSERT INTO subscriptions (id, client_id, description, topic_pattern, filter, method, retry_count_max, retry_delay_ms,
         batch_events_max, batch_wait_ms_max, ack_required, starts_at, deleted_at)
       SELECT gen_random_uuid(), 'c', '', '*', '{}', 'sse', 0, 0, 1, 0, true, now(), now() - n * interval '1 day'
       FROM unnest(ARRAY[8, 9, 6, NULL]) AS n RETURNING id, deleted_at),
     progress AS (INSERT INTO subscription_progress (subscription_id) SELECT id FROM made)
     SELECT id FROM made WHERE deleted_at IS NULL OR deleted_at > now() - interval '7 days'`,
  );
  await prune(db, inBatches);
  const left = async (table: string, id: string) =>
    (await db.query<{ id: string }>(`SELECT ${id} AS id FROM ${table} ORDER BY 1`)).rows;
  const kept = rows.map(({ id }) => ({ id })).toSorted((a, b) => (a.id < b.id ? -1 : 1));
  expect(await left('subscriptions', 'id')).toEqual(kept);
  expect(await left('subscription_progress', 'subscription_id')).toEqual(kept);
});

test('replays and redrives that ended long ago go with what hangs on them; what runs stays whole', async () => {
  // three that ended long ago, one that ended yesterday and one that still runs
  const ages = `CASE WHEN n < 4 THEN now() - interval '31 days' WHEN n = 4 THEN now() - interval '29 days' END`;
  const ids = `SELECT n, gen_random_uuid() AS id, ${ages} AS ended FROM generate_series(1, 5) n`;
  await db.query(
    `WITH ids AS (${ids}), seen AS (
       INSERT INTO replay_seen (replay_id, event_key) SELECT id, gen_random_uuid() FROM ids, generate_series(1, 3)),
     positions AS (
       INSERT INTO replay_positions (replay_id, "partition", start_offset, next_offset, end_offset) SELECT id, 0, 0, 0, 1 FROM ids)
     INSERT INTO replays (id, topic, "window", filter, target, requested_by, state, ended_at, active_since)
     SELECT id, 't', '{}', '{}', '{}', 'o', CASE WHEN n < 5 THEN 'completed' ELSE 'running' END, ended,
       CASE WHEN n = 5 THEN now() END FROM ids`,
  );
  await db.query(
    `WITH ids AS (${ids}), letters AS (
       INSERT INTO redrive_letters (redrive_id, n, dead_letter_id) SELECT id, 1, gen_random_uuid() FROM ids)
     INSERT INTO redrives (id, requested_by, selection, preview, force, letter_count, state, ended_at)
     SELECT id, 'o', '{}', false, false, 1, CASE WHEN n < 5 THEN 'completed' ELSE 'running' END, ended FROM ids`,
  );
  expect(await prune(db, inBatches)).toMatchObject({ replays: 3, replaySeen: 12, redrives: 3 });
  expect(await countRows(db, 'replays', 'true')).toBe(2);
  expect(await countRows(db, 'replay_positions', 'true')).toBe(2);
  expect(
    await countRows(db, 'replay_seen', "replay_id IN (SELECT id FROM replays WHERE state = 'running')"),
  ).toBe(3);
  expect(await countRows(db, 'redrives', 'true')).toBe(2);
  expect(await countRows(db, 'redrive_letters', 'true')).toBe(2);
});

test('the inbox remembers longer than any topic that a group reads', async () => {
  const temporal = openTestTemporal(testSettings(url));
  const handlers = allHandlers({ db, temporal, metrics: createMetrics(), log: createLog('test', 'silent') });
  for (const topic of new Set(handlers.flatMap(({ types }) => types.map(topicOf)))) {
    expect(inboxKeepMs - (findTopic(topic)?.retentionMs ?? Infinity)).toBeGreaterThanOrEqual(dayMs);
  }
  await temporal.close();
});

test('a prune that is told to stop ends between two batches', async () => {
  await db.query(
    "INSERT INTO tickets (hash, match_id, player_id, expires_at) VALUES ($1, $2, $2, now() - interval '2 days')",
    [randomUUID(), randomUUID()],
  );
  expect(await prune(db, { signal: AbortSignal.abort() })).toMatchObject({ tickets: 0 });
});
