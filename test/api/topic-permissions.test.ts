import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { hashSecret } from '../../api/auth/authenticate.ts';
import { assertMayPublish, assertMayRead, beyondOwn } from '../../api/auth/topics.ts';
import { makeFirstOperatorKey } from '../../api/operator-key.ts';
import { confidentialTopics } from '../../events/catalogue/topics.ts';
import { readApiKey } from '../../store/api-keys/reads.ts';
import { createOwnTopic } from '../../store/own-topics/create-own-topic.ts';
import { ensureDeployment } from '../../store/deployment.ts';
import { testDatabase } from '../support/database.ts';
import type { TestApi } from './support.ts';
import { testApi } from './support.ts';

let api: TestApi;
beforeAll(async () => {
  api = await testApi();
});

const create = (token: string, topics?: object, more: object = {}) =>
  api.send('POST', '/v1/api-keys', {
    token,
    key: randomUUID(),
    body: { clientId: 'arcade', scopes: ['events:write'], ...(topics && { topics }), ...more },
  });

describe('what a key may do with topics', () => {
  test('a pattern is a name, the beginning of names, or everything', () => {
    const client = { topics: { publish: ['game.result', 'arcade.*'], read: ['*'] } };
    for (const topic of ['game.result', 'arcade.level', 'arcade.level.boss'])
      expect(() => assertMayPublish(client, topic)).not.toThrow();
    for (const topic of ['game.results', 'game', 'arcade', 'arcades.level'])
      expect(() => assertMayPublish(client, topic)).toThrow(topic);
    expect(() => assertMayRead(client, 'ledger.journal')).not.toThrow();
    expect(() => assertMayRead({ topics: { publish: ['*'], read: [] } }, 'game.match')).toThrow('read');
  });

  test('nobody gives on more than they have', () => {
    expect(beyondOwn(['*'], ['*', 'game.*', 'game.match'])).toEqual([]);
    expect(beyondOwn(['game.*'], ['game.*', 'game.match', 'game.match.*'])).toEqual([]);
    expect(beyondOwn(['game.match'], ['game.*', '*', 'game.match'])).toEqual(['game.*', '*']);
    expect(beyondOwn([], ['game.match'])).toEqual(['game.match']);
  });

  test('a key is made with topics, shows them, and hands on only those', async () => {
    const maker = await api.key(['keys:write', 'events:write'], 'arcade', {
      publish: ['arcade.*'],
      read: [],
    });
    const made = await create(maker, { publish: ['arcade.level'] });
    expect([made.status, made.body['topics']]).toEqual([201, { publish: ['arcade.level'], read: [] }]);
    const row = await readApiKey(api.db, hashSecret(String(made.body['secret'])));
    expect(row).toMatchObject({ publishTopics: ['arcade.level'], readTopics: [] });
    const listed = await api.send('GET', '/v1/api-keys?limit=1', { token: maker });
    expect(listed.body).toMatchObject({ items: [{ topics: { publish: ['arcade.level'], read: [] } }] });
    for (const topics of [{ publish: ['*'] }, { publish: ['game.*'] }, { read: ['arcade.level'] }])
      expect((await create(maker, topics)).status).toBe(403);
    expect((await create(maker)).body['topics']).toEqual({ publish: [], read: [] });
  });

  test('keys of another client are for those who may use every topic', async () => {
    const narrow = { publish: ['*'], read: ['game.*'] };
    const maker = await api.key(['keys:write', 'events:write'], 'narrow', narrow);
    expect((await create(maker)).body['code']).toBe('forbidden');
    expect((await create(maker, undefined, { clientId: 'narrow' })).status).toBe(201);
    const all = await api.key(['keys:write', 'events:write'], 'lead');
    const made = await create(all);
    expect(made.status).toBe(201);

    const path = `/v1/api-keys/${String(made.body['keyId'])}`;
    const revoke = (token: string) => api.send('DELETE', path, { token, key: randomUUID() });
    expect((await revoke(maker)).status).toBe(404);
    const clientsOf = async (token: string) => {
      const { body } = await api.send('GET', '/v1/api-keys', { token });
      return new Set((body['items'] as { clientId: string }[]).map(({ clientId }) => clientId));
    };
    expect(await clientsOf(maker)).toEqual(new Set(['narrow']));
    expect(await clientsOf(all)).toContain('arcade');
    expect([(await revoke(all)).status, (await revoke(all)).status]).toEqual([204, 204]);
    const { rows } = await api.db.query('SELECT action FROM audit_entries WHERE target = $1 ORDER BY id', [
      made.body['keyId'],
    ]);
    expect(rows).toEqual([{ action: 'api-key.created' }, { action: 'api-key.revoked' }]);
  });

  test('nobody gives a higher rate than their own; it is written down', async () => {
    const narrow = await api.key(['keys:write', 'events:write'], 'arcade', { publish: [], read: [] });
    const at = (token: string, publishPerSecond?: number) =>
      create(token, undefined, publishPerSecond === undefined ? {} : { publishPerSecond });
    expect((await at(narrow, 5_001)).body['code']).toBe('forbidden');
    const slow = await at(narrow, 20);
    expect(slow.status).toBe(201);
    const { rows } = await api.db.query('SELECT detail FROM audit_entries WHERE target = $1', [
      slow.body['keyId'],
    ]);
    expect(rows).toMatchObject([{ detail: { publishPerSecond: 20 } }]);
    await api.db.query(
      "UPDATE api_keys SET publish_per_second = 30, scopes = '{keys:write,events:write}' WHERE id = $1",
      [slow.body['keyId']],
    );
    const token = String(slow.body['secret']);
    expect((await at(token, 31)).body['code']).toBe('forbidden');
    const { body } = await at(token);
    const row = await readApiKey(api.db, hashSecret(String(body['secret'])));
    expect(row).toMatchObject({ publishPerSecond: 30 });
    expect((await at(await api.key(['keys:write', 'events:write']), 900_000)).status).toBe(201);
  });

  test('a star gives nobody a confidential topic, ours or another client’s, that is not named beside it', async () => {
    const maker = await api.key(['keys:write', 'events:write']);
    const refused = async (read: string[]) => {
      const { status, body } = await create(maker, { publish: [], read });
      return [status, ((body['errors'] ?? []) as { pointer: string }[])[0]?.pointer];
    };
    for (const read of [['*'], ['economy.*'], ['economy.*', 'economy.grant'], ['audit.*']])
      expect([read, ...(await refused(read))]).toEqual([read, 422, '/topics/read']);
    const secret = {
      name: 'vault.secret',
      description: 'x',
      partitionCount: 1,
      retentionMs: 1,
      category: 'other',
      ownerClientId: 'vault',
      classification: 'confidential' as const,
      deadLetters: false,
      recordBytesMax: 1,
    };
    await api.db.transaction((tx) => createOwnTopic(tx, secret));
    expect(await refused(['vault.*'])).toEqual([422, '/topics/read']);
    for (const read of [
      ['game.*', 'vault.secret', 'vault.*'],
      ['*', ...confidentialTopics, 'vault.secret'],
    ])
      expect((await create(maker, { publish: [], read })).status).toBe(201);
    const owner = { clientId: 'vault' };
    expect((await create(maker, { publish: [], read: ['vault.*'] }, owner)).status).toBe(201);
  });

  test('what is no pattern is refused', async () => {
    const maker = await api.key(['keys:write', 'events:write']);
    for (const pattern of ['', 'Game', '*.match', 'game*', 'a..b', 'game.', 'ga me', '../x'])
      expect([pattern, (await create(maker, { publish: [pattern] })).status]).toEqual([pattern, 422]);
  });

  test("a deployment's first key is for all topics", async () => {
    const { db } = await testDatabase();
    await ensureDeployment(db, 'test');
    const secret = await makeFirstOperatorKey(db, 'test_');
    const row = await readApiKey(db, hashSecret(secret ?? ''));
    expect(row).toMatchObject({ publishTopics: ['*'], readTopics: ['*', ...confidentialTopics] });
  });
});
