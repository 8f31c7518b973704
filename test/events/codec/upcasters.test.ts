import { expect, test } from 'vitest';
import type { EventData, EventType } from '../../../domain/events.ts';
import { avroType } from '../../../events/codec/avro-types.ts';
import { createCodec } from '../../../events/codec/codec.ts';
import { processEvent } from '../../../events/consumer/process-event.ts';
import { subjectOf } from '../../../events/codec/registry.ts';
import type { Registry } from '../../../events/codec/registry.ts';
import { stepsBetween, upcaster, upcasters } from '../../../events/schemas/upcasters.ts';
import { createEffects, readEffects, recording } from '../recording.ts';
import { eventTools } from '../support.ts';

/** An older version that never was, of a type there is. */
const older = 'game.match.cancelled.v0' as EventType;
const newer = 'game.match.cancelled.v1';
const record = (name: string, ...fields: string[]) =>
  avroType({ type: 'record', name, fields: fields.map((field) => ({ name: field, type: 'string' })) });
const old = { id: 1, avro: record('CancelledV0', 'match', 'why') };
const tools = await eventTools([]);
await createEffects(tools.url);

const present = {
  id: 2,
  avro: avroType({
    type: 'record',
    name: 'CancelledV1',
    fields: [
      { name: 'matchId', type: 'string' },
      { name: 'reason', type: 'string' },
      { name: 'playerIds', type: { type: 'array', items: 'string' } },
    ],
  }),
};
const byType = new Map<string, typeof old>([
  [older, old],
  [newer, present],
]);
const registry: Registry = {
  ofType: (type) => byType.get(type),
  byId: async (id) =>
    [...byType].flatMap(([type, one]) => (one.id === id ? [{ subject: subjectOf(type), ...one }] : []))[0],
  registered: async () => undefined,
};
const step = upcaster(older, newer, (data) => {
  const { match, why } = data as unknown as { match: string; why: string };
  return { matchId: match, reason: why, playerIds: [] };
});
const codec = createCodec(registry, { upcasters: [step] });

const recordOf = (type: string, value: Buffer, contentType = 'application/avro') => ({
  topic: 'game.match',
  partition: 0,
  offset: 1n,
  timestampMs: Date.now(),
  key: Buffer.from('m'),
  value,
  headers: {
    ce_id: Buffer.from(`${type} ${contentType}`),
    ce_type: Buffer.from(type),
    ce_source: Buffer.from('/lootledger/test'),
    'content-type': Buffer.from(contentType),
  },
});

test('a handler that names the new version is given old events as new ones, Avro and JSON', async () => {
  const handler = recording(undefined, { types: [newer] });
  const data = { match: 'm', why: 'as avro' };
  const go = async () => 'go on' as const;
  await processEvent({ ...tools, codec }, handler, recordOf(older, codec.encode(older, data).value), go);
  const json = Buffer.from(JSON.stringify({ ...data, why: 'as json' }));
  await processEvent({ ...tools, codec }, handler, recordOf(older, json, 'application/json'), go);
  expect(await readEffects(tools.db, handler.group, 'm')).toEqual(['as avro', 'as json']);
});

test('without an upcaster an old version is dead, and new events are never read as old ones', async () => {
  const data: EventData[typeof newer] = { matchId: 'm', reason: 'r', playerIds: [] };
  const { value } = codec.encode(newer, data);
  expect(await codec.decode(newer, value, '')).toEqual(data);
  expect(codec.readAs([older], newer)).toBeUndefined();
  expect(createCodec(registry).readAs([newer], older)).toBeUndefined();
  await expect(codec.decode(older, value, '', newer)).rejects.toMatchObject({
    errorClass: 'unknown_version',
  });
  // what the header says and what the schema says have to agree
  await expect(codec.decode(newer, value, '', older)).rejects.toMatchObject({ errorClass: 'undecodable' });
});

test('versions are a chain, and a circle leads nowhere', () => {
  const named = (from: string, to: string) => ({
    from,
    to,
    upcast: (data: unknown) => `${String(data)}>${to}`,
  });
  const chain = [named('b', 'c'), named('a', 'b')];
  expect(stepsBetween(chain, 'a', 'c')?.map(({ to }) => to)).toEqual(['b', 'c']);
  expect(stepsBetween(chain, 'a', 'a')).toEqual([]);
  expect(stepsBetween(chain, 'c', 'a')).toBeUndefined();
  expect(stepsBetween([named('a', 'b'), named('b', 'a')], 'a', 'c')).toBeUndefined();
});

test('every upcaster leads from one version of a type to a later one of the same', () => {
  for (const { from, to } of upcasters) {
    const [fromName, fromVersion] = from.split(/\.v(?=\d+$)/);
    const [toName, toVersion] = to.split(/\.v(?=\d+$)/);
    expect([fromName, Number(toVersion) > Number(fromVersion)]).toEqual([toName, true]);
  }
});
