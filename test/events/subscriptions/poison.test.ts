import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { eventually } from '../support.ts';
import { startReceiver } from './receiver.ts';
import { subscriptionWorld } from './world.ts';

const world = await subscriptionWorld(['game.match'], { partitionCount: 1 });
const { db, broker } = world;

const key = randomUUID();
/** More than an index takes, also compressed. */
const incompressible = Array.from({ length: 1_000 }, () => randomUUID()).join('');
const send = (id: string, value: string, more: Record<string, string> = {}) => {
  const headers = {
    ce_specversion: '1.0',
    ce_id: id,
    ce_type: 'game.match.cancelled.v1',
    ce_source: '/clients/studio',
    'content-type': 'application/json',
    ...more,
  };
  const bytes = Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)] as const);
  const record = { topic: 'game.match', key: Buffer.from(key), value: Buffer.from(value) };
  return broker.send([{ ...record, headers: Object.fromEntries(bytes) }], 10_000);
};

test('no record, whatever is in it, keeps the ones behind it from a subscriber', async () => {
  const receiver = await startReceiver();
  world.hosts.push(receiver.host);
  const { subscriptionId } = await world.subscribe({ url: receiver.url });
  const { subscriptionId: streaming } = await world.subscribe({ method: 'sse' });
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  await send('replay-nul', '{}', { ce_replayid: 'again\0' });
  await send('replay-long', '{}', { ce_replayid: incompressible });
  await send('deep', deep);
  await send('deep-member', `{"a":${deep}}`);
  await send('last', '{}');
  const states = async (id: string) => {
    const { rows } = await db.query<{ eventId: string; error: string | null }>(
      `SELECT event_id AS "eventId", error FROM subscription_events WHERE subscription_id = $1 ORDER BY seq`,
      [id],
    );
    return rows.map(({ eventId, error }) => `${eventId}: ${error}`);
  };
  for (const id of [subscriptionId, streaming]) {
    await eventually('the last', async () => (await states(id)).includes('last: null'));
    expect(await states(id)).toEqual([
      'replay-nul: null',
      'replay-long: null',
      'deep: undecodable: the value is nested too deeply',
      'deep-member: undecodable: the value is nested too deeply',
      'last: null',
    ]);
  }
  const heard = () => receiver.received.map(({ body }) => (JSON.parse(body) as { id: string }).id);
  await eventually('the receiver hears the last', () => heard().includes('last'));
  expect(heard()).toEqual(['replay-nul', 'replay-long', 'last']);
});
