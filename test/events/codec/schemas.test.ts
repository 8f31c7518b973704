import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { JsonValue } from '../../../domain/canonical-json.ts';
import type { EventData } from '../../../domain/events.ts';
import { avroType } from '../../../events/codec/avro-types.ts';
import { createCodec } from '../../../events/codec/codec.ts';
import { openRegistry, register, subjectOf } from '../../../events/codec/registry.ts';
import { eventFields } from '../../../events/schemas/definitions.ts';
import { readSubjects } from '../../../store/schemas/reads.ts';
import { testDatabase } from '../../support/database.ts';

const { db } = await testDatabase();
const registry = await openRegistry(db);
const codec = createCodec(registry);

const finished: EventData['game.match.finished.v1'] = {
  matchId: 'm',
  mode: 'standard',
  clientId: null,
  seed: 'ff',
  endTick: null,
  players: [{ playerId: 'p', outcome: 'winner', placement: 1, score: 12.5 }],
  plans: [
    {
      playerId: 'p',
      outcome: 'winner',
      economyVersion: 3,
      input: {
        resources: '9223372036854775807',
        streakDays: 30,
        modifiers: { luck: 150 },
        pity: { t: 4 },
        prize: { mode: 'cup', place: 1, tiedCount: 2, tiedIndex: 0, playerCount: 9 },
      },
      lines: [{ asset: 'gold', amount: '9007199254740993' }],
      items: [
        {
          itemId: 'i',
          kind: 'k',
          kindVersion: 1,
          table: 't',
          tableVersion: 2,
          tableHash: 'h',
          label: 'l',
          roll: 4_294_967_295,
          bound: 4_294_967_296,
        },
      ],
      draws: [
        {
          table: 't',
          tableVersion: 2,
          tableHash: 'h',
          entry: 'k',
          label: 'l',
          counter: 0,
          roll: 4_294_967_295,
          bound: 4_294_967_296,
          variant: 'luck=150',
          gave: false,
        },
      ],
    },
  ],
  reviewRequired: true,
};

test('every event type has a registered schema, and starting again registers nothing new', async () => {
  await openRegistry(db);
  expect(await readSubjects(db)).toEqual(Object.keys(eventFields).map(subjectOf).toSorted());
});

test('what is encoded is decoded to the same data, amounts beyond 2⁵³ and free JSON included', async () => {
  const { value, schemaId } = codec.encode('game.match.finished.v1', finished);
  expect(value.readUInt8()).toBe(0);
  expect(value.readInt32BE(1)).toBe(schemaId);
  expect(await codec.decode('game.match.finished.v1', value, 'application/avro')).toEqual(finished);
  const note = { notificationId: 'n', playerId: 'p', type: 't', data: { nested: [1, null, { a: 'x' }] } };
  const noted = codec.encode('notifications.player.notified.v1', note);
  expect(await codec.decode('notifications.player.notified.v1', noted.value, 'application/avro')).toEqual(
    note,
  );
});

test('data that does not fit, bytes that are no event and ids of other types are refused', async () => {
  expect(() => codec.encode('game.match.finished.v1', { ...finished, seed: 1 })).toThrow(/seed/);
  expect(() =>
    codec.encode('economy.grant.granted.v1', {
      key: 'k',
      playerId: 'p',
      matchId: null,
      lines: [{ asset: 'gold', amount: '1.5' }],
      items: [],
    }),
  ).toThrow(/amount/);
  const { value } = codec.encode('game.player.registered.v1', { playerId: 'p' });
  const ofNobody = Buffer.from(value);
  ofNobody.writeInt32BE(2 ** 31 - 1, 1);
  await expect(codec.decode('game.player.registered.v1', ofNobody, '')).rejects.toThrow(/not one of/);
  await expect(codec.decodeAny(ofNobody, '', 'game.player.registered.v1')).rejects.toMatchObject({
    errorClass: 'undecodable',
  });
  await expect(codec.decode('game.match.finished.v1', value, '')).rejects.toThrow(/not one of/);
  await expect(codec.decodeAny(value, '', 'game.match.finished.v1')).rejects.toThrow(/not one of/);
  await expect(codec.decode('game.match.finished.v1', Buffer.from('{}'), '')).rejects.toThrow(/not Avro/);
  await expect(codec.decode('game.match.finished.v1', null, '')).rejects.toThrow(/no value/);
  await expect(
    codec.decode('game.player.registered.v1', Buffer.from('{"playerId":7}'), 'application/json'),
  ).rejects.toThrow(/playerId/);
  await expect(codec.decode('game.player.registered.v1', value.subarray(0, 6), '')).rejects.toMatchObject({
    errorClass: 'undecodable',
  });
});

