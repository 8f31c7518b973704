import { randomUUID } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import { checkReplay } from '../../events/replay/check-replay.ts';
import { allHandlers } from '../../events/handlers/index.ts';
import { replayGroups } from '../../events/replay/groups.ts';
import { loadConfig } from '../../platform/config.ts';
import { finishReplay } from '../../store/replays/finish-replay.ts';
import { pinReplay } from '../../store/replays/pin-replay.ts';
import type { TopicPermissions } from '../../store/api-keys/create-api-key.ts';
import type { Sent, TestApi } from './support.ts';
import { testApi } from './support.ts';

let api: TestApi;
let operator: string;
beforeAll(async () => {
  const config = { ...loadConfig({}), RATE_LIMIT_PERCENT: 0, WEBHOOK_ALLOWED_HOSTS: ['127.0.0.1:9'] };
  api = await testApi({ config });
  operator = await api.key(['replays:write']);
});

const hourMs = 3_600_000;
const ago = (ms: number): string => new Date(Date.now() - ms).toISOString();
const lastHour = { topic: 'game.match', from: ago(hourMs), to: ago(0) };
const start = (body: object, key = randomUUID()) =>
  api.send('POST', '/v1/replays', { token: operator, key, body: { ...lastHour, ...body } });
const decide = (replayId: unknown, decision: string) =>
  api.send('POST', `/v1/replays/${String(replayId)}/${decision}`, { token: operator, key: randomUUID() });
const read = (replayId: unknown) => api.send('GET', `/v1/replays/${String(replayId)}`, { token: operator });
const detailOf = ({ body }: Sent) => (body['errors'] as { pointer: string; detail: string }[])[0];

test('a replay is a story that is started once and can be followed; who asked is written down', async () => {
  const key = randomUUID();
  const started = await start(
    { target: { kind: 'topic' }, filter: { types: ['game.match.*'] }, rate: 500 },
    key,
  );
  expect(started.status).toBe(202);
  const { replayId } = started.body;
  expect(started.body).toMatchObject({
    state: 'pinning',
    topic: 'game.match',
    rate: 500,
    filter: { types: ['game.match.*'] },
    progress: {
      percent: 0,
      totalCount: 0,
      etaSeconds: null,
    },
    requestedBy: 'client:studio',
    workflowUrl: expect.stringContaining(`replay-${String(replayId)}`),
  });
  const again = await start(
    { target: { kind: 'topic' }, filter: { types: ['game.match.*'] }, rate: 500 },
    key,
  );
  expect([again.status, again.body['replayId']]).toEqual([202, replayId]);
  const listed = await api.send('GET', '/v1/replays?limit=1', { token: operator });
  expect(listed.body['items']).toEqual([expect.objectContaining({ replayId })]);
  const { rows } = await api.db.query('SELECT actor, action FROM audit_entries WHERE target = $1', [
    replayId,
  ]);
  expect(rows).toEqual([{ actor: 'client:studio', action: 'replay.requested' }]);
});

test('it is paused, resumed and cancelled while it is not over, and says how far it is', async () => {
  const { replayId } = (await start({ target: { kind: 'topic' } })).body;
  expect((await decide(replayId, 'pause')).body['code']).toBe('replay_closed');
  const partitions = [{ partition: 0, startOffset: 10n, endOffset: 210n }];
  await api.db.transaction((tx) => pinReplay(tx, String(replayId), { partitions, warnings: ['w'] }));
  await api.db.query('UPDATE replay_positions SET next_offset = 60 WHERE replay_id = $1', [replayId]);
  expect((await decide(replayId, 'pause')).body).toMatchObject({
    state: 'paused',
    warnings: ['w'],
    progress: {
      percent: 25,
      totalCount: 200,
      doneCount: 50,
    },
  });
  expect((await decide(replayId, 'pause')).status).toBe(202);
  expect((await decide(replayId, 'resume')).body['state']).toBe('running');
  expect((await read(replayId)).body['progress']).toMatchObject({ etaSeconds: expect.any(Number) });
  const ended = await decide(replayId, 'cancel');
  expect([ended.status, ended.body['state']]).toEqual([200, 'cancelled']);
  expect((await decide(replayId, 'resume')).body['code']).toBe('replay_closed');
  expect((await decide(randomUUID(), 'cancel')).status).toBe(404);
  await expect(
    finishReplay(api.db, String(replayId), { state: 'failed', reason: 'late' }),
  ).resolves.toMatchObject({ state: 'cancelled', reason: null });
});

