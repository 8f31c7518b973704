import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { openFinding } from '../../store/findings/open-finding.ts';
import type { Sent, TestApi } from './support.ts';
import { testApi } from './support.ts';

let api: TestApi;
let operator: string;
let game: string;
beforeAll(async () => {
  api = await testApi();
  operator = await api.key(['valves:write', 'findings:read', 'findings:write', 'audits:write'], 'ops');
  game = await api.key(['grants:write'], 'studio');
});

const get = (path: string) => api.send('GET', path, { token: operator });
const put = (path: string, body: unknown, etag?: string, key = randomUUID()) =>
  api.send('PUT', path, {
    token: operator,
    key,
    body,
    headers: etag === undefined ? {} : { 'if-match': etag },
  });
const code = ({ status, body }: Sent) => [status, body['code']];
const set = async (path: string, state: 'open' | 'closed') => {
  const { headers } = await get(path);
  return put(path, { state, reason: `${state} by a test` }, headers.get('etag')!);
};
const grant = async (playerId: string) =>
  api.send('POST', '/v1/grants', {
    token: game,
    key: randomUUID(),
    body: { reference: randomUUID(), player: { id: playerId }, lines: [{ asset: 'gold', amount: '5' }] },
  });

describe('valves', () => {
  test('one source is stopped and let go again; everything else goes on', async () => {
    const { playerId } = await api.player();
    const closed = await set('/v1/valves/source/api.grant', 'closed');
    expect(closed.body).toMatchObject({
      state: 'closed',
      reason: 'closed by a test',
      closedBy: 'client:ops',
    });
    expect(code(await grant(playerId))).toEqual([409, 'frozen']);
    // a new player's welcome comes from another source
    await api.player();
    expect((await set('/v1/valves/source/api.grant', 'open')).body).toMatchObject({
      state: 'open',
      reason: null,
    });
    expect((await grant(playerId)).status).toBe(201);
  });

  test.each(['asset/gold', 'channel/grants'])('%s stops a grant too', async (valve) => {
    const { playerId } = await api.player();
    await set(`/v1/valves/${valve}`, 'closed');
    expect(code(await grant(playerId))).toEqual([409, 'frozen']);
    await set(`/v1/valves/${valve}`, 'open');
    expect((await grant(playerId)).status).toBe(201);
  });

  test('a change names the version it has seen: missing 428, stale 412, a repeat is one change', async () => {
    const path = '/v1/valves/kind/rare_sword';
    const body = { state: 'closed', reason: 'duplicated' };
    const { headers } = await get(path);
    expect(headers.get('etag')).toBe('"1"');
    expect(code(await put(path, body))).toEqual([428, 'precondition_required']);
    expect(code(await put(path, body, '"7"'))).toEqual([412, 'precondition_failed']);
    const key = randomUUID();
    const first = await put(path, body, '"1"', key);
    expect([first.status, first.headers.get('etag')]).toEqual([200, '"2"']);
    const again = await put(path, body, '"1"', key);
    expect([again.status, again.text, again.headers.get('idempotency-replayed')]).toEqual([
      200,
      first.text,
      'true',
    ]);
    expect(code(await put(path, body, '"1"'))).toEqual([412, 'precondition_failed']);
    expect((await put(path, { state: 'open', reason: 'fixed' }, '"2"')).status).toBe(200);
  });

  test('of changes at once with the same version one wins', async () => {
    const path = '/v1/valves/channel/imports';
    const { headers } = await get(path);
    const body = { state: 'closed', reason: 'at once' };
    const replies = await Promise.all(Array.from({ length: 8 }, () => put(path, body, headers.get('etag')!)));
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(replies.filter(({ status }) => status === 412)).toHaveLength(7);
    await set(path, 'open');
  });

  test('who closed what and why is in the audit trail, and told', async () => {
    await set('/v1/valves/channel/trades', 'closed');
    await set('/v1/valves/channel/trades', 'open');
    const { rows } = await api.db.query<{ actor: string; action: string }>(
      `SELECT actor, action FROM audit_entries WHERE target = 'valve:channel:trades' ORDER BY created_at`,
    );
    expect(rows).toEqual([
      { actor: 'client:ops', action: 'valve.closed' },
      { actor: 'client:ops', action: 'valve.opened' },
    ]);
    const told = await api.db.query<{ type: string }>(
      `SELECT type FROM outbox WHERE key = 'channel:trades' ORDER BY seq`,
    );
    expect(told.rows.map(({ type }) => type)).toEqual(['economy.valve.closed.v1', 'economy.valve.opened.v1']);
  });

  test('the list pages through all there are, or through the closed ones', async () => {
    await set('/v1/valves/asset/stamp', 'closed');
    expect((await get('/v1/valves?state=closed')).body['items']).toMatchObject([
      { scope: 'asset', id: 'stamp' },
    ]);
    const seen: string[] = [];
    let next: unknown = '';
    while (next !== null) {
      const cursor = next === '' ? '' : `&cursor=${encodeURIComponent(String(next))}`;
      const { body } = await get(`/v1/valves?limit=7${cursor}`);
      seen.push(
        ...(body['items'] as { scope: string; id: string }[]).map(({ scope, id }) => `${scope}/${id}`),
      );
      next = body['nextCursor'];
    }
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toContain('source/match.reward');
    expect(seen).toContain('channel/market');
    await set('/v1/valves/asset/stamp', 'open');
  });

  test.each([
    ['an unknown scope', '/v1/valves/planet/earth', 404, 'not_found'],
    ['an unknown source', '/v1/valves/source/no.such', 404, 'not_found'],
    ['an unknown kind', '/v1/valves/kind/no_such', 404, 'not_found'],
    ['an unknown channel', '/v1/valves/channel/no_such', 404, 'not_found'],
  ])('%s: %s', async (_what, path, status, name) => {
    expect(code(await get(path))).toEqual([status, name]);
    expect(code(await put(path, { state: 'closed', reason: 'x' }, '"1"'))).toEqual([status, name]);
  });

  test.each([
    [{ state: 'ajar', reason: 'x' }],
    [{ state: 'closed' }],
    [{ state: 'closed', reason: '' }],
    [{ state: 'closed', reason: 'a\u0000b' }],
    [{ state: 'closed', reason: 'x'.repeat(501) }],
    [{ state: 'closed', reason: 'x', more: 1 }],
  ])('%j is refused', async (body) => {
    expect(code(await put('/v1/valves/channel/market', body, '"1"'))).toEqual([422, 'validation_failed']);
  });
});

