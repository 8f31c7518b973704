import { randomBytes, randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import type { DeliveredRecord } from '../../../events/kafka/broker.ts';
import { createCodec } from '../../../events/codec/codec.ts';
import { consume } from '../../../events/consumer/consume.ts';
import { createEncryption, encryptionHeader, sealingBroker } from '../../../events/codec/encryption.ts';
import type { Encryption } from '../../../events/codec/encryption.ts';
import { DeadEvent, failureKind } from '../../../events/consumer/failures.ts';
import { everything, openNamedStream } from '../../../events/streams/named-streams.ts';
import { openPlayerEvents } from '../../../events/streams/player-events.ts';
import { openRegistry } from '../../../events/codec/registry.ts';
import { startRelay } from '../../../events/relay/relay.ts';
import { streams } from '../../../events/streams/streams.ts';
import { toStructured } from '../../../events/codec/structured.ts';
import { createEffects, readEffects, recording } from '../recording.ts';
import { countRows, eventTools, eventually, readTopic, tell } from '../support.ts';

const topic = 'game.match';
const type = 'game.match.cancelled.v1';
const tools = await eventTools([topic]);
await createEffects(tools.url);
const registry = await openRegistry(tools.db);

const spring = { id: 'spring', secret: randomBytes(32) };
const summer = { id: 'summer', secret: randomBytes(32) };
const sealedWith = (...keys: (typeof spring)[]) => createEncryption({ keys, topics: ['game.*'] });

/** Tells a match's end through a relay that seals so, and answers what Kafka has of it. */
async function publish(
  encryption: Encryption,
  matchId: string,
  reason: string,
  playerIds: string[] = [],
): Promise<DeliveredRecord> {
  const relay = startRelay({ ...tools, broker: sealingBroker(tools.broker, encryption) });
  await tell(tools.db, { type, key: matchId, data: { matchId, reason, playerIds } });
  await eventually('it is published', async () => (await countRows(tools.db, 'outbox')) === 0);
  await relay.stop();
  const record = (await readTopic(tools.broker, topic)).findLast(({ key }) => key?.toString() === matchId);
  return record!;
}

const readWith = (encryption: Encryption, record: DeliveredRecord) =>
  toStructured(createCodec(registry, { encryption }), record);

const changed = (record: DeliveredRecord, change: Partial<Record<string, string>>): DeliveredRecord => ({
  ...record,
  headers: {
    ...record.headers,
    ...Object.fromEntries(Object.entries(change).map(([name, text]) => [name, Buffer.from(text ?? '')])),
  },
});

test('Kafka holds ciphertext; who has the key reads it, after a rotation too', async () => {
  const secret = `secret-${randomUUID()}`;
  const old = await publish(sealedWith(spring), randomUUID(), secret);
  expect(old.value!.includes(secret)).toBe(false);
  expect(old.headers[encryptionHeader]!.toString()).toMatch(/^A256GCM;spring;/);
  const rotated = sealedWith(summer, spring);
  const recent = await publish(rotated, randomUUID(), secret);
  expect(recent.headers[encryptionHeader]!.toString()).toMatch(/^A256GCM;summer;/);
  for (const record of [old, recent])
    expect(await readWith(rotated, record)).toMatchObject({ type, data: { reason: secret } });
  // never the same twice
  const again = await publish(rotated, randomUUID(), secret);
  expect(again.headers[encryptionHeader]).not.toEqual(recent.headers[encryptionHeader]);
});

test('a topic that is not named stays as it is, and what was sealed is not sealed again', async () => {
  const elsewhere = createEncryption({ keys: [spring], topics: ['economy.*'] });
  const plain = await publish(elsewhere, randomUUID(), 'open');
  expect(plain.headers[encryptionHeader]).toBeUndefined();
  expect(await readWith(sealedWith(spring), plain)).toMatchObject({ data: { reason: 'open' } });
  const sealed = await publish(sealedWith(spring), randomUUID(), 'once');
  const copy = { ...sealed, topic: 'game.match.dlq' };
  expect(sealedWith(summer).seal(copy)).toBe(copy);
  expect(await readWith(sealedWith(spring), copy)).toMatchObject({ data: { reason: 'once' } });
});

test('a value that was changed, cut or put under another event is dead', async () => {
  const encryption = sealedWith(spring);
  const record = await publish(encryption, randomUUID(), 'as sealed');
  const flipped = Buffer.from(record.value!);
  flipped[3]! ^= 1;
  for (const tampered of [
    { ...record, value: flipped },
    { ...record, value: record.value!.subarray(0, 10) },
    { ...record, value: record.value!.subarray(0, -1) },
    changed(record, { ce_id: randomUUID() }),
    changed(record, { ce_source: '/clients/mallory' }),
    changed(record, { ce_type: 'game.match.voided.v1' }),
    changed(record, { [encryptionHeader]: 'A256GCM;spring' }),
    changed(record, { [encryptionHeader]: `A256GCM;spring;${randomBytes(12).toString('base64')}` }),
  ])
    await expect(readWith(encryption, tampered)).rejects.toMatchObject({ errorClass: 'undecodable' });
});

test('a key that is missing is our fault where we write, and the event’s where others do', async () => {
  const record = await publish(sealedWith(spring), randomUUID(), 'x');
  const refusal = (of: DeliveredRecord) => readWith(sealedWith(summer), of).catch((error: unknown) => error);
  const missing = await refusal(record);
  expect([failureKind(missing), String(missing)]).toEqual(['fault', expect.stringMatching(/spring/)]);
  expect(await refusal({ ...record, topic: 'game.result' })).toBeInstanceOf(DeadEvent);
  expect(() => createEncryption({ keys: [], topics: ['game.match'] })).toThrow(/EVENT_ENCRYPTION_KEYS/);
});

test('streams tell what is sealed as they tell everything else', async () => {
  const encryption = sealedWith(spring);
  const playerId = randomUUID();
  const record = await publish(encryption, randomUUID(), 'sealed', [playerId]);
  const { log } = tools;
  const deps = { log, codec: createCodec(registry, { encryption }), readPast: () => Promise.resolve([]) };
  const told: unknown[] = [];
  const own = openPlayerEvents(deps);
  own.subscribe(playerId, ({ data }) => told.push(data));
  await own.hear(record);
  const named = openNamedStream(
    deps,
    streams.find(({ name }) => name === 'matches')!,
  );
  named.subscribe(everything, ({ event }) => told.push(event.data));
  await named.hear(record);
  expect(told).toMatchObject([{ reason: 'sealed' }, { reason: 'sealed' }]);
});

test('a group without the key waits, loses nothing, and goes on when it has it', async () => {
  const matchId = randomUUID();
  await publish(sealedWith(spring), matchId, 'waited for');
  const handler = recording();
  const codecWith = (encryption: Encryption) => createCodec(registry, { encryption });
  const warnings: string[] = [];
  const log = Object.assign(Object.create(tools.log) as typeof tools.log, {
    warn: (_: object, text: string) => void warnings.push(text),
  });
  const without = consume({ ...tools, log, codec: codecWith(sealedWith(summer)) }, handler);
  await eventually('it waits', () => warnings.find((text) => text.includes('waits'))).finally(() =>
    without.stop(),
  );
  expect(await countRows(tools.db, 'dead_letters')).toBe(0);
  const withKey = consume({ ...tools, codec: codecWith(sealedWith(spring)) }, handler);
  await eventually('it is handled', async () => (await readEffects(tools.db, handler.group, matchId)).length);
  await withKey.stop();
  expect(await countRows(tools.db, 'dead_letters')).toBe(0);
});
