import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { createCodec } from '../../events/codec/codec.ts';
import { openRegistry } from '../../events/codec/registry.ts';
import type { TestApi } from './support.ts';
import { testApi } from './support.ts';

let api: TestApi;
let operator: string;
beforeAll(async () => {
  api = await testApi();
  operator = await api.key(['dead-letters:read', 'redrives:write']);
});

type Letter = { status?: string; group?: string; errorClass?: string; key?: string; at?: string };
let offset = 0;

async function letter({ status = 'waiting', group = 'leaderboard', ...more }: Letter = {}): Promise<string> {
  offset += 1;
  const { rows } = await api.db.query<{ id: string }>(
    `INSERT INTO dead_letters (consumer_group, topic, partition, "offset", timestamp, key, value, headers, event_id, attempts,
       error_class, error_message, status, first_failed_at, last_failed_at, created_at)
     VALUES ($5, 'game.match', 0, $2, now(), $3, '\\x00ff', '{"ce_type":"x"}', 'event-7', 3, $4, 'no such field', $1,
       now(), now(), coalesce($6, now())) RETURNING id`,
    [status, offset, more.key ?? 'm-1', more.errorClass ?? 'TypeError', group, more.at ?? null],
  );
  return rows[0]!.id;
}

const get = (path: string) => api.send('GET', path, { token: operator });
const post = (path: string, body?: unknown, key = randomUUID()) =>
  api.send('POST', path, { token: operator, key, ...(body !== undefined && { body }) });
const redrive = (body: object | string[], key = randomUUID()) =>
  post('/v1/redrives', Array.isArray(body) ? { deadLetterIds: body } : body, key);
const items = (body: Record<string, unknown>) => body['items'] as Record<string, unknown>[];
const lettersOf = async (redriveId: unknown) =>
  items((await get(`/v1/redrives/${String(redriveId)}/letters`)).body).map(
    ({ deadLetterId }) => deadLetterId,
  );