describe('findings', () => {
  const open = (subject: string) =>
    api.db.transaction((tx) => openFinding(tx, { rule: 'locks_owned', subject, detail: { what: 'a test' } }));
  const list = async (query: string) =>
    (await get(`/v1/findings?${query}`)).body['items'] as { findingId: string; subject: string }[];
  const close = (id: string, body: unknown = { reason: 'seen to' }) =>
    api.send('POST', `/v1/findings/${id}/close`, { token: operator, key: randomUUID(), body });

  test('are listed newest first, page by page, and filtered', async () => {
    for (const subject of ['item 1', 'item 2', 'item 3']) await open(subject);
    expect((await list('rule=locks_owned')).map(({ subject }) => subject)).toEqual([
      'item 3',
      'item 2',
      'item 1',
    ]);
    const first = (await get('/v1/findings?limit=2')).body;
    const rest = (await get(`/v1/findings?limit=2&cursor=${encodeURIComponent(String(first['nextCursor']))}`))
      .body;
    expect([first['items'], rest['items']]).toMatchObject([[{}, {}], [{ subject: 'item 1' }]]);
    expect(await list('rule=wallet_counters')).toEqual([]);
  });

  test('are closed once, with a reason, by somebody; then the auditor leaves them closed while they are the same', async () => {
    await open('item 9');
    const id = (await list('status=open&limit=1'))[0]!.findingId;
    const closed = await close(id);
    expect([closed.status, closed.body]).toMatchObject([
      200,
      { status: 'closed', closedBy: 'client:ops', closeReason: 'seen to' },
    ]);
    expect((await close(id, { reason: 'again' })).body).toMatchObject({ closeReason: 'seen to' });
    expect((await list('status=open')).map(({ subject }) => subject)).not.toContain('item 9');
    const found = { rule: 'locks_owned', subject: 'item 9' };
    const reopen = (what: string) =>
      api.db.transaction((tx) => openFinding(tx, { ...found, detail: { what } }, { acknowledged: true }));
    expect([await reopen('a test'), await reopen('something else')]).toEqual([false, true]);
  });

  test('what is not there or not said properly', async () => {
    expect(code(await close('999999'))).toEqual([404, 'not_found']);
    expect(code(await close('nothing'))).toEqual([404, 'not_found']);
    await open('item 10');
    const id = (await list('status=open&limit=1'))[0]!.findingId;
    expect(code(await close(id, {}))).toEqual([422, 'validation_failed']);
    expect(code(await get('/v1/findings?status=lost'))).toEqual([422, 'validation_failed']);
    expect(code(await get('/v1/findings?cursor=made-up'))).toEqual([400, 'bad_cursor']);
  });
});

describe('audits', () => {
  const ask = (body: unknown, key = randomUUID()) =>
    api.send('POST', '/v1/audits', { token: operator, key, body });

  test('are accepted once per key and can be looked at before they begin', async () => {
    const key = randomUUID();
    const started = await ask({ mode: 'full' }, key);
    expect(started.status).toBe(202);
    expect(started.body).toMatchObject({
      mode: 'full',
      status: 'running',
      requestedBy: 'client:ops',
      results: null,
    });
    const again = await ask({ mode: 'full' }, key);
    expect(again.body['auditId']).toBe(started.body['auditId']);
    const location = started.headers.get('location')!;
    expect((await get(location)).body).toEqual(started.body);
    await api.deps.temporal.client.workflow.getHandle(String(started.body['workflowId'])).terminate();
  });

  test('what is not there or not said properly', async () => {
    expect(code(await ask({ mode: 'half' }))).toEqual([422, 'validation_failed']);
    expect(code(await ask({}))).toEqual([422, 'validation_failed']);
    expect(code(await get(`/v1/audits/${randomUUID()}`))).toEqual([404, 'not_found']);
  });
});
