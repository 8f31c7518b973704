import { randomBytes, randomUUID } from 'node:crypto';
import kafkajs from 'kafkajs';
import { afterAll, expect, inject, test } from 'vitest';
import { consume } from '../../../events/consumer/consume.ts';
import { listDeadLetters } from '../../../store/dead-letters/reads.ts';
import { createEffects, readEffects, recordingMany } from '../recording.ts';
import { countRows, eventTools, eventually } from '../support.ts';

/** What anybody may put on a topic; a consumer meets it between good events, in the same batches. */
const tools = await eventTools(['game.match'], 2);
const { db, broker } = tools;
await createEffects(tools.url);
const handler = recordingMany((reasons) => {
  const told = reasons.find((reason) => reason.startsWith('tell '));
  if (told !== undefined) throw new Error(told);
});
const consumer = consume(tools, handler);
afterAll(() => consumer.stop());

type Given = {
  key: Buffer | null;
  value: Buffer | null;
  headers: Record<string, string | undefined>;
};

const goodHeaders = (): Record<string, string> => ({
  ce_id: randomUUID(),
  ce_type: 'game.match.cancelled.v1',
  ce_source: '/lootledger/test',
  ce_specversion: '1.0',
  ce_time: new Date().toISOString(),
  'content-type': 'application/json',
});
const good = (match: string, reason = 'good'): Given => ({
  key: Buffer.from(match),
  value: Buffer.from(JSON.stringify({ matchId: match, reason, playerIds: [] })),
  headers: goodHeaders(),
});
const without = (name: string) => (given: Given) => ({
  ...given,
  headers: { ...given.headers, [name]: undefined },
});
const having = (headers: Record<string, string>) => (given: Given) => ({
  ...given,
  headers: { ...given.headers, ...headers },
});
const telling = (reason: string) => (given: Given) => ({ ...given, value: good('', reason).value });
const avro = { 'content-type': 'application/avro' };
const incompressible = randomBytes(6_000).toString('base64');
const farAhead = { ce_time: new Date(Date.now() + 400 * 86_400_000).toISOString() };

const send = (givens: readonly Given[]) =>
  broker.send(
    givens.map(({ key, value, headers }) => ({
      topic: 'game.match',
      key,
      value,
      headers: Object.fromEntries(
        Object.entries(headers).flatMap(([name, text]) =>
          text === undefined ? [] : [[name, Buffer.from(text)] as const],
        ),
      ),
    })),
    10_000,
  );

type Case = [
  what: string,
  spoil: (given: Given) => Given,
  fate: 'undecodable' | 'schema_violation' | 'unknown_version' | 'handled' | 'skipped' | 'failed',
];
const cases: Case[] = [
  ['no value', (given) => ({ ...given, value: null }), 'undecodable'],
  ['an empty value', (given) => ({ ...given, value: Buffer.alloc(0) }), 'undecodable'],
  ['bytes that are no JSON', (given) => ({ ...given, value: Buffer.from([0xff, 0xfe, 0]) }), 'undecodable'],
  [
    'JSON that does not fit',
    (given) => ({ ...given, value: Buffer.from('{"matchId":1}') }),
    'schema_violation',
  ],
  ['bytes that are no Avro', having(avro), 'undecodable'],
  [
    'an unknown schema id',
    (given) => having(avro)({ ...given, value: Buffer.from([0, 0x7f, 0xff, 0xff, 0xff, 1]) }),
    'undecodable',
  ],
  [
    'Avro that ends too early',
    (given) => having(avro)({ ...given, value: Buffer.from([0, 0, 0, 0, 1]) }),
    'undecodable',
  ],
  ['no id', without('ce_id'), 'undecodable'],
  ['an empty id', having({ ce_id: '' }), 'undecodable'],
  ['an id that no text column takes', having({ ce_id: 'a\0b' }), 'undecodable'],
  ['an id that no index takes', having({ ce_id: incompressible }), 'undecodable'],
  ['a source that no index takes', having({ ce_source: incompressible }), 'undecodable'],
  ['no source', without('ce_source'), 'undecodable'],
  ['no type', without('ce_type'), 'undecodable'],
  ['no headers at all', (given) => ({ ...given, headers: {} }), 'undecodable'],
  [
    'an unknown version of a type it knows',
    having({ ce_type: 'game.match.cancelled.v9' }),
    'unknown_version',
  ],
  ['a type nobody knows', having({ ce_type: 'game.match.teleported.v1' }), 'skipped'],
  ['a type that is no type', having({ ce_type: '../../etc/passwd\n' }), 'skipped'],
  ['a time that is far ahead', having(farAhead), 'handled'],
  ['a time that is none', having({ ce_time: 'yesterday' }), 'handled'],
  ['a sequence that is no number', having({ ce_sequence: '-1e999' }), 'handled'],
  ['a trace that is none', having({ traceparent: 'zz' }), 'handled'],
  ['another aggregate’s key', (given) => ({ ...given, key: Buffer.from(randomUUID()) }), 'handled'],
  ['no key', (given) => ({ ...given, key: null }), 'handled'],
  ['an empty key', (given) => ({ ...given, key: Buffer.alloc(0) }), 'handled'],
  ['a huge key', (given) => ({ ...given, key: Buffer.alloc(20_000, 'k') }), 'handled'],
  ['a key that is no text', (given) => ({ ...given, key: Buffer.from([0, 0xff, 0xfe]) }), 'handled'],
  [
    'a huge key and no value',
    (given) => ({ ...given, key: Buffer.alloc(20_000, 'q'), value: null }),
    'undecodable',
  ],
  [
    'text that the parser’s message cuts in the middle of a character',
    (given) => ({ ...given, value: Buffer.from('😀'.repeat(30)) }),
    'undecodable',
  ],
  [
    'an id that is cut in the middle of a character',
    having({ ce_id: `${'x'.repeat(1_999)}😀` }),
    'undecodable',
  ],
  ['a failure that is told with half a character', telling(`tell ${'😀'.slice(0, 1)}`), 'failed'],
  ['a failure that is told with a zero character', telling('tell \0'), 'failed'],
  ['a failure that is told at length', telling(`tell ${'x'.repeat(1_994)}😀`), 'failed'],
  ['an empty key and no value', (given) => ({ ...given, key: Buffer.alloc(0), value: null }), 'undecodable'],
];