describe('dead letters', () => {
  test('are listed with reason and original bytes, filtered, page by page', async () => {
    const group = 'listed';
    const ids = [
      await letter({ group }),
      await letter({ group }),
      await letter({ group, status: 'redriven' }),
    ];
    const first = await get(`/v1/dead-letters?group=${group}&status=waiting&limit=1`);
    const second = await get(
      `/v1/dead-letters?group=${group}&status=waiting&limit=1&cursor=${first.body['nextCursor'] as string}`,
    );
    const found = [...items(first.body), ...items(second.body)];
    expect(found.map(({ deadLetterId }) => deadLetterId)).toEqual(ids.slice(0, 2));
    expect(found[0]).toMatchObject({ valueBase64: 'AP8=', errorMessage: 'no such field', key: 'm-1' });
    expect((await get(`/v1/dead-letters/${ids[2]}`)).body).toMatchObject({
      status: 'redriven',
      parkedBehindCount: 0,
    });
    const other = await get(`/v1/dead-letters?group=other&cursor=${first.body['nextCursor'] as string}`);
    expect(other.body['code']).toBe('bad_cursor');
  });

  test('are found by class, key and time of giving up', async () => {
    const group = 'found';
    const [early, late] = ['2026-01-01T00:00:00.000Z', '2026-02-01T00:00:00.000Z'];
    const a = await letter({ group, key: 'k-a', at: early });
    const b = await letter({ group, key: 'k-b', at: late, errorClass: 'RangeError' });
    const find = async (query: string) =>
      items((await get(`/v1/dead-letters?group=${group}&${query}`)).body).map((item) => item['deadLetterId']);
    expect(await find('key=k-a')).toEqual([a]);
    expect(await find('errorClass=RangeError')).toEqual([b]);
    expect(await find(`from=${late}`)).toEqual([b]);
    expect(await find(`to=${late}`)).toEqual([a]);
    const inverted = await get(`/v1/dead-letters?from=${late}&to=${early}`);
    expect([inverted.status, inverted.body['code']]).toEqual([422, 'validation_failed']);
  });

  test('are counted per group, topic and class, with what is parked behind them', async () => {
    const group = 'counted';
    await letter({ group });
    await letter({ group });
    await letter({ group, status: 'discarded' });
    await api.db.query(
      `INSERT INTO parked_keys (consumer_group, topic, key) VALUES ($1, 'game.match', 'm-1')`,
      [group],
    );
    await api.db.query(
      `INSERT INTO parked_events (consumer_group, topic, key, partition, "offset", timestamp, headers)
       SELECT $1, 'game.match', 'm-1', 0, n, now(), '{}' FROM generate_series(1, 3) AS n`,
      [group],
    );
    const { body } = await get('/v1/dead-letters/summary');
    const ofGroup = (list: string) =>
      (body[list] as { group: string }[]).filter((row) => row.group === group);
    expect(ofGroup('classes')).toMatchObject([
      { topic: 'game.match', errorClass: 'TypeError', waitingCount: 2, redrivenCount: 0, discardedCount: 1 },
    ]);
    expect(ofGroup('parked')).toMatchObject([{ keyCount: 1, eventCount: 3 }]);
  });

  test('are decoded where they can be, and say why where they cannot', async () => {
    const codec = createCodec(await openRegistry(api.db));
    const reading = await testApi({ events: { codec } as never });
    const token = await reading.key(['dead-letters:read']);
    const data = { matchId: randomUUID(), reason: 'few', playerIds: [] };
    const headers = {
      ce_id: 'event-8',
      ce_type: 'game.match.cancelled.v1',
      ce_source: '/lootledger/test',
      'content-type': 'application/json',
    };
    await reading.db.query(
      `INSERT INTO dead_letters (consumer_group, topic, partition, "offset", timestamp, key, value, headers, attempts,
         error_class, error_message, first_failed_at, last_failed_at)
       VALUES ('decoded', 'game.match', 0, 1, now(), 'm', $1, $2, 3, 'Error', 'no', now(), now()),
         ('decoded', 'game.match', 0, 2, now(), 'm', '\\x00ff', $2, 1, 'undecodable', 'no', now(), now())`,
      [Buffer.from(JSON.stringify(data)), JSON.stringify(headers)],
    );
    await reading.db.query(`UPDATE dead_letters SET headers = headers - 'content-type' WHERE "offset" = 2`);
    const { body } = await reading.send('GET', '/v1/dead-letters', { token });
    const [readable, other] = items(body);
    expect(readable).toMatchObject({
      decoded: { specversion: '1.0', id: 'event-8', type: 'game.match.cancelled.v1', data },
      decodeError: null,
    });
    expect(other).toMatchObject({ decoded: null, valueBase64: 'AP8=' });
    expect(other?.['decodeError']).toContain('not Avro');
  });

  test('are listed whatever is in them, large ones in shorter pages', async () => {
    const codec = createCodec(await openRegistry(api.db));
    const reading = await testApi({ events: { codec } as never });
    const token = await reading.key(['dead-letters:read']);
    const headers = {
      ce_id: 'event-9',
      ce_type: 'game.result.reported.v1',
      ce_source: '/clients/game',
      'content-type': 'application/json',
    };
    await reading.db.query(
      `INSERT INTO dead_letters (consumer_group, topic, partition, "offset", timestamp, key, value, headers, attempts,
         error_class, error_message, first_failed_at, last_failed_at)
       SELECT 'large', 'game.result', 0, n, now(), 'm', $1, $2, 1, 'schema_violation', 'no', now(), now()
       FROM generate_series(1, 9) AS n`,
      [Buffer.from(('['.repeat(10_000) + ']'.repeat(10_000)).padEnd(1_000_000)), JSON.stringify(headers)],
    );
    const pages: Record<string, unknown>[][] = [];
    for (let cursor = ''; cursor !== 'null';) {
      const after = cursor === '' ? '' : `&cursor=${cursor}`;
      const { status, body } = await reading.send('GET', `/v1/dead-letters?group=large${after}`, { token });
      expect(status).toBe(200);
      pages.push(items(body));
      cursor = String(body['nextCursor']);
    }
    expect(pages.map(({ length }) => length)).toEqual([5, 4]);
    expect(pages.flat().map(({ offset: at }) => at)).toEqual(['1', '2', '3', '4', '5', '6', '7', '8', '9']);
    expect(pages[0]?.[0]).toMatchObject({ decoded: null, decodeError: 'the value is nested too deeply' });
  });
});

