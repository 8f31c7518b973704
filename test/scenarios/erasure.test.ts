import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { createServerClient } from '../../client/server-client.ts';
import type { ServerClient } from '../../client/server-client.ts';
import { createBroker } from '../../events/kafkajs/broker.ts';
import { createLog } from '../../platform/log.ts';
import { openTemporal } from '../../platform/temporal.ts';
import { readTopic } from '../events/support.ts';
import { eventually, startLootledger } from '../support/lootledger.ts';
import type { Lootledger } from '../support/lootledger.ts';

const servers = inject('servers');
/** Nobody writes these by chance: what a player called themself, and what their studio knows them as. */
const canary = randomBytes(8).toString('hex');
const username = `can_${canary}`;
const subject = `mail.${canary}@example.org`;

let loot: Lootledger;
let studio: ServerClient;
beforeAll(async () => {
  loot = await startLootledger(servers);
  const { body: key } = await loot.operator.createApiKey({
    clientId: 'canary-game',
    scopes: ['grants:write', 'results:write', 'spends:write'],
  });
  studio = createServerClient({ baseUrl: loot.apiUrl, apiKey: key.secret });
  operatorCall = callAs(loot.operatorKey);
  studioCall = callAs(key.secret);
});
afterAll(() => loot?.stop());

type Answer = { status: number; body: Record<string, unknown> };
type Call = (method: string, path: string, body?: unknown) => Promise<Answer>;
let operatorCall: Call;
let studioCall: Call;

