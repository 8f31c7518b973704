import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { finishClawback } from '../../store/clawbacks/finish-clawback.ts';
import { beginReversal, recordReport } from '../../store/clawbacks/record-report.ts';
import { badTable, reverseAll } from '../store/clawbacks/fixtures.ts';
import type { TestApi } from './support.ts';
import { testApi } from './support.ts';

let api: TestApi;
let token: string;
beforeAll(async () => {
  api = await testApi();
  token = await api.key(['clawbacks:write']);
});

const request = (body: object, key = randomUUID()) => api.send('POST', '/v1/clawbacks', { token, key, body });
const read = (id: string) => api.send('GET', `/v1/clawbacks/${id}`, { token });
const decide = (id: string, verb: 'approve' | 'cancel', body?: object, key = randomUUID()) =>
  api.send('POST', `/v1/clawbacks/${id}/${verb}`, { token, key, ...(body && { body }) });

const reason = 'the chest paid ten times its odds';

/** As the story does it, without a worker. */
async function examined(body: object): Promise<{ id: string; reportHash: string }> {
  const { body: opened } = await request(body);
  const id = String(opened['clawbackId']);
  const { reportHash } = await recordReport(api.db, id);
  return { id, reportHash: reportHash ?? '' };
}

test('a clawback is asked for, read, approved by the hash of its report and done; every step is audited', async () => {
  const granted = await badTable(api.db, { count: 3, table: 'chest_a' });
  const key = randomUUID();
  const asked = await request({ select: { table: 'chest_a' }, reason }, key);
  expect([asked.status, asked.body['state'], asked.body['report']]).toEqual([202, 'examining', null]);
  const id = String(asked.body['clawbackId']);
  expect(asked.headers.get('location')).toBe(`/v1/clawbacks/${id}`);

  await recordReport(api.db, id);
  const again = await request({ select: { table: 'chest_a' }, reason }, key);
  expect([again.headers.get('idempotency-replayed'), again.body['state']]).toEqual(['true', 'waiting']);
  const { body: shown } = await read(id);
  expect(shown).toMatchObject({
    select: { table: 'chest_a' },
    requestedBy: 'client:studio',
    report: { grantCount: 3, assets: [{ asset: 'gold', granted: '300', takenBack: '300', debt: '0' }] },
    workflowId: `clawback-${id}`,
  });

  const { reportHash } = shown;
  expect((await decide(id, 'approve', { reportHash: 'f'.repeat(64) })).body['code']).toBe(
    'precondition_failed',
  );
  const approved = await decide(id, 'approve', { reportHash });
  expect([approved.status, approved.body['state'], approved.body['approvedBy']]).toEqual([
    202,
    'approved',
    'client:studio',
  ]);
  expect((await decide(id, 'approve', { reportHash })).body['state']).toBe('approved');
  expect((await decide(id, 'cancel')).body['code']).toBe('clawback_closed');

  await beginReversal(api.db, id);
  await reverseAll(api.db, id);
  await finishClawback(api.db, id);
  const { body: done } = await read(id);
  expect(done).toMatchObject({ state: 'completed', reversedCount: 3, result: { grantCount: 3 } });
  expect((await decide(id, 'approve', { reportHash })).status).toBe(200);
  const receipt = await api.send(
    'GET',
    `/v1/receipts/${encodeURIComponent(`clawback:${id}:${await journalOf(granted[0]!.key)}`)}`,
    { token: await api.key(['receipts:read', 'receipts:all']) },
  );
  expect(receipt.status).toBe(200);
  const { rows } = await api.db.query(
    'SELECT action, actor FROM audit_entries WHERE target = $1 ORDER BY created_at',
    [id],
  );
  expect(rows).toEqual([
    { action: 'clawback.requested', actor: 'client:studio' },
    { action: 'clawback.approved', actor: 'client:studio' },
  ]);
});

test('a clawback that was not approved can be cancelled, once', async () => {
  await badTable(api.db, { count: 1, table: 'chest_b' });
  const { id, reportHash } = await examined({ select: { table: 'chest_b' }, reason });
  expect((await decide(id, 'cancel')).body['state']).toBe('cancelled');
  expect((await decide(id, 'cancel')).status).toBe(200);
  expect((await decide(id, 'approve', { reportHash })).body['code']).toBe('clawback_closed');
});

test('before it is examined there is no report to approve', async () => {
  const { body } = await request({ select: { table: 'chest_c' }, reason });
  const reply = await decide(String(body['clawbackId']), 'approve', { reportHash: 'a'.repeat(64) });
  expect([reply.status, reply.body['code']]).toEqual([412, 'precondition_failed']);
});

test('clawbacks are listed page by page, newest first', async () => {
  const ids: string[] = [];
  for (const table of ['chest_d', 'chest_e'])
    ids.unshift(String((await request({ select: { table }, reason })).body['clawbackId']));
  const first = await api.send('GET', '/v1/clawbacks?limit=1', { token });
  const cursor = String(first.body['nextCursor']);
  const second = await api.send('GET', `/v1/clawbacks?limit=1&cursor=${cursor}`, { token });
  const seen = [first, second].flatMap(({ body }) => body['items'] as { clawbackId: string }[]);
  expect(seen.map(({ clawbackId }) => clawbackId)).toEqual(ids);
});

describe('bad input', () => {
  test.each([
    ['no condition', { select: {}, reason }, '/select'],
    ['no reason', { select: { table: 'chest' } }, '/reason'],
    ['an empty reason', { select: { table: 'chest' }, reason: '' }, '/reason'],
    ['a version of no table', { select: { tableVersion: 1 }, reason }, '/select/tableVersion'],
    [
      'a window that ends before it begins',
      { select: { from: '2026-01-02T00:00:00Z', to: '2026-01-01T00:00:00Z' }, reason },
      '/select/to',
    ],
    ['a time that is none', { select: { from: 'yesterday' }, reason }, '/select/from'],
    ['no keys at all', { select: { journalKeys: [] }, reason }, '/select/journalKeys'],
    ['an unknown condition', { select: { table: 'chest', players: ['x'] }, reason }, '/select/players'],
  ])('%s is refused with its place', async (_, body, pointer) => {
    const reply = await request(body);
    expect([reply.status, reply.body['code']]).toEqual([422, 'validation_failed']);
    expect(reply.body['errors']).toMatchObject([{ pointer }]);
  });

  test('a clawback that does not exist is not found, whatever is asked of it', async () => {
    const id = randomUUID();
    expect((await read(id)).status).toBe(404);
    expect((await decide(id, 'approve', { reportHash: 'a'.repeat(64) })).status).toBe(404);
    expect((await decide(id, 'cancel')).status).toBe(404);
    expect((await decide(id, 'approve', { reportHash: 'short' })).body['code']).toBe('validation_failed');
  });
});

async function journalOf(key: string): Promise<bigint> {
  const { rows } = await api.db.query<{ id: bigint }>('SELECT id FROM journals WHERE key = $1', [key]);
  return rows[0]!.id;
}
