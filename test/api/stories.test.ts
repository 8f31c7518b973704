import { randomUUID } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import { workflowIds } from '../../workflows/messages.ts';
import type { TestApi } from './support.ts';
import { testApi } from './support.ts';

let api: TestApi;
let operator: string;
beforeAll(async () => {
  api = await testApi();
  operator = await api.key(['stories:write']);
});

const post = (path: string, key = randomUUID()) => api.send('POST', path, { token: operator, key, body: {} });

async function match(status: 'finished' | 'running'): Promise<string> {
  const id = randomUUID();
  await api.db.query(
    `INSERT INTO matches (id, mode, region, status, config, economy_version) VALUES ($1, 'arena', 'any', $2, '{}', 1)`,
    [id, status],
  );
  return id;
}

test('the rewards of a finished match are started again without Kafka, and who asked is written down', async () => {
  const matchId = await match('finished');
  const reply = await post(`/v1/rewards/${matchId}/retry`);
  expect([reply.status, reply.body['workflowId']]).toEqual([202, workflowIds.rewardGrant(matchId)]);
  const { rows } = await api.db.query('SELECT actor, action FROM audit_entries WHERE target = $1', [matchId]);
  expect(rows).toEqual([{ actor: 'client:studio', action: 'rewards.retry' }]);
});

test('what is not over is not paid', async () => {
  expect((await post(`/v1/rewards/${await match('running')}/retry`)).body['code']).toBe('match_not_finished');
  expect((await post(`/v1/rewards/${randomUUID()}/retry`)).status).toBe(404);
});

test('a running story hears that its undo may be tried again; a story that is not there is 404', async () => {
  const matchId = await match('finished');
  const { body } = await post(`/v1/rewards/${matchId}/retry`);
  expect((await post(`/v1/workflows/${String(body['workflowId'])}/retry-undo`)).status).toBe(202);
  expect((await post(`/v1/workflows/${workflowIds.trade(randomUUID())}/retry-undo`)).status).toBe(404);
});
