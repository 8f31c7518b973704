import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { createApp } from '../../api/app.ts';
import type { ApiEvents } from '../../api/deps.ts';
import { createBroker } from '../../events/kafkajs/broker.ts';
import { ownTopicCountMax } from '../../store/own-topics/create-own-topic.ts';
import { createLog } from '../../platform/log.ts';
import type { Sent, SendOptions, TestApi } from './support.ts';
import { sendTo, testApi } from './support.ts';

const prefix = `t${randomUUID().slice(0, 8)}.`;
const broker = createBroker({
  brokers: inject('servers').kafkaBrokers,
  clientId: 'test',
  prefix,
  log: createLog('test', 'silent'),
});
let api: TestApi;
let studio: string;
let stranger: string;
beforeAll(async () => {
  // topics need no codec
  const events = { broker, origin: { source: '/lootledger/test', ledgerEpoch: 1 } } as ApiEvents;
  api = await testApi({ events });
  studio = await api.key(['events:read', 'topics:write'], 'studio');
  stranger = await api.key(['events:read', 'topics:write'], 'stranger');
});
afterAll(async () => {
  await broker.admin.deleteTopics(await broker.admin.listTopics()).catch(() => {});
  await broker.close();
});

const quest = (change: object = {}) => ({
  name: 'studio.quest',
  description: 'Quests begun and ended',
  partitionCount: 2,
  retentionHours: 24,
  category: 'gameplay',
  deadLetters: true,
  ...change,
});
const create = (body: object, token = studio, key: string = randomUUID()): Promise<Sent> =>
  api.send('POST', '/v1/topics', { token, key, body });
const change = (method: string, path: string, options: SendOptions = {}): Promise<Sent> =>
  api.send(method, `/v1/topics/${path}`, { token: studio, key: randomUUID(), ...options });
const refusal = async (sent: Promise<Sent>) => {
  const { status, body } = await sent;
  const [first] = (body['errors'] ?? []) as { pointer: string }[];
  return [status, body['code'], ...(first ? [first.pointer] : [])];
};
const audited = async (action: string): Promise<number> =>
  (await api.db.query('SELECT FROM audit_entries WHERE action = $1', [action])).rowCount ?? 0;

describe('a topic of one’s own', () => {
  test('is made once, with its dead letters, and told to the audit trail', async () => {
    const key = randomUUID();
    const first = await create(quest(), studio, key);
    expect([first.status, first.body]).toMatchObject([
      201,
      { name: 'studio.quest', owner: 'studio', origin: 'client', partitionCount: 2, retentionHours: 24 },
    ]);
    expect((await create(quest(), studio, key)).headers.get('idempotency-replayed')).toBe('true');
    expect((await create(quest())).status).toBe(201);
    expect((await broker.admin.listTopics()).toSorted()).toEqual(['studio.quest', 'studio.quest.dlq']);
    expect(await broker.admin.describeTopic('studio.quest.dlq')).toMatchObject({ partitionCount: 2 });
    expect(await audited('topic.created')).toBe(1);
    expect(await refusal(create(quest({ partitionCount: 3 })))).toEqual([409, 'topic_exists']);
    expect(await refusal(create(quest(), stranger))).toEqual([409, 'topic_exists']);
  });

  test('shows what Kafka has and how far behind its readers are', async () => {
    const messages = [0, 1, 2].map((n) => ({
      topic: 'studio.quest',
      key: Buffer.from('same'),
      value: Buffer.from(`${n}`),
      headers: {},
    }));
    const [{ partition } = { partition: 0 }] = await broker.send(messages, 10_000);
    await broker.admin.setGroupOffsets('reader', [{ topic: 'studio.quest', partition, offset: 1n }]);
    const { status, body } = await change('GET', 'studio.quest');
    expect([status, body]).toMatchObject([
      200,
      {
        kafka: {
          partitionCount: 2,
          settings: { 'retention.ms': '86400000', 'message.timestamp.type': 'LogAppendTime' },
          groups: [{ group: 'reader', memberCount: 0, lag: '2' }],
        },
      },
    ]);
    expect((body['kafka'] as { partitions: unknown[] }).partitions).toContainEqual({
      partition,
      startOffset: '0',
      endOffset: '3',
    });
  });

  test('keeps longer when told so, and keeps its other settings', async () => {
    const before = (await broker.admin.describeTopic('studio.quest'))?.settings;
    const altered = await change('PUT', 'studio.quest', { body: { retentionHours: 48, partitionCount: 2 } });
    expect(altered.body).toMatchObject({ retentionHours: 48, description: 'Quests begun and ended' });
    expect((await broker.admin.describeTopic('studio.quest'))?.settings).toEqual({
      ...before,
      'retention.ms': '172800000',
    });
    expect(await audited('topic.altered')).toBe(1);
    const more = change('PUT', 'studio.quest', { body: { partitionCount: 4 } });
    expect(await refusal(more)).toEqual([422, 'validation_failed', '/partitionCount']);
    expect((await more).body['detail']).toMatch(/overtake/);
  });

  test('is deleted by its owner alone, who says its name twice', async () => {
    const mine = 'studio.quest';
    expect(await refusal(change('DELETE', `${mine}?confirm=${mine}`, { token: stranger }))).toEqual([
      403,
      'forbidden',
    ]);
    expect(await refusal(change('PUT', mine, { token: stranger, body: {} }))).toEqual([403, 'forbidden']);
    expect(await refusal(change('DELETE', mine))).toEqual([422, 'validation_failed', '/query/confirm']);
    expect(await refusal(change('DELETE', `${mine}?confirm=other`))).toEqual([
      422,
      'validation_failed',
      '/query/confirm',
    ]);
    expect((await change('DELETE', `${mine}?confirm=${mine}`)).status).toBe(204);
    await expect.poll(() => broker.admin.listTopics()).toEqual([]);
    expect(await refusal(change('GET', mine))).toEqual([404, 'not_found']);
    expect(await audited('topic.deleted')).toBe(1);
  });
});

