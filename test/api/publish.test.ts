import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { startRelay } from '../../events/relay/relay.ts';
import { toStructured } from '../../events/codec/structured.ts';
import { eventually, readTopic } from '../events/support.ts';
import type { KafkaApi } from './kafka-api.ts';
import { kafkaApi } from './kafka-api.ts';
import type { SendOptions } from './support.ts';

let api: KafkaApi;
let studio: string;
beforeAll(async () => {
  api = await kafkaApi(['game.result', 'trust.verdict', 'analytics.event']);
  await api.ownTopic('arcade.level');
  await api.ownTopic('arcade.small', { recordBytesMax: 2_048 });
  await api.ownType(type, [
    { name: 'level', type: 'int' },
    { name: 'score', type: 'long' },
    { name: 'note', type: ['null', 'string'], default: null },
  ]);
  studio = await api.key(['events:write', 'events:read'], 'studio', {
    publish: ['arcade.*', 'game.result', 'trust.verdict', 'analytics.event', 'ledger.*', 'nobody.*'],
    read: [],
  });
});

const type = 'arcade.level.completed.v1';
const event = <T extends object>(more: T = {} as T) => ({
  specversion: '1.0',
  type,
  subject: randomUUID(),
  data: {
    level: 3,
    score: '9007199254740993',
  },
  ...more,
});
const publish = (body: unknown, options: SendOptions = {}) =>
  api.send('POST', '/v1/events', { token: studio, key: randomUUID(), body, ...options });
type Row = { id: string; source: string; topic: string; partition: number; offset: string };
const rowsOf = (body: Record<string, unknown>) => body['events'] as Row[];

async function recordOf(row: Row) {
  const records = await readTopic(api.events.broker, row.topic);
  const record = records.find(
    ({ partition, offset }) => partition === row.partition && `${offset}` === row.offset,
  );
  if (record === undefined) throw new Error(`nothing at ${row.partition}/${row.offset}`);
  return toStructured(api.events.codec, record);
}

