import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, expect, inject, test } from 'vitest';
import type { EventData } from '../../../domain/events.ts';
import { parseEconomy } from '../../../domain/economy/validate-economy.ts';
import { consume } from '../../../events/consumer/consume.ts';
import type { DeliveredEvent } from '../../../events/consumer/handler.ts';
import { allHandlers } from '../../../events/handlers/index.ts';
import { recordResults } from '../../../events/handlers/record-results.ts';
import { allTopics } from '../../../events/catalogue/topics.ts';
import { openTemporal } from '../../../platform/temporal.ts';
import { createApiKey } from '../../../store/api-keys/create-api-key.ts';
import { listDeadLetters } from '../../../store/dead-letters/reads.ts';
import { applyEconomy } from '../../../store/economy/apply-economy.ts';
import { readTop } from '../../../store/leaderboard/reads.ts';
import { readNotifications } from '../../../store/notifications/reads.ts';
import { workflowIds } from '../../../workflows/messages.ts';
import { countRows, eventTools, eventually, readTopic, relayFor, tell } from '../support.ts';

// the whole catalogue: a group whose handler names a topic that is missing reads nothing at all
const tools = await eventTools(allTopics.map(({ name }) => name).filter((name) => !name.endsWith('.dlq')));
const { db, broker, prefix, metrics, log } = tools;
const { temporalAddress, temporalUiUrl } = inject('servers');
const temporal = openTemporal({
  address: temporalAddress,
  namespace: 'default',
  taskQueuePrefix: prefix,
  uiUrl: temporalUiUrl,
});
await applyEconomy(
  db,
  parseEconomy(JSON.parse(await readFile(new URL('../../../economies/arena.json', import.meta.url), 'utf8'))),
  { actor: 'test' },
);
relayFor(tools);
const consumers = allHandlers({ db, temporal, metrics, log }).map((handler) => consume(tools, handler));
afterAll(async () => {
  await Promise.all(consumers.map((part) => part.stop()));
  await temporal.close();
});

const client = `studio-${randomUUID().slice(0, 8)}`;
const addClient = (clientId: string, scopes: string[], publish: string[] = []) =>
  createApiKey(db, {
    id: randomUUID(),
    clientId,
    hash: randomUUID(),
    prefix: 'test_',
    scopes,
    topics: { publish, read: [] },
  });
await addClient(client, ['results:write'], ['trust.*']);

/** What a game server sends to an inbound topic: JSON that fits the schema. */
function inbound(type: string, source: string, key: string, data: unknown) {
  const headers = {
    ce_id: randomUUID(),
    ce_type: type,
    ce_source: source,
    ce_specversion: '1.0',
    'content-type': 'application/json',
  };
  return {
    topic: type.split('.').slice(0, 2).join('.'),
    key: Buffer.from(key),
    value: Buffer.from(JSON.stringify(data)),
    headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)])),
  };
}

const finished = (matchId: string, scores: Record<string, number>): EventData['game.match.finished.v1'] => ({
  matchId,
  mode: 'standard',
  clientId: null,
  seed: '00',
  endTick: 10,
  players: Object.entries(scores).map(([playerId, score]) => ({
    playerId,
    outcome: 'survivor',
    placement: 1,
    score,
  })),
  plans: [],
  reviewRequired: false,
});

const describe = (workflowId: string) =>
  temporal.client.workflow
    .getHandle(workflowId)
    .describe()
    .catch(() => undefined);

test('a finished match starts its reward story once and counts once on the leaderboard, however often it is delivered', async () => {
  const [matchId, winner, loser] = [randomUUID(), randomUUID(), randomUUID()];
  await tell(db, {
    type: 'game.match.finished.v1',
    key: matchId,
    data: finished(matchId, { [winner]: 30, [loser]: 10 }),
  });
  const run = await eventually('the story', () => describe(workflowIds.rewardGrant(matchId)));
  expect(run.type).toBe('rewardGrant');
  expect(run.taskQueue).toBe(`${prefix}economy`);
  await eventually('the scores', async () => (await readTop(db, 'arena', 10)).length === 2);
  const record = (await readTopic(broker, 'game.match')).find(({ key }) => key?.toString() === matchId)!;
  await broker.send([record, record], 5_000);
  const second = randomUUID();
  await tell(db, { type: 'game.match.finished.v1', key: second, data: finished(second, { [winner]: 5 }) });
  await eventually('the second match', async () => (await readTop(db, 'arena', 1))[0]?.score === 35n);
  expect(await readTop(db, 'arena', 10)).toMatchObject([
    { rank: 1, playerId: winner, score: 35n },
    { rank: 2, playerId: loser, score: 10n },
  ]);
  const again = await describe(workflowIds.rewardGrant(matchId));
  expect(again?.runId).toBe(run.runId);
  // a completed or running story is no failure of the event
  expect(await listDeadLetters(db, { group: 'rewards', limit: 1 })).toEqual([]);
  await temporal.client.workflow.getHandle(workflowIds.rewardGrant(matchId)).terminate('test is over');
});