describe('a deletion', () => {
  const name = 'studio.life';
  const remove = (key: string = randomUUID(), on = api.app): Promise<Sent> =>
    sendTo(on, 'DELETE', `/v1/topics/${name}?confirm=${name}`, { token: studio, key });
  const make = () => create(quest({ name }));
  const send = (value: string) =>
    broker.send([{ topic: name, key: Buffer.from('k'), value: Buffer.from(value), headers: {} }], 10_000);
  const letter = (status: string) =>
    api.db.query(
      `INSERT INTO dead_letters (consumer_group, topic, "partition", "offset", "timestamp", headers, attempts, error_class,
         error_message, first_failed_at, last_failed_at, status)
       VALUES ('theirs', $1, 0, 0, now(), '{}', 1, 'x', 'x', now(), now(), $2)`,
      [name, status],
    );

  test('is refused while anything would go on without the topic, and says what', async () => {
    expect((await make()).status).toBe(201);
    const id = randomUUID();
    const uses: [RegExp, string, string][] = [
      [/1 keys are parked/, `INSERT INTO parked_keys VALUES ('theirs', '${name}', 'k')`, 'parked_keys'],
      [
        /1 events are still to be sent/,
        `INSERT INTO outbox (shard, topic, type) VALUES (0, '${name}.dlq', 'x')`,
        'outbox',
      ],
      [
        /replay [0-9a-f-]{36} is not over/,
        `INSERT INTO replays (id, topic, "window", filter, target, requested_by, state)
         VALUES ('${id}', 'game.match', '{}', '{}', '{"kind": "topic", "topic": "${name}"}', 'x', 'paused')`,
        'replays',
      ],
      [
        /subscription [0-9a-f-]{36} copies to it/,
        `INSERT INTO subscriptions (id, client_id, description, topic_pattern, types, filter, method, target_topic,
           retry_count_max, retry_delay_ms, batch_events_max, batch_wait_ms_max, ack_required, starts_at)
         VALUES ('${id}', 'studio', 'x', 'game.match', '{}', '{}', 'kafka', '${name}', 1, 1000, 1, 0, true, now())`,
        'subscriptions',
      ],
    ];
    await letter('waiting');
    for (const [, insert] of uses) await api.db.query(insert);
    const { status, body } = await remove();
    expect([status, body['code']]).toEqual([409, 'topic_in_use']);
    expect(body['detail']).toMatch(/1 dead letters wait/);
    for (const [said] of uses) expect(body['detail']).toMatch(said);
    await api.db.query(`UPDATE dead_letters SET status = 'discarded' WHERE topic = $1`, [name]);
    for (const [said, , table] of uses) {
      expect((await remove()).body['detail']).toMatch(said);
      await api.db.query(`DELETE FROM ${table}`);
    }
    expect((await change('GET', name)).status).toBe(200);
  });

  test('is refused while somebody reads it', async () => {
    const [sent] = await send('1');
    const place = { topic: name, partition: sent!.partition };
    const read = Promise.withResolvers<void>();
    const member = await broker.join({
      group: 'living',
      topics: [name],
      from: 'earliest',
      onAssigned: () => {},
      onRebalancing: () => {},
      onRecords: () => read.resolve(),
      onEnded: read.reject,
    });
    await read.promise;
    await member.commit([{ ...place, nextOffset: 1n }]);
    expect((await remove()).body).toMatchObject({
      code: 'topic_in_use',
      detail: expect.stringContaining('consumer group living') as string,
    });
    await member.stop();
  });

  test('leaves nothing that the next topic of that name could be taken for', async () => {
    await api.db.query(
      `INSERT INTO event_log (id, topic, type, "partition", "offset", created_at)
       VALUES ('01890000-0000-7000-8000-000000000001', $1, 'studio.life.begun.v1', 0, 0, now())`,
      [name],
    );
    await api.db.query(`INSERT INTO event_attempts VALUES ('theirs', $1, 0, 0, 1, 'x')`, [name]);
    const settings = {};
    await broker.admin.createTopics([
      { topic: `${name}.replay`, partitionCount: 1, replicationCount: 1, settings },
    ]);
    const event = '/v1/events/01890000-0000-7000-8000-000000000001?source=/lootledger/test';
    expect((await api.send('GET', event, { token: studio })).status).toBe(200);
    expect((await remove()).status).toBe(204);
    expect((await broker.admin.listTopics()).filter((topic) => topic.startsWith(name))).toEqual([]);
    expect((await make()).status).toBe(201);
    expect((await api.send('GET', event, { token: studio })).status).toBe(404);
    for (const table of ['dead_letters', 'event_attempts'])
      expect((await api.db.query(`SELECT FROM ${table} WHERE topic = $1`, [name])).rowCount).toBe(0);
    // Kafka has forgotten the places of groups
    const groups = async () => ((await change('GET', name)).body['kafka'] as { groups: unknown[] }).groups;
    await expect.poll(groups, { timeout: 30_000 }).toEqual([]);
  });

  test('repeated under its key is done, even beside a new topic; under another there is nothing', async () => {
    const key = randomUUID();
    expect((await remove(key)).status).toBe(204);
    const forgotten = () => api.db.query('DELETE FROM idempotency_keys');
    await forgotten();
    expect((await remove(key)).status).toBe(204);
    expect(await refusal(remove())).toEqual([404, 'not_found']);
    expect((await make()).status).toBe(201);
    await forgotten();
    expect((await remove(key)).status).toBe(204);
    expect((await change('GET', name)).status).toBe(200);
  });

  test('broken off half-way hides the topic, keeps its name, and is finished by repeating it', async () => {
    const admin = {
      ...broker.admin,
      async deleteTopics(topics: readonly string[]) {
        await broker.admin.deleteTopics(topics);
        throw new Error('crashed');
      },
    };
    const events = { ...api.deps.events!, broker: { ...broker, admin } };
    const dying = createApp({ ...api.deps, events });
    expect(await refusal(remove(randomUUID(), dying))).toEqual([503, 'dependency_unavailable']);
    expect(await refusal(change('GET', name))).toEqual([404, 'not_found']);
    expect(await refusal(make())).toEqual([409, 'topic_exists']);
    expect((await remove()).status).toBe(204);
    expect((await make()).status).toBe(201);
    expect((await remove()).status).toBe(204);
  });
});