describe('publishing', () => {
  test('an event is where the answer says, with our source, its schema, its key and the request it came with', async () => {
    const subject = randomUUID();
    const sent = await publish(event({ id: 'run 7'.replace(' ', '-'), subject, causationid: 'why' }), {
      headers: { 'x-request-id': 'req-of-publish' },
    });
    expect([sent.status, sent.text]).toEqual([200, expect.stringContaining('published')]);
    const [row] = rowsOf(sent.body);
    expect(row).toMatchObject({
      id: 'run-7',
      source: '/clients/studio',
      topic: 'arcade.level',
      partition: 0,
    });
    expect(sent.headers.get('location')).toBe('/v1/events/run-7');
    expect(await recordOf(row!)).toMatchObject({
      id: 'run-7',
      source: '/clients/studio',
      type,
      subject,
      partitionkey: subject,
      causationid: 'why',
      correlationid: 'req-of-publish',
      dataschema: expect.stringContaining('/schemas/ids/'),
      data: {
        level: 3,
        score: '9007199254740993',
        note: null,
      },
    });
  });

  test('a batch is answered in its order, and one key stays in order', async () => {
    const batch = Array.from({ length: 120 }, (_, n) =>
      event({ subject: `s${n % 3}`, data: { level: n, score: 1 } }),
    );
    const sent = await publish(batch, { headers: { 'content-type': 'application/cloudevents-batch+json' } });
    expect(sent.status).toBe(200);
    const rows = rowsOf(sent.body);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(120);
    const offsets = rows.map(({ offset }) => Number(offset));
    expect(offsets).toEqual(offsets.toSorted((a, b) => a - b));
    expect(await recordOf(rows[119]!)).toMatchObject({ data: { level: 119 } });
  });

  test('publishers at the same moment each hear where their own event went', async () => {
    const sent = await Promise.all(
      Array.from({ length: 60 }, (_, n) => publish(event({ data: { level: n, score: 0 } }))),
    );
    const rows = sent.map(({ body }) => rowsOf(body)[0]!);
    expect(new Set(rows.map(({ offset }) => offset)).size).toBe(60);
    const records = await readTopic(api.events.broker, 'arcade.level');
    for (const [n, row] of rows.entries()) {
      const record = records.find(({ offset }) => `${offset}` === row.offset)!;
      expect((await toStructured(api.events.codec, record)).data).toMatchObject({ level: n });
    }
  });

  test('the same key answers the same again and publishes nothing; after a lost reply the ids are the same', async () => {
    const key = randomUUID();
    const body = [event(), event()];
    const first = await publish(body, { key });
    const again = await publish(body, { key });
    expect([again.text, again.headers.get('idempotency-replayed')]).toEqual([first.text, 'true']);
    // the reply was never stored: the request runs again
    await api.db.query('DELETE FROM idempotency_keys WHERE key = $1', [key]);
    const repeated = await publish(body, { key });
    const ids = (sent: typeof first) => rowsOf(sent.body).map(({ id }) => id);
    expect(ids(repeated)).toEqual(ids(first));
    expect(rowsOf(repeated.body)[0]?.offset).not.toBe(rowsOf(first.body)[0]?.offset);
    expect((await publish([event()], { key })).status).toBe(422);
  });

  test('types of ours that others may tell are keyed as our handlers need them', async () => {
    const subject = `match:${randomUUID()}`;
    const verdict = {
      specversion: '1.0',
      type: 'trust.verdict.cleared.v1',
      data: { subject, reason: 'fine' },
    };
    const sent = await publish(verdict);
    expect(await recordOf(rowsOf(sent.body)[0]!)).toMatchObject({ partitionkey: subject, data: { subject } });
    const wrong = await publish({ ...verdict, partitionkey: 'elsewhere' });
    expect([wrong.status, wrong.body['errors']]).toEqual([
      422,
      [{ pointer: '/partitionkey', detail: expect.stringContaining(subject) }],
    ]);
  });

  test('a type of one’s own may go to a topic that is named', async () => {
    const sent = await publish(event({ topic: 'analytics.event' }));
    expect(rowsOf(sent.body)[0]?.topic).toBe('analytics.event');
  });

  test('respond-async is durable before Kafka has it; a replay tells what has become of it', async () => {
    const key = randomUUID();
    const body = event({ id: randomUUID() });
    const before = event({ id: randomUUID() });
    expect((await publish(before)).status).toBe(200);
    const headers = { prefer: 'respond-async' };
    const sent = await publish(body, { key, headers });
    expect([sent.status, sent.headers.get('location')]).toEqual([202, `/v1/events/${body.id}`]);
    expect(rowsOf(sent.body)[0]).toMatchObject({ id: body.id, partition: null, offset: null });
    expect((await status(body.id)).body).toMatchObject({
      status: 'stored',
      outbox: { ahead: expect.any(Number), error: null },
    });
    // told once already, and now before the other: it must not stand in the way of anything
    expect((await publish([before, event()], { headers })).status).toBe(202);
    const relay = startRelay({ ...api.deps, ...api.events, crash: () => {} });
    try {
      await eventually('published', async () => (await status(body.id)).body['status'] === 'published');
    } finally {
      await relay.stop();
    }
    const replay = await publish(body, { key, headers });
    expect([replay.status, replay.body['status']]).toEqual([200, 'published']);
    const row = rowsOf(replay.body)[0]!;
    expect(await recordOf(row)).toMatchObject({ id: body.id, source: '/clients/studio', type });
    // once over, it stays what was answered
    expect((await publish(body, { key, headers })).text).toBe(replay.text);
  });
});

const status = (id: string, token = studio) =>
  api.send('GET', `/v1/events/${encodeURIComponent(id)}`, { token });