test('a record that announces more items than it has bytes is refused before memory is taken for them', async () => {
  const { schemaId } = codec.encode('game.match.cancelled.v1', {
    matchId: 'm',
    reason: 'r',
    playerIds: ['p'],
  });
  const header = Buffer.from([0, 0, 0, 0, 0]);
  header.writeInt32BE(schemaId, 1);
  // 20 million of them
  const count = [0x80, 0xb4, 0x89, 0x13];
  const value = Buffer.from([...header, 2, 0x6d, 2, 0x72, ...count, 0]);
  const type = 'game.match.cancelled.v1';
  await expect(codec.decode(type, value, '')).rejects.toThrow(/more items than bytes/);
  await expect(codec.decodeAny(value, '', type)).rejects.toThrow(/more items than bytes/);
  for (const content of [
    { type: 'array', items: 'null' },
    { type: 'map', values: { type: 'array', items: { type: 'record', name: 'Empty', fields: [] } } },
  ])
    await expect(register(db, { subject: `test-${randomUUID()}`, content })).rejects.toMatchObject({
      code: 'validation_failed',
    });
});

test('our logical types are on their own base only, and text is not taken for JSON', async () => {
  const subject = `test-${randomUUID()}`;
  const of = (type: JsonValue) => ({ type: 'record', name: 'Thing', fields: [{ name: 'a', type }] });
  for (const type of [
    { type: 'string', logicalType: 'decimal-string' },
    { type: 'int', logicalType: 'safe-integer' },
    { type: 'long', logicalType: 'json' },
  ])
    await expect(register(db, { subject, content: of(type) })).rejects.toMatchObject({
      code: 'validation_failed',
    });
  await register(db, { subject, content: of('string') });
  await expect(
    register(db, { subject, content: of({ type: 'string', logicalType: 'json' }) }),
  ).rejects.toMatchObject({ code: 'schema_incompatible' });
});

test('a schema that cannot read every earlier version is refused; one that can gets the next version', async () => {
  const subject = `test-${randomUUID()}`;
  const schema = (fields: JsonValue[]) => ({ type: 'record', name: 'Thing', fields });
  const a = { name: 'a', type: 'string' };
  const optional = { name: 'b', type: ['null', 'string'], default: null };
  const one = await register(db, { subject, content: schema([a]) });
  expect(await register(db, { subject, content: schema([a]) })).toEqual({ ...one, replayed: true });
  await expect(
    register(db, { subject, content: schema([a, { name: 'b', type: 'string' }]) }),
  ).rejects.toMatchObject({
    code: 'schema_incompatible',
  });
  await expect(
    register(db, { subject, content: schema([{ name: 'a', type: 'int' }]) }),
  ).rejects.toMatchObject({
    code: 'schema_incompatible',
  });
  expect(await register(db, { subject, content: schema([a, optional]) })).toMatchObject({ version: 2 });
  expect(await register(db, { subject, content: schema([optional]) })).toMatchObject({ version: 3 });
  // readable for version 3, not for version 1: transitive
  await expect(
    register(db, { subject, content: schema([{ ...optional, type: ['null', 'int'] }]) }),
  ).rejects.toMatchObject({ code: 'schema_incompatible' });
  await expect(register(db, { subject, content: { type: 'nonsense' } })).rejects.toMatchObject({
    code: 'validation_failed',
  });
});

test('an older writer is read through the newer schema', async () => {
  const content = {
    type: 'record',
    name: 'RegisteredV1',
    namespace: 'game.player',
    fields: [
      { name: 'playerId', type: 'string' },
      { name: 'gone', type: 'long' },
    ],
  };
  const { id } = await db
    .query<{ id: number }>(
      "INSERT INTO schemas (subject, version, fingerprint, content) VALUES ($1, 99, 'x', $2) RETURNING id",
      [subjectOf('game.player.registered.v1'), JSON.stringify(content)],
    )
    .then(({ rows }) => rows[0]!);
  const header = Buffer.alloc(5);
  header.writeInt32BE(id, 1);
  const value = Buffer.concat([header, avroType(content).toBuffer({ playerId: 'p', gone: 5n })]);
  expect(await codec.decode('game.player.registered.v1', value, '')).toEqual({ playerId: 'p' });
});