describe('what is refused', () => {
  test.each([
    ['ours', 'game.match'],
    ['looks like ours', 'ledger.secrets'],
    ['a planned domain', 'payments.purchase'],
    ['dead letters', 'studio.dlq'],
    ['one word', 'quest'],
    ['three words', 'studio.quest.begun'],
    ['capitals', 'Studio.Quest'],
    ['underscore, which Kafka mixes up with dots', 'studio.quest_log'],
    ['a slash', 'studio/quest'],
    ['dots alone', '..'],
    ['empty', ''],
    ['Kafka’s own', '__consumer.offsets'],
    ['too long', `studio.${'q'.repeat(100)}`],
    ['not text', 7],
  ])('the name is %s', async (_, name) => {
    expect(await refusal(create(quest({ name })))).toEqual([422, 'validation_failed', '/name']);
  });

  test.each([
    ['/partitionCount', { partitionCount: 51 }],
    ['/partitionCount', { partitionCount: 0 }],
    ['/partitionCount', { partitionCount: 1.5 }],
    ['/retentionHours', { retentionHours: 0 }],
    ['/retentionHours', { retentionHours: 100_000 }],
    ['/category', { category: 'x' }],
    ['/classification', { classification: 'public' }],
    ['/description', { description: '' }],
  ])('%s is out of range: %o', async (pointer, bad) => {
    expect(await refusal(create(quest(bad)))).toEqual([422, 'validation_failed', pointer]);
  });

  test('a name the key may not publish to, ours altered or deleted, no such topic', async () => {
    const narrow = await api.key(['topics:write'], 'studio', { publish: ['studio.other'], read: [] });
    expect(await refusal(create(quest(), narrow))).toEqual([403, 'forbidden']);
    expect(await refusal(change('PUT', 'game.match', { body: { retentionHours: 1 } }))).toEqual([
      403,
      'forbidden',
    ]);
    expect(await refusal(change('DELETE', 'game.match?confirm=game.match'))).toEqual([403, 'forbidden']);
    expect(await refusal(change('DELETE', 'no.such?confirm=no.such'))).toEqual([404, 'not_found']);
    expect(await refusal(change('GET', 'studio.other'))).toEqual([404, 'not_found']);
  });

  test('more topics than a client may have', async () => {
    await api.db.query(
      `INSERT INTO own_topics (name, description, partition_count, retention_ms, category, owner_client_id,
         classification, dead_letters, record_bytes_max)
       SELECT 'hoarder.t' || n, 'x', 1, 1, 'other', 'hoarder', 'internal', false, 1 FROM generate_series(1, $1) n`,
      [ownTopicCountMax],
    );
    const hoarder = await api.key(['topics:write'], 'hoarder');
    expect(await refusal(create(quest({ name: 'hoarder.more' }), hoarder))).toEqual([409, 'limit_exceeded']);
  });
});

