import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { attemptWaitsMs, settleEvent } from '../../../events/consumer/settle-event.ts';
import { createSlots } from '../../../events/slots.ts';
import { cancelledRecord, createEffects, recording } from '../recording.ts';
import { eventTools } from '../support.ts';

const tools = await eventTools([]);
await createEffects(tools.url);

test('a handler that fails is asked again after 0.2 s and after 1 s, each up to a quarter shorter, and no fourth time', async () => {
  expect(attemptWaitsMs).toEqual([200, 1_000]);
  const triedAtMs: number[] = [];
  const handler = recording(() => {
    triedAtMs.push(performance.now());
    throw new Error('no');
  });
  const deps = { ...tools, slots: createSlots(1), signal: new AbortController().signal };
  const record = cancelledRecord(randomUUID(), 'x', 1);
  expect(await settleEvent(deps, handler, record)).toBe('dead');
  const [first, second, third, ...more] = triedAtMs;
  expect(more).toEqual([]);
  // no less than that; a slow machine may take longer, and a timer ends a millisecond early
  expect(second! - first!).toBeGreaterThan(200 * 0.75 - 2);
  expect(third! - second!).toBeGreaterThan(1_000 * 0.75 - 2);
});

test('one that is stopped while it waits between attempts leaves the event undone', async () => {
  const stop = new AbortController();
  const handler = recording(() => {
    stop.abort();
    throw new Error('no');
  });
  const deps = { ...tools, slots: createSlots(1), signal: stop.signal };
  expect(await settleEvent(deps, handler, cancelledRecord(randomUUID(), 'x', 2))).toBeUndefined();
});