describe('a redrive', () => {
  test('is a story that is started once and can be followed; who asked is written down', async () => {
    const [id, key] = [await letter(), randomUUID()];
    const started = await redrive([id], key);
    expect(started.status).toBe(202);
    const again = await redrive([id], key);
    expect([again.status, again.body['redriveId'], again.headers.get('idempotency-replayed')]).toEqual([
      202,
      started.body['redriveId'],
      'true',
    ]);
    const seen = await get(String(started.headers.get('location')));
    expect(seen.body).toMatchObject({
      status: 'running',
      progress: { letterCount: 1, doneCount: 0, percent: 0, etaAt: null },
      workflowId: `redrive-${started.body['redriveId'] as string}`,
      workflowUrl: expect.stringContaining('http'),
    });
    const { rows } = await api.db.query('SELECT actor, action FROM audit_entries WHERE target = $1', [
      started.body['redriveId'],
    ]);
    expect(rows).toEqual([{ actor: 'client:studio', action: 'redrive.requested' }]);
  });

  test('whose first answer was lost is met again, though it has closed the letter by then', async () => {
    const [id, key] = [await letter(), randomUUID()];
    const started = await redrive([id], key);
    await api.db.query("UPDATE dead_letters SET status = 'redriven' WHERE id = $1", [id]);
    await api.db.query('DELETE FROM idempotency_keys WHERE key = $1', [key]);
    const again = await redrive([id], key);
    expect([again.status, again.body['redriveId']]).toEqual([202, started.body['redriveId']]);
  });

  test('of a filter takes the waiting letters of that moment, in the order of their topic', async () => {
    const group = 'selected';
    const [a, b] = [await letter({ group }), await letter({ group, errorClass: 'RangeError' })];
    await letter({ group, status: 'discarded' });
    const all = await redrive({ filter: { group }, preview: true, ratePerSecond: 5, force: true });
    expect(all.body).toMatchObject({
      preview: true,
      ratePerSecond: 5,
      force: true,
      selection: { filter: { group } },
      progress: { letterCount: 2 },
    });
    await letter({ group });
    expect(await lettersOf(all.body['redriveId'])).toEqual([a, b]);
    const some = await redrive({ filter: { group, errorClass: 'RangeError' } });
    expect(await lettersOf(some.body['redriveId'])).toEqual([b]);
    const oldest = await redrive({ filter: { group }, limit: 1 });
    expect(await lettersOf(oldest.body['redriveId'])).toEqual([a]);
    const unordered = await redrive([b, a]);
    expect(await lettersOf(unordered.body['redriveId'])).toEqual([a, b]);
  });

  test('is paused, resumed and cancelled, each decision once in the audit', async () => {
    const started = await redrive([await letter({ key: 'm-9' })]);
    const path = `/v1/redrives/${started.body['redriveId'] as string}`;
    const decide = async (decision: string) => {
      const { status, body } = await post(`${path}/${decision}`);
      return [status, body['code'] ?? body['status']];
    };
    expect(await decide('pause')).toEqual([202, 'paused']);
    expect(await decide('pause')).toEqual([202, 'paused']);
    expect(await decide('resume')).toEqual([202, 'running']);
    expect(await decide('cancel')).toEqual([202, 'cancelling']);
    expect(await decide('resume')).toEqual([409, 'redrive_closed']);
    const { rows } = await api.db.query<{ action: string }>(
      'SELECT action FROM audit_entries WHERE target = $1 ORDER BY id',
      [started.body['redriveId']],
    );
    expect(rows.map(({ action }) => action)).toEqual([
      'redrive.requested',
      'redrive.paused',
      'redrive.resumed',
      'redrive.cancelled',
    ]);
    const [newest] = items((await get('/v1/redrives?limit=1')).body);
    expect(newest).toMatchObject({ redriveId: started.body['redriveId'], status: 'cancelling' });
  });

  test('of a closed letter whose key is still parked releases what waits behind it', async () => {
    const id = await letter({ status: 'redriven', group: 'left', key: 'm-2' });
    await api.db.query(
      "INSERT INTO parked_keys (consumer_group, topic, key) VALUES ('left', 'game.match', 'm-2')",
    );
    expect((await redrive([id])).status).toBe(202);
    await api.db.query("DELETE FROM parked_keys WHERE consumer_group = 'left'");
    expect((await redrive([id])).body['code']).toBe('dead_letter_closed');
  });
});

describe('a key that may not read a topic', () => {
  test('sees neither its dead letters nor redrives of them, and decides nothing about those', async () => {
    const group = 'secret';
    const hidden = await letter({ group });
    const started = await redrive([hidden]);
    const path = `/v1/redrives/${String(started.body['redriveId'])}`;
    const token = await api.key(['dead-letters:read', 'redrives:write'], 'shop', {
      publish: ['*'],
      read: ['shop.*'],
    });
    const seen = async (where: string) => (await api.send('GET', where, { token })).body;
    expect(items(await seen(`/v1/dead-letters?group=${group}`))).toEqual([]);
    expect((await seen(`/v1/dead-letters/${hidden}`))['code']).toBe('not_found');
    expect(await seen('/v1/dead-letters/summary')).toEqual({ classes: [], parked: [] });
    expect(items(await seen('/v1/redrives'))).toEqual([]);
    expect((await seen(path))['code']).toBe('not_found');
    expect((await seen(`${path}/letters`))['code']).toBe('not_found');
    const ask = async (where: string, body?: object) => {
      const reply = await api.send('POST', where, { token, key: randomUUID(), ...(body && { body }) });
      return reply.body['code'];
    };
    for (const decision of ['pause', 'resume', 'cancel'])
      expect(await ask(`${path}/${decision}`)).toBe('not_found');
    expect(await ask('/v1/redrives', { deadLetterIds: [await letter({ group })] })).toBe('not_found');
    expect(await ask('/v1/redrives', { filter: { group } })).toBe('validation_failed');
    expect((await get(path)).body).toMatchObject({ status: 'running' });
  });

  test('sees those of its own', async () => {
    const group = 'shared';
    await letter({ group });
    const own = await letter({ group });
    await api.db.query("UPDATE dead_letters SET topic = 'shop.orders' WHERE id = $1", [own]);
    const token = await api.key(['dead-letters:read', 'redrives:write'], 'shop', {
      publish: [],
      read: ['shop.*', 'other.topic'],
    });
    const listed = await api.send('GET', `/v1/dead-letters?group=${group}`, { token });
    expect(items(listed.body).map(({ deadLetterId }) => deadLetterId)).toEqual([own]);
    const started = await api.send('POST', '/v1/redrives', {
      token,
      key: randomUUID(),
      body: { filter: { group } },
    });
    expect([started.status, started.body['progress']]).toMatchObject([202, { letterCount: 1 }]);
    const path = `/v1/redrives/${String(started.body['redriveId'])}`;
    expect((await api.send('GET', path, { token })).status).toBe(200);
    const mixed = await redrive({ filter: { group } });
    const { status } = await api.send('GET', `/v1/redrives/${String(mixed.body['redriveId'])}`, { token });
    expect(status).toBe(404);
  });
});

