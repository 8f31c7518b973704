import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { verifyWebhook } from '../../../client/verify-webhook.ts';
import type { WebhookHeaders } from '../../../client/verify-webhook.ts';
import { rotateSecret } from '../../../store/subscriptions/secrets.ts';
import { findSubscription } from '../../../store/subscriptions/reads.ts';
import { setSubscriptionState } from '../../../store/subscriptions/change-subscription.ts';
import { cancelled } from '../recording.ts';
import { countRows, eventually, relayFor, tell } from '../support.ts';
import { ok, signers, startReceiver, status } from './receiver.ts';
import type { Received } from './receiver.ts';
import { client, secretOf, subscriptionWorld } from './world.ts';

const world = await subscriptionWorld(['game.match', 'game.player']);
const { db } = world;
relayFor(world);

const reasonsOf = (received: readonly Received[]): string[] =>
  received
    .flatMap(({ body }) => JSON.parse(body) as { data: { reason: string } } | { data: { reason: string } }[])
    .map(({ data }) => data.reason);

async function subscriber(wanted: Parameters<typeof world.subscribe>[0] = {}) {
  const receiver = await startReceiver();
  world.hosts.push(receiver.host);
  const match = randomUUID();
  // each test hears of its own match alone
  const made = await world.subscribe({ url: receiver.url, filter: { key: match }, ...wanted });
  const happen = (...reasons: string[]) => tell(db, ...reasons.map((reason) => cancelled(match, reason)));
  return { ...made, receiver, match, happen };
}

test('an event arrives once, signed so that a stranger’s verifier and ours both accept it', async () => {
  const { receiver, happen, secret, match, subscriptionId } = await subscriber();
  await happen('rain');
  await eventually('it arrives', () => receiver.received.length > 0);
  const [received] = receiver.received as [Received];
  expect(signers([secret], received)).toEqual([0]);
  const headers = received.headers as unknown as WebhookHeaders;
  expect(await verifyWebhook(secret, headers, received.body)).toBe(true);
  expect(await verifyWebhook(secret, headers, `${received.body} `)).toBe(false);
  expect(await verifyWebhook(secret, headers, received.body, { nowMs: Date.now() + 600_000 })).toBe(false);
  for (const missing of Object.keys(headers).filter((name) => name.startsWith('webhook-')))
    expect(await verifyWebhook(secret, { ...headers, [missing]: undefined }, received.body)).toBe(false);
  expect(received.headers['content-type']).toBe('application/cloudevents+json');
  expect(JSON.parse(received.body)).toMatchObject({
    specversion: '1.0',
    type: 'game.match.cancelled.v1',
    subject: match,
    partitionkey: match,
    data: { matchId: match, reason: 'rain', playerIds: [] },
  });
  const log = await eventually('the log says so', async () => {
    const deliveries = await world.deliveries(subscriptionId);
    return deliveries[0]?.state === 'delivered' ? deliveries : undefined;
  });
  expect(log).toMatchObject([
    { deliveryId: received.headers['webhook-id'], state: 'delivered', attempts: 1, responseCode: 204 },
  ]);
  expect(receiver.received).toHaveLength(1);
});

test('a receiver that fails is tried again under the same webhook-id, and what follows keeps its order', async () => {
  const { receiver, happen, subscriptionId } = await subscriber({ retryCountMax: 5 });
  receiver.answer = (received, response, count) => (count <= 3 ? status(500) : ok)(received, response, count);
  await happen('1', '2', '3');
  await eventually('all arrive', () => receiver.received.length >= 6);
  expect(reasonsOf(receiver.received)).toEqual(['1', '1', '1', '1', '2', '3']);
  const ids = receiver.received.map(({ headers }) => headers['webhook-id']);
  expect(new Set(ids.slice(0, 4)).size).toBe(1);
  expect(new Set(ids).size).toBe(3);
  const deliveries = await eventually('the log is complete', async () => {
    const all = await world.deliveries(subscriptionId);
    return all.filter(({ state }) => state === 'delivered').length === 3 ? all : undefined;
  });
  expect(deliveries.map(({ attempts }) => attempts)).toEqual([4, 1, 1]);
});