test('the list has ours and others’, in pages and by owner', async () => {
  const names: string[] = [];
  let cursor = '';
  do {
    const { body } = await api.send('GET', `/v1/topics?limit=40${cursor}`, { token: studio });
    names.push(...(body['items'] as { name: string }[]).map(({ name }) => name));
    cursor = body['nextCursor'] === null ? '' : `&cursor=${String(body['nextCursor'])}`;
  } while (cursor !== '');
  expect(names).toEqual([...new Set(names)].toSorted());
  expect(names).toEqual(expect.arrayContaining(['game.match', 'game.match.dlq', 'hoarder.t1']));
  const { body } = await api.send('GET', '/v1/topics?owner=ledger', { token: studio });
  expect((body['items'] as { owner: string }[]).every(({ owner }) => owner === 'ledger')).toBe(true);
});

test('the AsyncAPI document is served as it is committed', async () => {
  const committed = new URL('../../docs/reference/asyncapi.json', import.meta.url);
  const { status, body } = await api.send('GET', '/asyncapi.json');
  expect([status, body]).toEqual([200, JSON.parse(await readFile(committed, 'utf8'))]);
});

test('without Kafka a change is refused and nothing is written', async () => {
  const { events: _, ...deps } = api.deps;
  const reply = await sendTo(createApp(deps), 'POST', '/v1/topics', {
    token: studio,
    key: randomUUID(),
    body: quest({ name: 'studio.later' }),
  });
  expect([reply.status, reply.body['code']]).toEqual([503, 'dependency_unavailable']);
  const { rowCount } = await api.db.query("SELECT FROM own_topics WHERE name = 'studio.later'");
  expect(rowCount).toBe(0);
});

test('a topic that others made in Kafka is nobody’s here, to give or to delete', async () => {
  const settings = {};
  await broker.admin.createTopics([
    { topic: 'legacy.orders', partitionCount: 1, replicationCount: 1, settings },
    { topic: 'legacy.bills.dlq', partitionCount: 1, replicationCount: 1, settings },
  ]);
  for (const name of ['legacy.orders', 'legacy.bills'])
    expect(await refusal(create(quest({ name })))).toEqual([409, 'topic_exists']);
  const remove = change('DELETE', 'legacy.orders?confirm=legacy.orders');
  expect(await refusal(remove)).toEqual([404, 'not_found']);
  expect(await broker.admin.listTopics()).toContain('legacy.orders');
});