test("an outside game's result becomes a match once, from a known client only", async () => {
  const externalMatchId = randomUUID();
  const report = (reference: string) => ({
    reference,
    externalMatchId,
    mode: 'duel',
    players: [
      {
        player: { issuer: client, subject: 'a' },
        outcome: 'winner',
        placement: 1,
        score: 7,
        resources: '12',
      },
    ],
  });
  const event = inbound('game.result.reported.v1', `/clients/${client}`, externalMatchId, report('r1'));
  await broker.send([event, event], 5_000);
  const match = await eventually(
    'the match',
    async () =>
      (
        await db.query<{ id: string; plans: unknown[] }>(
          'SELECT id, plans FROM matches WHERE external_id = $1',
          [externalMatchId],
        )
      ).rows[0],
  );
  expect(match.plans).toHaveLength(1);
  await eventually(
    'it is told',
    async () =>
      (await countRows(db, 'event_log', `type = 'game.match.finished.v1' AND key = '${match.id}'`)) === 1,
  );
  expect(await eventually('its story', () => describe(workflowIds.rewardGrant(match.id)))).toMatchObject({
    type: 'rewardGrant',
  });
  await temporal.client.workflow.getHandle(workflowIds.rewardGrant(match.id)).terminate('test is over');

  // whoever holds a key for something else has not reported it either
  await addClient('shop', ['grants:write'], ['trust.verdict']);
  const strangers = ['nobody', 'shop'].map((name) =>
    inbound('game.result.reported.v1', `/clients/${name}`, randomUUID(), report('r2')),
  );
  await broker.send(strangers, 5_000);
  const letters = await eventually('the letters', async () => {
    const found = await listDeadLetters(db, { group: 'external-results', limit: 9 });
    return found.length === strangers.length ? found : undefined;
  });
  for (const letter of letters) expect(letter).toMatchObject({ errorClass: 'unknown_source', attempts: 1 });
});

test.each(['abc', '', '-1', '9223372036854775808'])(
  'a result with %j resources is itself at fault, not its handler',
  async (resources) => {
    const player = { issuer: client, subject: 'b' };
    const event: DeliveredEvent<'game.result.reported.v1'> = {
      id: randomUUID(),
      source: `/clients/${client}`,
      type: 'game.result.reported.v1',
      subject: 'b',
      time: '2026-01-01T00:00:00Z',
      key: 'b',
      sequence: null,
      correlationId: null,
      causationId: null,
      ledgerEpoch: 1,
      data: {
        reference: 'bad',
        externalMatchId: 'bad',
        mode: 'duel',
        players: [{ player, outcome: 'winner', placement: 1, score: 1, resources }],
      },
      position: { topic: 'game.result', partition: 0, offset: 0n },
    };
    const handled = db.transaction((tx) => recordResults().handle(tx, event, { context: {} }));
    await expect(handled).rejects.toMatchObject({ errorClass: 'schema_violation' });
  },
);

test('a verdict is a row before its story hears of it; a story that is not there is no failure', async () => {
  const tradeId = randomUUID();
  const subject = `trade:${tradeId}`;
  await temporal.client.workflow.start('trade', {
    workflowId: workflowIds.trade(tradeId),
    taskQueue: `${prefix}nobody`,
    args: [],
  });
  await broker.send(
    [inbound('trust.verdict.rejected.v1', `/clients/${client}`, subject, { subject, reason: 'bought back' })],
    5_000,
  );
  await broker.send(
    [
      inbound('trust.verdict.cleared.v1', `/clients/${client}`, 'x', {
        subject: `match:${randomUUID()}`,
        reason: 'fine',
      }),
    ],
    5_000,
  );
  const handle = temporal.client.workflow.getHandle(workflowIds.trade(tradeId));
  await eventually('the signal', async () =>
    (await handle.fetchHistory()).events?.some(
      ({ workflowExecutionSignaledEventAttributes: signal }) => signal?.signalName === 'verdict',
    ),
  );
  const { rows } = await db.query('SELECT decision, reason, source FROM verdicts WHERE subject = $1', [
    subject,
  ]);
  expect(rows).toEqual([{ decision: 'rejected', reason: 'bought back', source: `/clients/${client}` }]);
  await eventually('the other', async () => (await countRows(db, 'verdicts', "decision = 'cleared'")) === 1);
  expect(await listDeadLetters(db, { group: 'verdicts', limit: 1 })).toEqual([]);
  await handle.terminate('test is over');
});

test('players find what concerns them, and their streams are told', async () => {
  const [buyer, seller] = [randomUUID(), randomUUID()];
  const trade = {
    tradeId: randomUUID(),
    listingId: randomUUID(),
    buyerId: buyer,
    sellerId: seller,
    itemId: randomUUID(),
    kind: 'iron_sword',
    asset: 'gold',
    price: '800',
  };
  await tell(db, { type: 'market.trade.completed.v1', key: trade.tradeId, data: { ...trade, fee: '40' } });
  const own = await eventually('the notification', async () => {
    const rows = await readNotifications(db, seller, { limit: 5 });
    return rows.length > 0 && rows;
  });
  expect(own).toMatchObject([
    {
      type: 'market.trade.completed.v1',
      data: { role: 'seller', price: '800', fee: '40' },
      acknowledgedAt: null,
    },
  ]);
  expect(await readNotifications(db, buyer, { limit: 5 })).toMatchObject([{ data: { role: 'buyer' } }]);
  await eventually(
    'told',
    async () =>
      (await countRows(
        db,
        'event_log',
        `topic = 'notifications.player' AND key IN ('${buyer}', '${seller}')`,
      )) === 2,
  );
});