test.each([
  ['an inverted window', { from: ago(0), to: ago(hourMs) }, '/to', 'ends before it begins'],
  ['an empty window', { from: lastHour.from, to: lastHour.from }, '/to', 'ends before it begins'],
  ['a window to come', { from: ago(-hourMs), to: ago(-2 * hourMs) }, '/from', 'yet to come'],
  ['a window that is gone', { from: ago(9_000 * hourMs), to: ago(8_000 * hourMs) }, '/to', 'is gone'],
  [
    'offsets that end before they begin',
    { from: { offsets: { '0': '9' } }, to: { offsets: { '0': '9' } } },
    ...(['/to', 'partition 0 ends before it begins'] as const),
  ],
  ['an unknown topic', { topic: 'game.nothing' }, '/topic', 'there is no topic'],
  ['the live topic', { target: { kind: 'topic', topic: 'game.match' } }, '/target', 'is a live topic'],
  ['another live topic', { target: { kind: 'topic', topic: 'game.player' } }, '/target', 'is a live topic'],
  ['its dead letters', { target: { kind: 'topic', topic: 'game.match.dlq' } }, '/target', 'is a live topic'],
  ["nobody's topic", { target: { kind: 'topic', topic: 'my.events' } }, '/target', 'nor a topic of your own'],
  [
    'an unknown group',
    { target: { kind: 'handler', group: 'nobody', mode: 'shadow' } },
    '/target',
    'no group',
  ],
  [
    'a handler that is not safe',
    { target: { kind: 'handler', group: 'leaderboard', mode: 'real' } },
    ...(['/target', 'scores would be added a second time'] as const),
  ],
  [
    'an unknown projection',
    { target: { kind: 'projection', projection: 'nothing', into: 'x' } },
    ...(['/target', 'no projection'] as const),
  ],
  [
    'an unknown subscription',
    { target: { kind: 'subscription', subscriptionId: randomUUID() } },
    ...(['/target', 'there is no subscription'] as const),
  ],
])('%s is refused with the place and the reason', async (_, body, pointer, detail) => {
  const reply = await start({ target: { kind: 'topic' }, ...body });
  expect([reply.status, reply.body['code']]).toEqual([422, 'validation_failed']);
  expect(detailOf(reply)).toEqual({ pointer, detail: expect.stringContaining(detail) });
});

test.each([
  ['no filter', { filter: 'types=game.*' }],
  ['no pattern', { filter: { types: ['GAME *'] } }],
  ['an unknown field', { filter: { since: 'then' } }],
  ['no target', { target: { kind: 'everybody' } }],
  ['no rate', { rate: 0 }],
  ['no time', { from: 'yesterday' }],
])('%s is refused by the schema', async (_, body) => {
  const reply = await start({ target: { kind: 'topic' }, ...body });
  expect([reply.status, reply.body['code']]).toEqual([422, 'validation_failed']);
});

test('a filter that is not JSON is no request', async () => {
  const raw = `{"topic":"game.match","from":"${lastHour.from}","to":"${lastHour.to}","target":{"kind":"topic"},"filter":{types}}`;
  const reply = await api.send('POST', '/v1/replays', { token: operator, key: randomUUID(), raw });
  expect([reply.status, reply.body['code']]).toEqual([400, 'malformed_json']);
});

test('who may not read a topic may not have it read for them', async () => {
  await api.db.query("UPDATE api_keys SET read_topics = '{market.*}' WHERE client_id = 'narrow'");
  const token = await api.key(['replays:write'], 'narrow');
  await api.db.query("UPDATE api_keys SET read_topics = '{market.*}' WHERE client_id = 'narrow'");
  const body = { ...lastHour, target: { kind: 'topic' } };
  const reply = await api.send('POST', '/v1/replays', { token, key: randomUUID(), body });
  expect([reply.status, reply.body['code']]).toEqual([403, 'forbidden']);
});

test('who may not read a topic sees no replay of it, and decides nothing about one', async () => {
  const { replayId } = (await start({ target: { kind: 'topic' } })).body;
  const token = await api.key(['replays:write'], 'elsewhere', { publish: ['*'], read: ['market.*'] });
  const path = `/v1/replays/${String(replayId)}`;
  expect((await api.send('GET', path, { token })).status).toBe(404);
  for (const decision of ['pause', 'resume', 'cancel']) {
    const reply = await api.send('POST', `${path}/${decision}`, { token, key: randomUUID() });
    expect([decision, reply.body['code']]).toEqual([decision, 'not_found']);
  }
  expect((await api.send('GET', '/v1/replays', { token })).body['items']).toEqual([]);
  expect((await read(replayId)).body['state']).toBe('pinning');
});

test("nobody replays into another client's subscription but who may read every topic", async () => {
  const made = async (topics: TopicPermissions) => {
    const token = await api.key(['replays:write', 'subscriptions:write'], `of-${randomUUID()}`, topics);
    const { body } = await api.send('POST', '/v1/subscriptions', {
      token,
      key: randomUUID(),
      body: { topicPattern: 'game.match', method: 'webhook', url: 'http://127.0.0.1:9/hook' },
    });
    return { token, subscriptionId: String(body['subscriptionId']) };
  };
  const narrow = { publish: [], read: ['game.*'] };
  const [mine, theirs] = [await made(narrow), await made(narrow)];
  const into = ({ subscriptionId }: typeof mine, token: string) =>
    api.send('POST', '/v1/replays', {
      token,
      key: randomUUID(),
      body: { ...lastHour, target: { kind: 'subscription', subscriptionId } },
    });
  const refused = await into(theirs, mine.token);
  expect([refused.status, detailOf(refused)?.detail]).toEqual([
    422,
    `there is no subscription ${theirs.subscriptionId}`,
  ]);
  expect((await into(mine, mine.token)).status).toBe(202);
  expect((await into(theirs, operator)).status).toBe(202);
});

test('what the door knows of each group is what its handler says', async () => {
  const handlers = allHandlers({ ...api.deps });
  const said = Object.entries(replayGroups).map(([group, { safe }]) => [group, safe]);
  expect(new Map(handlers.map(({ group, replaySafe }) => [group, replaySafe === true]))).toEqual(
    new Map(said as [string, boolean][]),
  );
  const flows = { kind: 'handler', group: 'flows', mode: 'real' } as const;
  const window = { from: { time: ago(hourMs) }, to: { time: ago(0) } };
  await expect(
    checkReplay(
      api.db,
      { topic: 'ledger.journal', window, filter: {}, target: flows, rate: null },
      Date.now(),
    ),
  ).resolves.toBeUndefined();
});
