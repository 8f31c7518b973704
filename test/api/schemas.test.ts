import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { createCodec } from '../../events/codec/codec.ts';
import { openRegistry, subjectOf } from '../../events/codec/registry.ts';
import { createOwnTopic } from '../../store/own-topics/create-own-topic.ts';
import type { Sent, TestApi } from './support.ts';
import { testApi } from './support.ts';

let api: TestApi;
let studio: string;
let stranger: string;
beforeAll(async () => {
  api = await testApi();
  await openRegistry(api.db);
  studio = await api.key(['events:read', 'schemas:write'], 'studio');
  stranger = await api.key(['events:read', 'schemas:write'], 'stranger');
});

const type = 'studio.quest.finished.v1';
const subject = subjectOf(type);
const quest = (...fields: object[]) => ({
  schema: JSON.stringify({
    type: 'record',
    name: 'FinishedV1',
    namespace: 'studio.quest',
    fields: [{ name: 'questId', type: 'string' }, ...fields],
  }),
});
const reward = { name: 'reward', type: ['null', 'long'], default: null };

const nothings = {
  name: 'n',
  type: [
    'null',
    { type: 'array', items: { type: 'record', name: 'N', fields: [{ name: 'x', type: 'null' }] } },
  ],
  default: null,
};

const call = (method: string, path: string, body?: unknown, token = studio): Promise<Sent> =>
  api.send(method, `/v1/schemas${path}`, { token, ...(body !== undefined && { body }) });
const register = (body: unknown, token = studio, name = subject) =>
  call('POST', `/subjects/${name}/versions`, body, token);
const errorOf = async (sent: Promise<Sent>) => {
  const { status, body, headers } = await sent;
  expect(headers.get('content-type')).toBe('application/vnd.schemaregistry.v1+json');
  expect(body).toEqual({ error_code: expect.any(Number), message: expect.any(String) });
  return [status, body['error_code']];
};

describe('a type of one’s own', () => {
  beforeAll(() => api.db.transaction((tx) => createOwnTopic(tx, questTopic)));

  test('is registered once per content, told to the audit trail once, and found again', async () => {
    const first = await register(quest());
    expect(first.status).toBe(200);
    expect((await register({ ...quest(), schemaType: 'AVRO', references: [] })).body).toEqual(first.body);
    const second = await register(quest(reward));
    expect(second.body['id']).not.toBe(first.body['id']);
    expect((await call('GET', `/subjects/${subject}/versions`)).text).toBe('[1,2]');
    const latest = await call('GET', `/subjects/${subject}/versions/latest`);
    expect(latest.body).toMatchObject({ subject, version: 2, id: second.body['id'], schemaType: 'AVRO' });
    expect(JSON.parse(String(latest.body['schema']))).toEqual(JSON.parse(quest(reward).schema));
    expect((await call('GET', `/schemas/ids/${String(first.body['id'])}`)).body).toEqual({
      schema: expect.stringContaining('questId'),
    });
    expect((await call('POST', `/subjects/${subject}`, quest())).body).toMatchObject({ version: 1 });
    const { rows } = await api.db.query(
      "SELECT detail FROM audit_entries WHERE action = 'schema.registered'",
    );
    expect(rows).toHaveLength(2);
  });

  test('that could not read an earlier version is 409, and the check says so before', async () => {
    const other = subjectOf('studio.quest.begun.v1');
    await register(quest(), studio, other);
    const incompatible = quest({ name: 'level', type: 'int' });
    expect(await errorOf(register(incompatible, studio, other))).toEqual([409, 409]);
    const check = (body: unknown, at = '') =>
      call('POST', `/compatibility/subjects/${other}/versions${at}`, body);
    expect((await check(incompatible, '/latest')).body).toMatchObject({ is_compatible: false });
    expect((await check(incompatible)).body).toMatchObject({
      is_compatible: false,
      messages: [expect.stringMatching(/version 1: .*level/)],
    });
    expect((await check(quest(reward), '/1')).body).toEqual({ is_compatible: true });
    expect((await call('GET', `/subjects/${other}/versions`)).text).toBe('[1]');
  });

  test('is encoded from JSON with its newest schema, and read back whoever wrote it', async () => {
    const codec = createCodec(await openRegistry(api.db));
    const paid = subjectOf('studio.quest.paid.v1');
    await register(quest(reward, { name: 'proof', type: 'bytes' }), studio, paid);
    const data = { questId: 'q', reward: '9223372036854775807', proof: 'AQI=' };
    const { value } = await codec.encodeRegistered('studio.quest.paid.v1', data);
    expect(await codec.decodeAny(value, 'application/avro', 'studio.quest.paid.v1')).toEqual(data);
    const small = await codec.encodeRegistered('studio.quest.paid.v1', {
      questId: 'q',
      reward: 5,
      proof: '',
    });
    expect(await codec.decodeAny(small.value, 'application/avro', 'studio.quest.paid.v1')).toMatchObject({
      reward: '5',
    });
    for (const [bad, place] of [
      [{ ...data, reward: 1.5 }, /reward/],
      [{ ...data, extra: 1 }, /extra/],
      [{ questId: 'q' }, /proof/],
      ['text', /studio.quest.paid/],
    ] as const)
      await expect(codec.encodeRegistered('studio.quest.paid.v1', bad)).rejects.toThrow(place);
    await expect(codec.encodeRegistered('studio.quest.unknown.v1', data)).rejects.toThrow(/no schema/);
  });
});