test('a receiver that asks for time is given it, an hour at most; others may ask in vain', async () => {
  const { receiver, happen, subscriptionId } = await subscriber({ retryCountMax: 5 });
  const asking = [status(503, { 'retry-after': '2' }), status(500, { 'retry-after': '86400' })];
  const later = new Date(Date.now() + 86_400_000).toUTCString();
  receiver.answer = (received, response, count) =>
    (asking[count - 1] ?? status(429, { 'retry-after': later }))(received, response, count);
  await happen('1');
  const waitMs = async () => {
    const { rows } = await db.query<{ ms: number }>(
      `SELECT extract(epoch FROM next_attempt_at - clock_timestamp())::float8 * 1000 AS ms FROM deliveries
       WHERE subscription_id = $1 AND state = 'pending' AND response_code = 429`,
      [subscriptionId],
    );
    return rows[0]?.ms;
  };
  const waits = await eventually('the third is answered', waitMs);
  // a 500 that asked for a day was tried again by the subscription's own delay
  expect(waits).toBeGreaterThan(3_000_000);
  expect(waits).toBeLessThanOrEqual(3_600_000);
  const [first, second, third] = receiver.received as [Received, Received, Received];
  expect(second.atMs - first.atMs).toBeGreaterThanOrEqual(2_000);
  expect(new Set([first, second, third].map(({ headers }) => headers['webhook-id'])).size).toBe(1);
});

test('a batch holds what came within its wait, as an array in order', async () => {
  const { receiver, happen } = await subscriber({ batchEventsMax: 3, batchWaitMsMax: 60_000 });
  await happen('1', '2', '3');
  await eventually('it arrives', () => receiver.received.length > 0);
  expect(reasonsOf(receiver.received)).toEqual(['1', '2', '3']);
  expect(receiver.received).toHaveLength(1);
  expect(receiver.received[0]?.headers['content-type']).toBe('application/cloudevents-batch+json');
});

test('a batch that does not fill goes when its wait is over', async () => {
  const { receiver, happen } = await subscriber({ batchEventsMax: 3, batchWaitMsMax: 500 });
  await happen('1', '2');
  await eventually('it arrives', () => reasonsOf(receiver.received).length === 2);
});

test('while one secret takes over from another, both sign', async () => {
  const { receiver, happen, secret, subscriptionId } = await subscriber();
  const secretId = randomUUID();
  const change = { subscriptionId, clientId: 'studio', actor: 'test' };
  await db.transaction((tx) => rotateSecret(tx, change, { secretId, graceMs: 60_000 }));
  await happen('1');
  await eventually('it arrives', () => receiver.received.length === 1);
  expect(signers([secret, secretOf(secretId)], receiver.received[0]!)).toEqual([0, 1]);
  const last = randomUUID();
  await db.transaction((tx) => rotateSecret(tx, change, { secretId: last, graceMs: 0 }));
  await happen('2');
  await eventually('it arrives', () => receiver.received.length === 2);
  expect(signers([secret, secretOf(secretId), secretOf(last)], receiver.received[1]!)).toEqual([2]);
});

test('types and filter decide, before anything is decoded', async () => {
  const { receiver, match } = await subscriber({ types: ['game.match.voided.*'] });
  const all = await startReceiver();
  world.hosts.push(all.host);
  await world.subscribe({ url: all.url, filter: { key: match } });
  const voided = { ...cancelled(match, 'second'), type: 'game.match.voided.v1' as const };
  await tell(db, cancelled(match, 'first'), voided, cancelled(randomUUID(), 'of another match'));
  await eventually('both arrive', () => all.received.length === 2);
  await eventually('one arrives', () => receiver.received.length === 1);
  expect(reasonsOf(receiver.received)).toEqual(['second']);
});

test('paused, it keeps what comes; resumed, it delivers it in order', async () => {
  const { receiver, happen, subscriptionId } = await subscriber();
  const change = { subscriptionId, clientId: 'studio', actor: 'test' };
  await happen('before');
  await eventually('it arrives', () => receiver.received.length === 1);
  await db.transaction((tx) => setSubscriptionState(tx, change, 'paused'));
  await happen('1', '2', '3');
  await eventually('published', async () => (await countRows(db, 'outbox', `topic = 'game.match'`)) === 0);
  // another one hears the same topic, so the dispatcher has passed the three
  const witness = await subscriber();
  await witness.happen('witness');
  await eventually('the witness hears', () => witness.receiver.received.length === 1);
  expect(receiver.received).toHaveLength(1);
  await db.transaction((tx) => setSubscriptionState(tx, change, 'active'));
  await eventually('they arrive', () => receiver.received.length === 4);
  expect(reasonsOf(receiver.received)).toEqual(['before', '1', '2', '3']);
});

