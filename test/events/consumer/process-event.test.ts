import { randomUUID } from 'node:crypto';
import { trace } from '@opentelemetry/api';
import { afterAll, expect, test } from 'vitest';
import type { DeliveredRecord } from '../../../events/kafka/broker.ts';
import { DeadEvent } from '../../../events/consumer/failures.ts';
import { giveUpOn } from '../../../events/consumer/give-up.ts';
import { SignalFailure, parkIfParked, processEvent } from '../../../events/consumer/process-event.ts';
import { startTracing } from '../../../platform/tracing.ts';
import { alteredDb } from './altered-db.ts';
import { createEffects, readEffects, recording } from '../recording.ts';
import { countRows, eventTools } from '../support.ts';

const tools = await eventTools([]);
await createEffects(tools.url);
const tracing = startTracing({ service: 'test', environment: 'test' });
afterAll(() => tracing.shutdown());

const traceId = '0af7651916cd43dd8448eb211c80319c';

function recordOf(matchId: string, reason: string): DeliveredRecord {
  const headers = {
    ce_id: randomUUID(),
    ce_type: 'game.match.cancelled.v1',
    ce_source: '/lootledger/test',
    'content-type': 'application/json',
    traceparent: `00-${traceId}-b7ad6b7169203331-01`,
  };
  return {
    topic: 'game.match',
    partition: 0,
    offset: 1n,
    timestampMs: Date.now(),
    key: Buffer.from(matchId),
    value: Buffer.from(JSON.stringify({ matchId, reason, playerIds: [] })),
    headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)])),
  };
}

test('the moment after the commit and before the signal has a crash point', async () => {
  const match = randomUUID();
  const seen: string[] = [];
  const handler = recording(undefined, { signal: () => Promise.resolve(void seen.push('signal')) });
  const crash = (point: string) => void seen.push(point);
  const record = recordOf(match, 'once');
  await processEvent({ ...tools, crash }, handler, record, parkIfParked(handler, record));
  expect(seen).toEqual(['after-row-before-signal', 'signal']);
  expect(await readEffects(tools.db, handler.group, match)).toEqual(['once']);
});

const withoutInbox = (text: string) =>
  text.includes('INSERT INTO inbox')
    ? 'SELECT 0::bigint AS nth FROM (SELECT $1::text, $2::text[], $3::text[]) AS ignored WHERE false'
    : text;

test.each([
  ['with', (text: string) => text, ['handled', 'duplicate', 'duplicate'], ['x']],
  ['without', withoutInbox, ['handled', 'handled', 'handled'], ['x', 'x', 'x']],
])(
  'an event that comes again, alone or while it is handled, has one effect: %s the inbox',
  async (_, alter, outcomes, effects) => {
    const match = randomUUID();
    const handler = recording();
    const record = recordOf(match, 'x');
    const deps = { ...tools, db: alteredDb(tools.db, { alter }) };
    const receive = () => processEvent(deps, handler, record, parkIfParked(handler, record));
    const seen = [...(await Promise.all([receive(), receive()])), await receive()];
    expect(seen.toSorted().toReversed()).toEqual(outcomes);
    expect(await readEffects(tools.db, handler.group, match)).toEqual(effects);
  },
);

test('the log line of a dead letter names the trace that its event came from', async () => {
  const handler = recording();
  // what the log puts on every line
  const tracesSeen: (string | undefined)[] = [];
  const log = Object.assign(Object.create(tools.log) as typeof tools.log, {
    error: () => void tracesSeen.push(trace.getActiveSpan()?.spanContext().traceId),
  });
  const failure = {
    error: new DeadEvent('undecodable', 'no'),
    attempts: 1,
    redrives: 0,
    firstFailedAtMs: 1,
    lastFailedAtMs: 1,
  };
  await giveUpOn({ ...tools, log }, handler, recordOf(randomUUID(), 'poison'), failure);
  expect(tracesSeen).toEqual([traceId]);
});

test('what another member has handled meanwhile is not given up; a signal that failed still is', async () => {
  const handler = recording();
  const { group } = handler;
  const record = recordOf(randomUUID(), 'handled');
  await processEvent(tools, handler, record, parkIfParked(handler, record));
  const failure = { attempts: 3, redrives: 0, firstFailedAtMs: 1, lastFailedAtMs: 1 };
  const givenUp = (error: Error) => giveUpOn(tools, handler, record, { ...failure, error });
  const countIn = (table: string) => countRows(tools.db, table, `consumer_group = '${group}'`);
  expect(await givenUp(new Error('the other one was faster'))).toBe(false);
  expect([await countIn('dead_letters'), await countIn('parked_keys')]).toEqual([0, 0]);
  expect(await givenUp(new SignalFailure('the signal after the effect failed'))).toBe(true);
  expect([await countIn('dead_letters'), await countIn('parked_keys')]).toEqual([1, 1]);
});

test('an event of ours that tells of a past a restore has taken back is passed over', async () => {
  const origin = { ...tools.origin, ledgerEpoch: 2 };
  const [known, lost, foreign] = [randomUUID(), randomUUID(), randomUUID()];
  const signals: string[] = [];
  const handler = recording(undefined, { signal: () => Promise.resolve(void signals.push('signal')) });
  const handle = (record: DeliveredRecord) =>
    processEvent({ ...tools, origin }, handler, record, parkIfParked(handler, record));

  const sent = recordOf(known, 'sent before the restored moment');
  await tools.db.query(
    `INSERT INTO event_log (id, topic, type, key, "partition", "offset", created_at)
     VALUES ($1, 'game.match', 'game.match.cancelled.v1', $2, 0, 1, now())`,
    [sent.headers['ce_id']?.toString(), known],
  );
  expect(await handle(sent)).toBe('handled');
  expect(await handle(recordOf(lost, 'sent after it'))).toBe('lost');
  const outside = recordOf(foreign, 'from elsewhere');
  outside.headers['ce_source'] = Buffer.from('/lootledger/another');
  expect(await handle(outside)).toBe('handled');
  expect(await readEffects(tools.db, handler.group, lost)).toEqual([]);
  expect(signals).toHaveLength(2);
});