describe('what is refused, in the words clients of registries read', () => {
  test.each([
    ['not Avro', () => register({ schema: '{"type":"nonsense"}' }), [422, 42_201]],
    ['not JSON', () => register({ schema: '{' }), [422, 42_201]],
    ['__proto__', () => register({ schema: '{"type":"string","__proto__":{}}' }), [422, 42_201]],
    ['NUL', () => register({ schema: '{"type":"string","doc":"\\u0000"}' }), [422, 42_201]],
    ['another kind', () => register({ ...quest(), schemaType: 'PROTOBUF' }), [422, 422]],
    ['references', () => register({ ...quest(), references: [{ name: 'x' }] }), [422, 422]],
    ['an array of nothing, as long as it says', () => register(quest(nothings)), [422, 42_201]],
    ['no schema', () => register({}), [422, 422]],
    ['ours', () => register(quest(), studio, subjectOf('game.match.finished.v2')), [403, 403]],
    ['a dead-letter subject', () => register(quest(), studio, 'game.match.dlq-value'), [422, 42_208]],
    ['somebody else’s', () => register(quest(), stranger), [403, 403]],
    ['no such topic', () => register(quest(), studio, subjectOf('studio.none.made.v1')), [403, 403]],
    ['subject of no type', () => register(quest(), studio, 'studio.quest-value'), [422, 42_208]],
    ['subject of another topic', () => register(quest(), studio, `studio.other-${type}`), [422, 42_208]],
    ['unknown id', () => call('GET', '/schemas/ids/999999999'), [404, 40_403]],
    ['an id that is none', () => call('GET', '/schemas/ids/0'), [404, 404]],
    ['unknown subject', () => call('GET', '/subjects/none/versions'), [404, 40_401]],
    [
      'unknown version',
      () => call('GET', `/subjects/${subjectOf('game.match.opened.v1')}/versions/99`),
      [404, 40_402],
    ],
    ['no credential', () => api.send('GET', '/v1/schemas/subjects'), [401, 401]],
  ])('%s', async (_, send, expected) => {
    expect(await errorOf(send())).toEqual(expected);
  });

  test('a key that only reads registers nothing', async () => {
    const reader = await api.key(['events:read'], 'studio');
    expect(await errorOf(register(quest(), reader))).toEqual([403, 403]);
  });
});

test('both content types, and a key as a password, are welcome', async () => {
  const basic = (password: string) => `Basic ${Buffer.from(`anyone:${password}`).toString('base64')}`;
  const ask = (headers: Record<string, string>, raw = JSON.stringify(quest())) =>
    api.send('POST', `/v1/schemas/subjects/${subject}`, { raw, headers });
  const vendor = 'application/vnd.schemaregistry.v1+json';
  const found = await ask({ authorization: basic(studio), 'content-type': vendor });
  expect([found.status, found.headers.get('content-type')]).toEqual([200, vendor]);
  const json = await ask({ authorization: basic(studio), accept: 'application/json' });
  expect([json.status, json.headers.get('content-type')]).toEqual([200, 'application/json']);
  expect((await ask({ authorization: basic(studio), 'content-type': 'text/plain' })).status).toBe(415);
  expect((await ask({ authorization: basic(studio), accept: 'text/html' })).status).toBe(406);
  const refused = await ask({ authorization: basic('guess') });
  expect(refused.status).toBe(401);
  expect(refused.headers.get('www-authenticate')).toMatch(/Basic/);
  const { token } = await api.player();
  expect((await ask({ authorization: basic(token) })).status).toBe(401);
  // only here: elsewhere a password is no credential
  expect((await api.send('GET', '/v1/me', { headers: { authorization: basic(studio) } })).status).toBe(401);
});

const questTopic = {
  name: 'studio.quest',
  description: `Quests of ${randomUUID()}`,
  partitionCount: 1,
  retentionMs: 86_400_000,
  category: 'gameplay',
  ownerClientId: 'studio',
  classification: 'internal',
  deadLetters: false,
  recordBytesMax: 1_048_576,
} as const;