test('one that begins in the past is told what topics still hold, then what is new, each once', async () => {
  const match = randomUUID();
  await tell(db, ...['1', '2', '3'].map((reason) => cancelled(match, reason)));
  await eventually('published', async () => (await countRows(db, 'outbox', `topic = 'game.match'`)) === 0);
  const receiver = await startReceiver();
  world.hosts.push(receiver.host);
  const startsAt = new Date(Date.now() - 3_600_000);
  await world.subscribe({ url: receiver.url, filter: { key: match }, startsAt });
  await tell(db, cancelled(match, '4'));
  await eventually('they arrive', () => receiver.received.length === 4);
  expect(reasonsOf(receiver.received)).toEqual(['1', '2', '3', '4']);
});

test('without an acknowledgement asked for, an event is sent once whatever comes of it', async () => {
  const { receiver, happen, subscriptionId } = await subscriber({ ackRequired: false });
  receiver.answer = status(500);
  await happen('1', '2');
  await eventually('both are sent', () => receiver.received.length === 2);
  await eventually(
    'both are given up',
    async () =>
      (await world.deliveries(subscriptionId)).filter(({ state }) => state === 'failed').length === 2,
  );
  expect(reasonsOf(receiver.received)).toEqual(['1', '2']);
});

test('five messages in a row that are given up disable it, with the reason; audited', async () => {
  const { receiver, happen, subscriptionId } = await subscriber({ retryCountMax: 0 });
  receiver.answer = status(302, { location: 'http://127.0.0.1:9/' });
  await happen('1', '2', '3', '4', '5', '6');
  const disabled = await eventually('it is disabled', async () => {
    const found = await findSubscription(db, subscriptionId, null);
    return found?.state === 'disabled' ? found : undefined;
  });
  expect(disabled.stateReason).toContain('302, and redirects are not followed');
  expect(receiver.received).toHaveLength(5);
  expect(
    await countRows(
      db,
      'audit_entries',
      `action = 'subscription.disabled' AND target = 'subscription:${subscriptionId}'`,
    ),
  ).toBe(1);
  // what waits stays, and goes when somebody has mended the receiver
  receiver.answer = ok;
  await db.transaction((tx) =>
    setSubscriptionState(tx, { subscriptionId, clientId: null, actor: 'test' }, 'active'),
  );
  await eventually('the sixth arrives', () => reasonsOf(receiver.received).at(-1) === '6');
});

test('410 disables at once', async () => {
  const { receiver, happen, subscriptionId } = await subscriber();
  receiver.answer = status(410);
  await happen('1', '2');
  await eventually(
    'it is disabled',
    async () => (await findSubscription(db, subscriptionId, null))?.state === 'disabled',
  );
  expect(receiver.received).toHaveLength(1);
});

test('a permission that ends, ends: what still waits is dropped and nothing new is queued', async () => {
  const keyId = await client(world, 'leaving', ['game.match']);
  const { receiver, happen, subscriptionId } = await subscriber({ clientId: 'leaving', retryDelayMs: 1_000 });
  receiver.answer = (received, response, count) =>
    (count === 1 ? ok : status(503))(received, response, count);
  await happen('1', '2', '3');
  await eventually('the second is tried', () => receiver.received.length >= 2);
  await db.query('UPDATE api_keys SET revoked_at = now() WHERE id = $1', [keyId]);
  receiver.answer = ok;
  await eventually(
    'the second and the third are dropped',
    async () =>
      (await countRows(
        db,
        'subscription_events',
        `subscription_id = '${subscriptionId}' AND state = 'dropped'`,
      )) === 2,
  );
  const second = (await world.deliveries(subscriptionId)).at(-1);
  expect([second?.state, second?.error]).toEqual([
    'failed',
    'no API key of the client may read its topic any more',
  ]);
  await happen('4');
  const witness = await subscriber();
  await witness.happen('witness');
  await eventually('the witness hears', () => witness.receiver.received.length === 1);
  expect(reasonsOf(receiver.received)).not.toContain('3');
  expect(reasonsOf(receiver.received)).not.toContain('4');
});