describe('what is refused', () => {
  const refused = async (body: unknown, options?: SendOptions) => {
    const sent = await publish(body, options);
    const errors = (sent.body['errors'] ?? []) as { pointer: string }[];
    return [sent.status, sent.body['code'], ...errors.map(({ pointer }) => pointer)];
  };
  const invalid = (...pointers: string[]) => [422, 'validation_failed', ...pointers];

  test('what is no event, with pointers', async () => {
    expect(await refused(undefined, { raw: '{"specversion": ' })).toEqual([400, 'malformed_json']);
    expect(await refused(undefined, { raw: new Uint8Array([0x22, 0xff, 0x22]) })).toEqual([
      400,
      'malformed_json',
    ]);
    expect(await refused(event(), { headers: { 'content-type': 'text/plain' } })).toEqual([
      415,
      'unsupported_media_type',
    ]);
    expect(await refused({})).toEqual(invalid('/specversion', '/type', '/data'));
    expect(await refused([])).toEqual(invalid(''));
    expect(await refused('an event')).toEqual(invalid(''));
    expect(await refused([event(), { ...event(), specversion: '0.3' }])).toEqual(invalid('/1/specversion'));
    expect(await refused(event({ extra: 1 }))).toEqual(invalid('/extra'));
    expect(await refused(event({ id: '' }))).toEqual(invalid('/id'));
    expect(await refused(event({ id: 'x'.repeat(256) }))).toEqual(invalid('/id'));
    expect(await refused(event({ data: { level: 1, score: 1, note: 'a\0b' } }))).toEqual(
      invalid('/data/note'),
    );
    expect(await refused(event({ source: '/clients/other' }))).toEqual(invalid('/source'));
    expect(await refused(event({ source: '/clients/studio' }))).toEqual([200, undefined]);
  });

  test('names that are none', async () => {
    for (const bad of ['', 'level', 'a.b.c', 'A.b.c.v1', 'a.b.c.v0', 'a.b.c.d.v1', 'a..c.v1', 'a.b.c.v1\n'])
      expect([bad, await refused(event({ type: bad }))]).toEqual([bad, invalid('/type')]);
    for (const bad of ['', '.', '..', 'Arcade', 'a/b', 'a b', 'x'.repeat(250), '__consumer_offsets'])
      expect([bad, await refused(event({ topic: bad }))]).toEqual([bad, invalid('/topic')]);
  });

  test('types nobody registered, and topics that are not there', async () => {
    expect(await refused(event({ type: 'arcade.level.skipped.v1' }))).toEqual(invalid('/type'));
    expect(await refused(event({ type: 'nobody.knows.this.v1' }))).toEqual(invalid('/type'));
    expect(await refused(event({ topic: 'nobody.knows' }))).toEqual(invalid('/topic'));
    expect(await refused(event({ topic: 'game.result' }))).toEqual(invalid('/topic'));
    const verdict = { type: 'trust.verdict.cleared.v1', data: { subject: 'match:1', reason: '' } };
    expect(await refused(event({ ...verdict, topic: 'arcade.level' }))).toEqual(invalid('/topic'));
  });

  test('what the schema does not describe, each place named', async () => {
    expect(await refused(event({ data: null }))).toEqual(invalid('/data'));
    expect(await refused(event({ data: undefined }))).toEqual(invalid('/data'));
    expect(await refused(event({ data: { level: '3', score: 1 } }))).toEqual(invalid('/data/level'));
    expect(await refused(event({ data: { level: 3, score: 1.5 } }))).toEqual(invalid('/data/score'));
    expect(await refused(event({ data: { level: 3 } }))).toEqual(invalid('/data/score'));
    expect(await refused(event({ data: { level: 3, score: 1, more: 1 } }))).toEqual(invalid('/data/more'));
    expect(await refused([event(), event({ data: { level: 2 ** 40, score: 1 } })])).toEqual(
      invalid('/1/data/level'),
    );
    const result = {
      reference: 'r',
      externalMatchId: 'm',
      mode: 'duel',
      players: [{ player: { issuer: 'a' } }],
    };
    expect(await refused(event({ type: 'game.result.reported.v1', data: result }))).toEqual(
      invalid('/data/players/0/player/subject'),
    );
  });

  test('what only Lootledger tells, and what the key does not allow', async () => {
    const journal = { journalId: '1', key: 'k', kind: 'grant' };
    expect(await refused(event({ type: 'ledger.journal.posted.v1', data: journal }))).toEqual([
      403,
      'forbidden',
      '/type',
    ]);
    expect(await refused(event({ topic: 'audit.trail' }))).toEqual([403, 'forbidden', '/topic']);
    expect(await refused(event({ topic: 'game.result.dlq' }))).toEqual([403, 'forbidden', '/topic']);
    const narrow = await api.key(['events:write'], 'studio', { publish: ['game.result'], read: ['*'] });
    expect(await refused([event()], { token: narrow })).toEqual([403, 'forbidden', '/0/type']);
    const none = await api.key(['grants:write'], 'studio');
    expect(await refused(event(), { token: none })).toEqual([403, 'forbidden']);
  });

  test('what comes from the future, and one id twice', async () => {
    const soon = new Date(Date.now() + 60_000).toISOString();
    const late = new Date(Date.now() + 600_000).toISOString();
    expect(await refused(event({ time: soon }))).toEqual([200, undefined]);
    expect(await refused(event({ time: late }))).toEqual(invalid('/time'));
    expect(await refused(event({ time: 'tomorrow' }))).toEqual(invalid('/time'));
    expect(await refused([event({ id: 'twice' }), event(), event({ id: 'twice' })])).toEqual(
      invalid('/2/id'),
    );
  });

  test('what is too large or too many, before anything is sent', async () => {
    const before = (await readTopic(api.events.broker, 'arcade.level')).length;
    expect(await refused(Array.from({ length: 501 }, () => event()))).toEqual(invalid(''));
    expect(await refused(event({ data: { level: 1, score: 1, note: 'x'.repeat(1_100_000) } }))).toEqual([
      413,
      'payload_too_large',
    ]);
    const small = event({ topic: 'arcade.small', data: { level: 1, score: 1, note: 'x'.repeat(3_000) } });
    expect(await refused([event(), small])).toEqual([413, 'payload_too_large', '/1/data']);
    expect(await readTopic(api.events.broker, 'arcade.level')).toHaveLength(before);
  });

  test('a body of nearly 1 MiB for one key, larger than one request to Kafka may be, arrives', async () => {
    const big = Array.from({ length: 12 }, () =>
      event({ subject: 'one', data: { level: 1, score: 1, note: 'x'.repeat(80_000) } }),
    );
    const sent = await publish(big);
    expect([sent.status, new Set(rowsOf(sent.body).map(({ offset }) => offset)).size]).toEqual([200, 12]);
  });
});

