import { randomUUID } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import type { TestApi } from './support.ts';
import { testApi } from './support.ts';

let api: TestApi;
let operator: string;
beforeAll(async () => {
  api = await testApi();
  operator = await api.key(['dead-letters:read', 'redrives:write']);
});

async function letter(status = 'waiting', offset = Math.floor(Math.random() * 1e9)): Promise<string> {
  const { rows } = await api.db.query<{ id: string }>(
    `INSERT INTO dead_letters (consumer_group, topic, partition, "offset", timestamp, key, value, headers, attempts, error_class, error_message, status, first_failed_at, last_failed_at)
     VALUES ('leaderboard', 'game.match', 0, $2, now(), 'm-1', '\\x00ff', '{"ce_type":"x"}', 3, 'TypeError', 'no such field', $1, now(), now()) RETURNING id`,
    [status, offset],
  );
  return rows[0]!.id;
}
const redrive = (deadLetterIds: string[], key = randomUUID()) =>
  api.send('POST', '/v1/redrives', { token: operator, key, body: { deadLetterIds } });

test('dead letters are listed with reason and original bytes, filtered, page by page', async () => {
  const ids = [await letter(), await letter(), await letter('redriven')];
  const first = await api.send('GET', '/v1/dead-letters?status=waiting&limit=1', { token: operator });
  const second = await api.send(
    'GET',
    `/v1/dead-letters?status=waiting&limit=1&cursor=${first.body['nextCursor'] as string}`,
    { token: operator },
  );
  const items = [first, second].flatMap(
    ({ body }) => body['items'] as { deadLetterId: string; valueBase64: string; errorMessage: string }[],
  );
  expect(items.map(({ deadLetterId }) => deadLetterId)).toEqual(ids.slice(0, 2));
  expect(items[0]).toMatchObject({ valueBase64: 'AP8=', errorMessage: 'no such field', key: 'm-1' });
  expect((await api.send('GET', `/v1/dead-letters/${ids[2]}`, { token: operator })).body['status']).toBe(
    'redriven',
  );
});

test('a redrive is a story that is started once and can be followed; who asked is written down', async () => {
  const [id, key] = [await letter(), randomUUID()];
  const started = await redrive([id], key);
  expect(started.status).toBe(202);
  const again = await redrive([id], key);
  expect([again.status, again.body['redriveId'], again.headers.get('idempotency-replayed')]).toEqual([
    202,
    started.body['redriveId'],
    'true',
  ]);
  const path = String(started.headers.get('location'));
  const seen = await api.send('GET', path, { token: operator });
  expect(seen.body).toMatchObject({
    status: 'running',
    workflowId: `redrive-${started.body['redriveId'] as string}`,
    workflowUrl: expect.stringContaining('http'),
  });
  const { rows } = await api.db.query('SELECT actor, action FROM audit_entries WHERE target = $1', [
    started.body['redriveId'],
  ]);
  expect(rows).toEqual([{ actor: 'client:studio', action: 'redrive.requested' }]);
});

test('a retry whose first answer was lost meets its own redrive, though that has closed the letter', async () => {
  const [id, key] = [await letter(), randomUUID()];
  const started = await redrive([id], key);
  await api.db.query("UPDATE dead_letters SET status = 'redriven' WHERE id = $1", [id]);
  await api.db.query('DELETE FROM idempotency_keys WHERE key = $1', [key]);
  const again = await redrive([id], key);
  expect([again.status, again.body['redriveId']]).toEqual([202, started.body['redriveId']]);
});

test('a closed letter whose key is still parked can be redriven, to release what waits behind it', async () => {
  const id = await letter('redriven');
  await api.db.query(
    "INSERT INTO parked_keys (consumer_group, topic, key) VALUES ('leaderboard', 'game.match', 'm-1')",
  );
  expect((await redrive([id])).status).toBe(202);
  await api.db.query('DELETE FROM parked_keys');
  expect((await redrive([id])).body['code']).toBe('dead_letter_closed');
});

test('what is closed or absent is refused before anything starts', async () => {
  const closed = await redrive([await letter('discarded')]);
  expect([closed.status, closed.body['code']]).toEqual([409, 'dead_letter_closed']);
  expect((await redrive([randomUUID()])).status).toBe(404);
  const id = await letter();
  expect((await redrive([id, id])).body['code']).toBe('validation_failed');
  expect((await api.send('GET', `/v1/redrives/${randomUUID()}`, { token: operator })).status).toBe(404);
});