describe('refused before anything starts', () => {
  const refused = async (body: object) => {
    const reply = await redrive(body);
    return [reply.status, reply.body['code']];
  };

  test('letters that are closed, absent or named twice', async () => {
    expect(await refused([await letter({ status: 'discarded' })])).toEqual([409, 'dead_letter_closed']);
    expect(await refused([randomUUID()])).toEqual([404, 'not_found']);
    const id = await letter();
    expect(await refused([id, id])).toEqual([422, 'validation_failed']);
    expect((await get(`/v1/redrives/${randomUUID()}`)).status).toBe(404);
    expect((await get(`/v1/redrives/${randomUUID()}/letters`)).status).toBe(404);
    expect((await post(`/v1/redrives/${randomUUID()}/pause`)).status).toBe(404);
    expect((await get(`/v1/dead-letters/${randomUUID()}`)).status).toBe(404);
  });

  test.each([
    ['an unknown group', { filter: { group: 'nobody' } }],
    ['no condition', { filter: {} }],
    ['an unknown condition', { filter: { colour: 'red' } }],
    ['neither ids nor filter', {}],
    ['both', { deadLetterIds: [randomUUID()], filter: { group: 'leaderboard' } }],
    ['no ids', { deadLetterIds: [] }],
    ['too many ids', { deadLetterIds: Array.from({ length: 1_001 }, () => randomUUID()) }],
    ['a limit without a filter', { deadLetterIds: [randomUUID()], limit: 5 }],
    ['a limit beyond the cap', { filter: { group: 'leaderboard' }, limit: 10_001 }],
    ['an empty window', { filter: { from: '2026-02-01T00:00:00Z', to: '2026-02-01T00:00:00Z' } }],
    ['an inverted window', { filter: { from: '2026-02-01T00:00:00Z', to: '2026-01-01T00:00:00Z' } }],
    ['a discard without a reason', { filter: { group: 'leaderboard' }, discard: {} }],
    ['a rate of nothing', { filter: { group: 'leaderboard' }, ratePerSecond: 0 }],
  ])('a selection with %s', async (_, body) => {
    expect(await refused(body)).toEqual([422, 'validation_failed']);
  });

  test('a filter that matches more letters than one redrive may have, unless a limit is given', async () => {
    await api.db.query(
      `INSERT INTO dead_letters (consumer_group, topic, partition, "offset", timestamp, headers, attempts, error_class,
         error_message, first_failed_at, last_failed_at)
       SELECT 'flood', 'game.match', 1, n, now(), '{}', 1, 'Error', 'no', now(), now() FROM generate_series(1, 10001) AS n`,
    );
    const refusal = await redrive({ filter: { group: 'flood' } });
    expect([refusal.status, refusal.body['detail']]).toEqual([
      422,
      expect.stringContaining('More than 10000'),
    ]);
    const { rows } = await api.db.query(
      "SELECT FROM redrives WHERE selection -> 'filter' ->> 'group' = 'flood'",
    );
    expect(rows).toHaveLength(0);
    const limited = await redrive({ filter: { group: 'flood' }, limit: 10_000 });
    expect(limited.body['progress']).toMatchObject({ letterCount: 10_000 });
  });

  test('a body that is not JSON', async () => {
    const reply = await api.send('POST', '/v1/redrives', {
      token: operator,
      key: randomUUID(),
      raw: '{"filter": group=leaderboard}',
      headers: { 'content-type': 'application/json' },
    });
    expect([reply.status, reply.body['code']]).toEqual([400, 'malformed_json']);
  });
});