describe('an event’s status', () => {
  test('is told to who published it and to who may read its topic, and to nobody else', async () => {
    const id = randomUUID();
    await publish(event({ id }));
    const reader = await api.key(['events:read'], 'ops', { publish: [], read: ['arcade.*'] });
    const stranger = await api.key(['events:read'], 'stranger', { publish: ['*'], read: ['game.*'] });
    const path = `/v1/events/${id}?source=${encodeURIComponent('/clients/studio')}`;
    const seen = await status(id);
    expect(seen.body).toMatchObject({ id, source: '/clients/studio', status: 'published', outbox: null });
    expect((await api.send('GET', path, { token: reader })).body).toEqual(seen.body);
    expect((await api.send('GET', path, { token: stranger })).status).toBe(404);
    expect((await status(id, reader)).status).toBe(404);
    expect((await status('never-published')).status).toBe(404);
  });

  test('ids of clients are theirs: the same id of two clients is two events', async () => {
    const id = 'level/7 of 9'.replaceAll(' ', '_');
    const other = await api.key(['events:write', 'events:read'], 'other');
    await publish(event({ id, data: { level: 1, score: 1 } }));
    await publish(event({ id, data: { level: 2, score: 2 } }), { token: other });
    const [ours, theirs] = [await status(id), await status(id, other)];
    expect([ours.body['source'], theirs.body['source']]).toEqual(['/clients/studio', '/clients/other']);
    expect(ours.body['published']).not.toEqual(theirs.body['published']);
  });
});