test.each(cases)('%s: one event’s affair, its neighbours are handled', async (_what, spoil, fate) => {
  const [match, before, after] = [randomUUID(), randomUUID(), randomUUID()];
  const spoilt = spoil(good(match, 'odd'));
  await send([good(before), spoilt, good(after)]);
  await eventually('the neighbours', async () => {
    const done = [await readEffects(db, handler.group, before), await readEffects(db, handler.group, after)];
    return done.every(({ length }) => length === 1);
  });
  const found = async () => {
    const letters = await listDeadLetters(db, { group: handler.group, limit: 1_000 });
    return letters.filter(({ key, value }) => same(key, spoilt.key) && same(value, spoilt.value));
  };
  if (fate === 'handled') {
    await eventually('the effect', async () => (await readEffects(db, handler.group, match)).length === 1);
  } else if (fate !== 'skipped') {
    const [letter] = await eventually('the letter', async () => {
      const letters = await found();
      return letters.length > 0 ? letters : undefined;
    });
    const by = fate === 'failed' ? { errorClass: 'Error', attempts: 3 } : { errorClass: fate, attempts: 1 };
    expect(letter).toMatchObject({ ...by, status: 'waiting' });
    expect(letter?.errorMessage.isWellFormed()).toBe(true);
  }
  expect(await readEffects(db, handler.group, match)).toEqual(fate === 'handled' ? ['odd'] : []);
  if (fate === 'handled' || fate === 'skipped') expect(await found()).toEqual([]);
});

const times: [what: string, timestampMs: number, hasValue: boolean, fate: 'handled' | 'dead' | 'skipped'][] =
  [
    ['before all calendars', -9e15, true, 'skipped'],
    ['before all calendars, without a value', -9e15, false, 'skipped'],
    ['long before ours', -1e15, true, 'skipped'],
    ['at the beginning of time', 0, true, 'skipped'],
    ['after all calendars', 9e15, true, 'handled'],
    ['after all calendars, without a value', 9e15, false, 'dead'],
  ];

test('a record from any time that Kafka takes is brought to an end', async () => {
  await broker.admin.alterTopic('game.match', {
    'message.timestamp.type': 'CreateTime',
    'message.timestamp.after.max.ms': '9223372036854775807',
  });
  const brokers = [...inject('servers').kafkaBrokers];
  const kafka = new kafkajs.Kafka({ brokers, logLevel: kafkajs.logLevel.NOTHING });
  const producer = kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
  await producer.connect();
  const sent = times.map(([what, timestampMs, hasValue, fate]) => ({
    what,
    fate,
    match: randomUUID(),
    timestamp: `${timestampMs}`,
    hasValue,
  }));
  for (const { match, timestamp, hasValue, what } of sent) {
    const value = hasValue ? good(match, what).value : null;
    const { ce_time: _, ...headers } = goodHeaders();
    const messages = [{ key: match, value, headers, timestamp }];
    await producer.send({ topic: `${tools.prefix}game.match`, messages });
  }
  await producer.disconnect();
  await allCommitted();
  const letters = await listDeadLetters(db, { group: handler.group, limit: 1_000 });
  for (const { what, fate, match } of sent) {
    expect(await readEffects(db, handler.group, match)).toEqual(fate === 'handled' ? [what] : []);
    const isDead = letters.some(({ key }) => key?.toString() === match);
    expect([what, isDead]).toEqual([what, fate === 'dead']);
  }
});

test('and after all of it every offset is committed', async () => {
  await allCommitted();
  expect(await countRows(db, 'parked_events')).toBe(0);
});

const allCommitted = () =>
  eventually('all are committed', async () => {
    const [ends, offsets] = await Promise.all([
      broker.admin.partitionEnds('game.match'),
      broker.admin.groupOffsets(handler.group, 'game.match'),
    ]);
    return ends.every(
      ({ partition, endOffset }) =>
        endOffset === 0n ||
        offsets.some((entry) => entry.partition === partition && entry.offset === endOffset),
    );
  });

const same = (a: Buffer | null, b: Buffer | null): boolean =>
  a === null || b === null ? a === b : a.equals(b);
