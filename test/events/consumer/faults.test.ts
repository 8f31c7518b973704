import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { afterAll, expect, inject, test } from 'vitest';
import { createCodec } from '../../../events/codec/codec.ts';
import { consume } from '../../../events/consumer/consume.ts';
import { payRewards } from '../../../events/handlers/pay-rewards.ts';
import { openRegistry } from '../../../events/codec/registry.ts';
import { openTemporal } from '../../../platform/temporal.ts';
import { startStack } from '../../../stack/launcher.ts';
import { openDb } from '../../../store/db.ts';
import type { Db } from '../../../store/db.ts';
import { migrate } from '../../../store/migrate.ts';
import { workflowIds } from '../../../workflows/messages.ts';
import { createEffects, readEffects, recordingMany } from '../recording.ts';
import { countRows, eventTools, eventually } from '../support.ts';

const folder = await mkdtemp(path.join(tmpdir(), 'lootledger-faults-'));
const stack = await startStack({ dir: folder, env: {}, rung: 'native', services: ['postgres'] });
afterAll(async () => {
  await stack.stop();
  await rm(folder, { recursive: true, force: true });
});
const tools = await eventTools(['game.match'], 3);
const { broker } = tools;
await createEffects(tools.url);

/** Straight to Kafka: what is tested here is the reading side. */
async function send(type: string, events: readonly { matchId: string }[]): Promise<void> {
  const messages = events.map((data) => {
    const headers = {
      ce_id: randomUUID(),
      ce_type: type,
      ce_source: '/lootledger/test',
      'content-type': 'application/json',
    };
    return {
      topic: 'game.match',
      key: Buffer.from(data.matchId),
      value: Buffer.from(JSON.stringify(data)),
      headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)])),
    };
  });
  await broker.send(messages, 10_000);
}
const sendRound = (matches: readonly string[], round: number) =>
  send(
    'game.match.cancelled.v1',
    matches.map((matchId) => ({ matchId, reason: `${round}`, playerIds: [] })),
  );
/** Of these matches: other tests' events are in the topic too. */
const isDone = async (
  db: Db,
  group: string,
  matches: readonly string[],
  roundCount: number,
): Promise<boolean> => {
  const { rows } = await db.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM effects WHERE "group" = $1 AND match = ANY ($2)',
    [group, matches],
  );
  return (rows[0]?.count ?? 0) >= matches.length * roundCount;
};
const newMatches = (count: number) => Array.from({ length: count }, () => randomUUID());
const rounds = (count: number) => Array.from({ length: count }, (_, round) => `${round}`);

test('connections that are killed again and again cost neither an event nor a dead letter', async () => {
  const admin = new pg.Client({ connectionString: tools.url });
  await admin.connect();
  const handler = recordingMany(() => new Promise((resolve) => setTimeout(resolve, 20)));
  const consumer = consume(tools, handler, { batchCountMax: 20 });
  const matches = newMatches(30);
  let killedCount = 0;
  for (let round = 0; round < 20; round += 1) {
    await sendRound(matches, round);
    const { rowCount } = await admin.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND application_name = 'test' AND pid <> pg_backend_pid()`,
    );
    killedCount += rowCount ?? 0;
  }
  await eventually('all', () => isDone(tools.db, handler.group, matches, 20));
  await consumer.stop();
  await admin.end();
  for (const match of matches) expect(await readEffects(tools.db, handler.group, match)).toEqual(rounds(20));
  expect(await countRows(tools.db, 'dead_letters')).toBe(0);
  expect(killedCount).toBeGreaterThan(0);
});

test('PostgreSQL killed and away for 20 s: reading waits and goes on, nothing is a dead letter', async () => {
  const url = stack.databaseUrl;
  await migrate(url);
  await createEffects(url);
  const db = openDb({ url, connectionCountMax: 10 });
  const codec = createCodec(await openRegistry(db));
  const handler = recordingMany();
  const matches = newMatches(30);
  const reached = (roundCount: number) => isDone(db, handler.group, matches, roundCount).catch(() => false);
  const consumer = consume({ ...tools, db, codec }, handler);
  for (let round = 0; round < 5; round += 1) await sendRound(matches, round);
  await eventually('what came before', () => reached(5));
  await stack.services.postgres.stop('SIGKILL');
  for (let round = 5; round < 15; round += 1) await sendRound(matches, round);
  await new Promise((resolve) => setTimeout(resolve, 20_000));
  await stack.services.postgres.start();
  for (let round = 15; round < 20; round += 1) await sendRound(matches, round);
  await eventually('everything', () => reached(20), 90_000);
  await consumer.stop();
  for (const match of matches) expect(await readEffects(db, handler.group, match)).toEqual(rounds(20));
  expect(await countRows(db, 'dead_letters')).toBe(0);
  await db.close();
});

test('while Temporal is away a signal waits, its effect stands, and nothing is a dead letter', async () => {
  const { temporalAddress, temporalUiUrl } = inject('servers');
  const open = (address: string) =>
    openTemporal({ address, namespace: 'default', taskQueuePrefix: tools.prefix, uiUrl: temporalUiUrl });
  // nothing listens on port 1
  const [away, there] = [open('127.0.0.1:1'), open(temporalAddress)];
  const matchId = randomUUID();
  const finished = {
    matchId,
    mode: 'standard',
    clientId: null,
    seed: '00',
    endTick: 10,
    reviewRequired: false,
    players: [],
    plans: [],
  };
  await send('game.match.finished.v1', [finished]);
  const said: string[] = [];
  const log = Object.assign(Object.create(tools.log) as typeof tools.log, {
    warn: (_fields: unknown, text: string) => void said.push(text),
  });
  const first = consume({ ...tools, log }, payRewards({ temporal: away }));
  const claimed = `consumer_group = 'rewards'`;
  await eventually('it is claimed', async () => (await countRows(tools.db, 'inbox', claimed)) === 1);
  await eventually('it waits', () => said.length > 0);
  await first.stop();
  // an attempt of its own would be the first of three
  expect(new Set(said)).toEqual(new Set(['an event waits for something that is not its fault']));
  expect(await countRows(tools.db, 'dead_letters', claimed)).toBe(0);
  const second = consume(tools, payRewards({ temporal: there }));
  const story = there.client.workflow.getHandle(workflowIds.rewardGrant(matchId));
  await eventually('its story', () =>
    story.describe().then(
      () => true,
      () => false,
    ),
  );
  await second.stop();
  await story.terminate('the test is over');
  await Promise.all([away.close(), there.close()]);
});