describe('game events', () => {
  const told = (more: object = {}) => ({
    player: {
      issuer: 'https://id.example',
      subject: randomUUID(),
    },
    session: 's1',
    action: 'level-completed',
    mode: 'duel',
    map: 'dunes',
    position: {
      x: 1.5,
      y: -2,
    },
    server: 'eu-1',
    region: 'eu',
    version: '1.2',
    ...more,
  });
  const tell = (body: unknown) =>
    api.send('POST', '/v1/game-events', { token: studio, key: randomUUID(), body });

  test('the player becomes an id; nothing else names them', async () => {
    const player = { issuer: 'https://id.example', subject: 'somebody@example.org' };
    const sent = await tell([told({ player }), told({ player, position: undefined, data: { coins: 3 } })]);
    expect([sent.status, sent.text]).toEqual([200, expect.any(String)]);
    const [first, second] = await Promise.all(rowsOf(sent.body).map(recordOf));
    const { rows } = await api.db.query('SELECT player_id FROM identities WHERE subject = $1', [
      player.subject,
    ]);
    const playerId = rows[0]?.['player_id'] as string;
    expect(first).toMatchObject({
      type: 'analytics.event.game-action.v1',
      partitionkey: playerId,
      subject: playerId,
      data: {
        playerId,
        session: 's1',
        map: 'dunes',
        position: {
          x: 1.5,
          y: -2,
          z: null,
        },
        data: {},
      },
    });
    expect(second?.data).toMatchObject({ playerId, position: null, data: { coins: 3 } });
    expect(JSON.stringify([first, second])).not.toContain('somebody');
  });

  test('what is refused makes no players', async () => {
    const subject = randomUUID();
    const player = { issuer: 'https://id.example', subject };
    const made = async () =>
      (await api.db.query('SELECT FROM identities WHERE subject = $1', [subject])).rowCount;
    const late = told({ player, time: new Date(Date.now() + 3_600_000).toISOString() });
    expect((await tell(late)).status).toBe(422);
    expect((await tell(told({ player, data: { note: 'x'.repeat(1_500_000) } }))).status).toBe(413);
    const token = await api.key(['events:write'], 'narrow', { publish: ['arcade.*'], read: [] });
    const refused = await api.send('POST', '/v1/game-events', {
      token,
      key: randomUUID(),
      body: told({ player }),
    });
    expect([refused.status, await made()]).toEqual([403, 0]);
    expect([(await tell(told({ player }))).status, await made()]).toEqual([200, 1]);
  });

  test('bad ones are refused with pointers', async () => {
    const nobody = randomUUID().replace(/^........-....-.(...-).(...)/, '00000000-0000-7$18$2');
    const cases: [object, number, string][] = [
      [told({ player: { id: nobody } }), 422, '/0/player/id'],
      [told({ action: 'Level Completed' }), 422, '/0/action'],
      [told({ position: { x: 1 } }), 422, '/0/position/y'],
      [told({ session: undefined }), 422, '/0/session'],
      [told({ email: 'x' }), 422, '/0/email'],
      [told({ time: new Date(Date.now() + 3_600_000).toISOString() }), 422, '/0/time'],
    ];
    for (const [body, code, pointer] of cases) {
      const sent = await tell([body]);
      expect([sent.status, (sent.body['errors'] as { pointer: string }[])[0]?.pointer]).toEqual([
        code,
        pointer,
      ]);
    }
  });
});
