import { randomUUID } from 'node:crypto';
import { trace } from '@opentelemetry/api';
import { afterAll, expect, test } from 'vitest';
import type { DeliveredRecord } from '../../events/broker.ts';
import { DeadEvent } from '../../events/failures.ts';
import { giveUpOn } from '../../events/give-up.ts';
import { parkIfParked, processEvent } from '../../events/process-event.ts';
import { startTracing } from '../../platform/tracing.ts';
import { createEffects, readEffects, recording } from './recording.ts';
import { eventTools } from './support.ts';

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