const callAs =
  (credential: string | undefined): Call =>
  async (method, path, body) => {
    const response = await fetch(`${loot.apiUrl}${path}`, {
      method,
      headers: {
        ...(credential && { authorization: `Bearer ${credential}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        'idempotency-key': randomUUID(),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: (text ? JSON.parse(text) : {}) as Answer['body'] };
  };

test(
  'after an erasure no table, no topic and no history knows who the player was',
  { timeout: 240_000 },
  async () => {
    const { named, outside } = await liveALittle();
    // the search finds what is there: without this the test could not fail
    expect(await tablesWith(canary)).toEqual(
      expect.arrayContaining(['identities', 'import_lines', 'player_profiles']),
    );

    for (const playerId of [named, outside])
      expect((await operatorCall('POST', `/v1/players/${playerId}/erase`, {})).status).toBe(200);
    await outboxIsEmpty();

    expect(await tablesWith(canary)).toEqual([]);
    expect(await topicsWith(canary)).toEqual([]);
    expect(await historiesWith(canary)).toEqual([]);
    // which know the bare id, or the searches would find nothing whatever there was
    expect(await topicsWith(named)).toContain('market.trade');
    expect(await historiesWith(outside)).not.toEqual([]);
    // and the same identity is somebody new
    const again = await studioCall('POST', '/v1/grants', grantTo({ issuer: 'canary-game', subject }));
    expect(again.body['playerId']).not.toBe(outside);
  },
);

const grantTo = (player: object) => ({
  reference: randomUUID(),
  player,
  lines: [{ asset: 'gold', amount: '5000' }],
});

/** One who registered and one whom a studio brought: paid, rewarded, told, selling and buying. */
async function liveALittle(): Promise<{ named: string; outside: string }> {
  const anyone = callAs(undefined);
  const password = `secret ${canary}`;
  const { body: session } = await anyone('POST', '/v1/auth/register', { username, password });
  const named = String(session['playerId']);
  const player = callAs(String(session['accessToken']));
  const identity = { issuer: 'canary-game', subject };
  const { body: granted } = await studioCall('POST', '/v1/grants', grantTo(identity));
  const outside = String(granted['playerId']);
  const lines = [{ reference: randomUUID(), player: identity, lines: [{ asset: 'gold', amount: '1' }] }];
  expect((await studioCall('POST', '/v1/grants/batch', { grants: lines })).status).toBe(200);
  const spent = await studioCall('POST', '/v1/spends', {
    reference: randomUUID(),
    player: identity,
    lines: [{ asset: 'gold', amount: '1' }],
  });
  expect(spent.status).toBe(201);
  await importWallet(identity);
  await uploadBrokenOff(identity);
  await studioCall('POST', '/v1/grants', grantTo({ id: named }));
  for (const winner of [identity, { id: named }])
    await studio.reportMatch({
      reference: randomUUID(),
      externalMatchId: randomUUID(),
      mode: 'duel',
      players: [{ player: winner, outcome: 'winner', amounts: { resources: '40' } }],
    });
  const itemOf = async (owner: string) =>
    (
      await loot.db.query<{ id: string }>('SELECT id FROM items WHERE owner = $1 AND lock IS NULL LIMIT 1', [
        `player:${owner}`,
      ])
    ).rows[0]?.id;
  const itemId = await eventually('a sword', () => itemOf(named));
  const listing = await player('POST', '/v1/market/listings', { itemId, price: '50' });
  expect(listing.status).toBe(201);
  const buyer = await loot.newPlayer();
  await studioCall('POST', '/v1/grants', grantTo({ id: buyer.playerId }));
  const { body: trade } = await buyer.buy({
    listingId: String(listing.body['listingId']),
    expectedPrice: '50',
  });
  expect(trade.state).toBe('completed');
  await eventually('both are told', async () => {
    const { rows } = await loot.db.query<{ count: number }>(
      'SELECT count(DISTINCT player_id)::int AS count FROM notifications WHERE player_id = ANY ($1::uuid[])',
      [[named, outside]],
    );
    return rows[0]?.count === 2 ? true : undefined;
  });
  await outboxIsEmpty();
  return { named, outside };
}

async function importWallet(player: object): Promise<void> {
  const response = await fetch(`${loot.apiUrl}/v1/imports`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${loot.operatorKey}`,
      'content-type': 'application/x-ndjson',
      'idempotency-key': randomUUID(),
    },
    body: [{ player, assets: { gold: '3' } }, { totals: { gold: '3' } }]
      .map((line) => JSON.stringify(line))
      .join('\n'),
  });
  expect(response.status).toBeLessThan(300);
  await eventually('the import is over', async () =>
    (await loot.db.query("SELECT FROM imports WHERE status = 'completed'")).rowCount === 1 ? true : undefined,
  );
}

/** What an import leaves whose upload was cut, or one that waits for a valve: lines that still say whom they are for. */
async function uploadBrokenOff(player: object): Promise<void> {
  await loot.db.query(
    `WITH cut AS (
       INSERT INTO imports (id, batch, client_id, actor, staging_token)
       VALUES ($1::uuid, $1::uuid::text, 'canary-game', 'client:canary-game', $1::uuid) RETURNING id)
     INSERT INTO import_lines (import_id, line, player, content) SELECT id, 1, $2::jsonb, '{}' FROM cut`,
    [randomUUID(), JSON.stringify(player)],
  );
}

const outboxIsEmpty = () =>
  eventually('the outbox is empty', async () =>
    (await loot.db.query('SELECT FROM outbox LIMIT 1')).rowCount === 0 ? true : undefined,
  );

/** Every column that can hold text, of every table there is, bytes in both of their spellings. */
async function tablesWith(text: string): Promise<string[]> {
  const { rows: columns } = await loot.db.query<{ table: string; column: string; type: string }>(
    `SELECT c.table_name AS "table", c.column_name AS "column", c.data_type AS type FROM information_schema.columns c
     JOIN information_schema.tables t USING (table_schema, table_name)
     WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE'
       AND c.data_type IN ('text', 'character varying', 'json', 'jsonb', 'bytea', 'ARRAY')`,
  );
  expect(columns.length).toBeGreaterThan(100);
  const found = new Set<string>();
  for (const { table, column, type } of columns) {
    const needle = type === 'bytea' ? "position(convert_to($1, 'UTF8') IN" : 'position($1 IN';
    const value = type === 'bytea' ? `"${column}")` : `lower("${column}"::text))`;
    const { rowCount } = await loot.db.query(`SELECT FROM "${table}" WHERE ${needle} ${value} > 0 LIMIT 1`, [
      text,
    ]);
    if (rowCount !== 0) found.add(table);
  }
  return [...found].toSorted();
}

/** Keys, values and headers of every record of every topic, as they lie there: nothing is compressed. */
async function topicsWith(text: string): Promise<string[]> {
  const { topicPrefix: prefix } = loot;
  const broker = createBroker({
    brokers: servers.kafkaBrokers,
    clientId: 'test',
    prefix,
    log: createLog('test', 'silent'),
  });
  const found: string[] = [];
  try {
    for (const topic of await broker.admin.listTopics()) {
      const records = await readTopic(broker, topic);
      const parts = records.flatMap(({ key, value, headers }) => [
        key,
        value,
        ...Object.entries(headers).flatMap(([name, header]) => [Buffer.from(name), ...[header].flat()]),
      ]);
      if (parts.some((part) => part !== null && part.includes(text))) found.push(topic);
    }
  } finally {
    await broker.close();
  }
  return found;
}

/** Inputs, results, memos, signals and failures of every story of this deployment, payloads decoded. */
async function historiesWith(text: string): Promise<string[]> {
  const temporal = openTemporal({
    address: servers.temporalAddress,
    namespace: 'default',
    taskQueuePrefix: loot.taskQueuePrefix,
    uiUrl: servers.temporalUiUrl,
  });
  const queues = ['economy', 'match', 'match-host', 'events'].map((name) => `"${temporal.taskQueue(name)}"`);
  const histories: string[] = [];
  try {
    for await (const run of temporal.client.workflow.list({ query: `TaskQueue IN (${queues.join(',')})` })) {
      const handle = temporal.client.workflow.getHandle(run.workflowId, run.runId);
      const json = historyToJSON(await handle.fetchHistory());
      const payloads = [...json.matchAll(/"data":\s*"([A-Za-z0-9+/=]+)"/g)].map((match) =>
        Buffer.from(match[1] ?? '', 'base64').toString('latin1'),
      );
      if ([json, ...payloads, JSON.stringify(run.memo)].some((part) => part?.includes(text)))
        histories.push(run.workflowId);
    }
  } finally {
    await temporal.close();
  }
  return histories;
}
