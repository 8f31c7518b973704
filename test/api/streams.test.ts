import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, expect, test } from 'vitest';
import { createApp } from '../../api/app.ts';
import { startApi } from '../../api/main.ts';
import { createStreamRegistry } from '../../api/stream/registry.ts';
import { startRelay } from '../../events/relay/relay.ts';
import { startStreams } from '../../events/streams/start-streams.ts';
import { streams as catalogue } from '../../events/streams/streams.ts';
import { eventually, tell } from '../events/support.ts';
import { kafkaApi } from './kafka-api.ts';

const own = ['economy.mailbox', 'notifications.player'];
const api = await kafkaApi([...new Set([...catalogue.flatMap(({ topics }) => topics), ...own])]);
const { db } = api;
const { metrics, log } = api.deps;
const relay = startRelay({ ...api.events, db, metrics, log, crash: () => {} });
const eventStreams = startStreams({ ...api.events, log });
const deps = { ...api.deps, eventStreams };
const app = createApp(deps);
afterAll(() => Promise.all([relay.stop(), eventStreams.stop()]));

const { token } = await api.player();
const studio = await api.key(['streams:read'], 'follower');

const open = async (path: string, headers: Record<string, string> = {}, on = app, credential = studio) =>
  on.request(path, { headers: { authorization: `Bearer ${credential}`, ...headers } });

type Frame = { id: string; event: string; data: Record<string, unknown> };

/** What a stream has said so far. */
function listen(response: Response) {
  expect(response.status).toBe(200);
  const frames: Frame[] = [];
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  const done = (async () => {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      const blocks = (text + part.value).split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) {
        const of = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? '';
        if (of('data') !== '')
          frames.push({ id: of('id'), event: of('event'), data: JSON.parse(of('data')) as Frame['data'] });
      }
    }
  })();
  return { frames, done, close: () => reader.cancel() };
}

const listing = (type: 'placed' | 'sold', listingId: string = randomUUID()) =>
  ({
    type: `market.listing.${type}.v1` as const,
    key: listingId,
    data: {
      listingId,
      sellerId: 'the-seller',
      itemId: randomUUID(),
      kind: 'iron_sword',
      asset: 'gold',
      price: '7',
    },
  }) as const;
const audited = (detail: string) =>
  ({
    type: 'audit.trail.recorded.v1',
    key: 'system:test',
    data: { actor: 'system:test', action: 'test', target: 'x', detail },
  }) as const;
const droppedOf = async (stream: string) =>
  (await metrics.streamDrops.get()).values
    .filter(({ labels }) => Object.values(labels).includes(stream))
    .reduce((sum, { value }) => sum + value, 0);

test('a public stream tells everyone signed in what everyone may know, and not who asked or sells', async () => {
  const all = listen(await open('/v1/streams/market', {}, app, token));
  const sold = listen(await open('/v1/streams/market?types=market.listing.sold.v1,market.trade.*'));
  const listingId = randomUUID();
  await tell(db, listing('placed', listingId), listing('sold', listingId));
  await eventually('both', () => all.frames.length === 2 && sold.frames.length === 1);
  const [placed] = all.frames;
  expect(placed?.event).toBe('market.listing.placed.v1');
  expect(placed?.data).toMatchObject({
    specversion: '1.0',
    type: 'market.listing.placed.v1',
    subject: listingId,
    sequence: '1',
    data: { listingId, kind: 'iron_sword', price: '7' },
  });
  expect(JSON.stringify(all.frames)).not.toContain('the-seller');
  expect(sold.frames.map(({ event }) => event)).toEqual(['market.listing.sold.v1']);
  await Promise.all([all.close(), sold.close()]);
});

test('who comes back, to this process or to another, hears what came after the last id', async () => {
  const first = listen(await open('/v1/streams/audit'));
  await tell(db, audited('1'), audited('2'));
  await eventually('two', () => first.frames.length === 2);
  await first.close();
  await tell(db, audited('3'), audited('4'));
  const lastEventId = { 'last-event-id': first.frames[1]!.id };
  const elsewhere = startStreams({ ...api.events, log });
  const other = createApp({ ...deps, eventStreams: elsewhere });
  const details = ({ frames }: typeof first) =>
    frames.map(({ data }) => (data['data'] as { detail: string }).detail);
  for (const on of [app, other]) {
    const again = listen(await open('/v1/streams/audit', lastEventId, on));
    await eventually('the rest', () => again.frames.length >= 2);
    await tell(db, audited('later'));
    await eventually('and what is new', () => details(again).includes('later'));
    expect(details(again).slice(0, 2)).toEqual(['3', '4']);
    await again.close();
  }
  await elsewhere.stop();

  // a place beyond the end is one in a former topic of that name
  const former = { 'last-event-id': first.frames[1]!.id.replace(/\/\d+\/(\d+)$/, '/999999999/$1') };
  const again = listen(await open('/v1/streams/audit', former));
  await eventually('what came since', () => details(again).includes('4'));
  expect(details(again)).toContain('3');
  await again.close();
});

test('a stream is for those who may follow it, and bad requests are refused before anything is read', async () => {
  const limited = await api.key(['streams:read'], 'limited', { publish: [], read: ['ledger.journal'] });
  const unscoped = await api.key(['events:read'], 'unscoped');
  const refusals: [string, string, Record<string, string>, number, string][] = [
    ['/v1/streams/grants', token, {}, 403, 'forbidden'],
    ['/v1/streams/grants', limited, {}, 403, 'forbidden'],
    ['/v1/streams/ledger', limited, {}, 403, 'forbidden'],
    ['/v1/streams/market', unscoped, {}, 403, 'forbidden'],
    ['/v1/streams/audit.trail', studio, {}, 404, 'not_found'],
    ['/v1/streams/market', studio, { 'last-event-id': 'nonsense' }, 422, 'validation_failed'],
    ['/v1/streams/market', studio, { 'last-event-id': 'audit.trail/0/1/1' }, 422, 'validation_failed'],
    ['/v1/streams/market?types=*nonsense', studio, {}, 422, 'validation_failed'],
    ['/v1/streams/market?topic=audit.trail', studio, {}, 422, 'validation_failed'],
  ];
  for (const [path, credential, headers, status, code] of refusals) {
    const reply = await open(path, headers, app, credential);
    expect([path, reply.status]).toEqual([path, status]);
    expect(await reply.json()).toMatchObject({ code });
  }
  const listed = async (credential: string) =>
    ((await (await open('/v1/streams', {}, app, credential)).json()) as { streams: { name: string }[] })
      .streams;
  expect((await listed(token)).map(({ name }) => name)).toEqual(['matches', 'market']);
  expect((await listed(limited)).map(({ name }) => name)).toEqual(['matches', 'market']);
  expect(await listed(studio)).toHaveLength(catalogue.length);
});

test('a reader that falls behind is let go with a reason; others hear everything', async () => {
  const attentive = listen(await open('/v1/streams/audit'));
  const slow = await open('/v1/streams/audit');
  const before = await droppedOf('audit');
  for (let n = 0; n < 6; n++) await tell(db, audited(`${n}`.repeat(400_000)));
  await eventually('all', () => attentive.frames.length === 6);
  await eventually('the other is let go', async () => (await droppedOf('audit')) === before + 1);
  const said = listen(slow);
  await said.done;
  expect(said.frames.at(-1)).toMatchObject({ event: 'dropped', data: { reason: 'too_slow' } });
  // it goes on where it was, as often as it takes
  const heard = said.frames.filter(({ event }) => event !== 'dropped');
  while (heard.length < 6) {
    const again = listen(await open('/v1/streams/audit', { 'last-event-id': heard.at(-1)!.id }));
    await eventually('more', () => again.frames.length > 0);
    await again.close();
    heard.push(...again.frames.filter(({ event }) => event !== 'dropped'));
  }
  expect(heard.map(({ id }) => id)).toEqual(attentive.frames.map(({ id }) => id));
  await attentive.close();
});

test('a client that never reads holds nothing up, and its connection is cut', async () => {
  const server = await startApi(deps, { host: '127.0.0.1', port: 0 });
  const attentive = listen(await open('/v1/streams/audit'));
  const deaf = connect(Number(new URL(server.url).port), '127.0.0.1');
  deaf.on('error', () => {});
  deaf.write(`GET /v1/streams/audit HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${studio}\r\n\r\n`);
  const [beginning] = (await once(deaf, 'data')) as [Buffer];
  expect(beginning.toString()).toContain('200 OK');
  deaf.pause();
  const before = await droppedOf('audit');
  let told = 0;
  // whatever the sockets' own buffers hold
  while ((await droppedOf('audit')) === before) {
    await tell(db, audited('y'.repeat(900_000)));
    told += 1;
    await eventually('the other hears it', () => attentive.frames.length === told);
  }
  // it hears nothing, so it learns by speaking that nobody is there any more
  await eventually('its connection is cut', () => deaf.destroyed || (deaf.write('x'), false));
  await attentive.close();
  await server.stop();
});

test('who resumes much holds up nobody else, and is refused when it is too much', async () => {
  const first = listen(await open('/v1/streams/audit'));
  await tell(db, audited('a'), audited('b'));
  await eventually('both', () => first.frames.length === 2);
  const lastEventId = { 'last-event-id': first.frames[0]!.id };
  await first.close();
  let readCount = 0;
  const stuck = Promise.withResolvers<void>();
  const { broker } = api.events;
  // what is read first, and from the third on, takes as long as the test
  const readFrom: typeof broker.readFrom = async (options) => {
    if (readCount++ !== 1) await stuck.promise;
    return broker.readFrom(options);
  };
  const elsewhere = startStreams({ ...api.events, broker: { ...broker, readFrom }, log });
  const other = createApp({ ...deps, eventStreams: elsewhere });
  const resume = (credential = studio) => open('/v1/streams/audit', lastEventId, other, credential);
  const greedy: ReturnType<typeof listen>[] = [];
  for (let n = 0; n < 5; n++) greedy.push(listen(await resume()));
  await eventually('one is read', () => readCount === 1);
  const refused = await resume();
  expect([refused.status, refused.headers.get('retry-after'), await refused.json()]).toMatchObject([
    429,
    '5',
    { code: 'rate_limited' },
  ]);
  const patient = listen(await resume(await api.key(['streams:read'], 'patient')));
  await eventually('the other hears its past', () => patient.frames.length === 1);
  expect(greedy.every(({ frames }) => frames.length === 0)).toBe(true);
  const others: ReturnType<typeof listen>[] = [];
  for (let reader = 1; reader < 10; reader++) {
    const credential = await api.key(['streams:read'], `reader-${reader}`);
    for (let n = 0; n < 5; n++) others.push(listen(await resume(credential)));
  }
  const late = await resume(await api.key(['streams:read'], 'late'));
  expect([late.status, late.headers.get('retry-after'), await late.json()]).toMatchObject([
    503,
    '5',
    { code: 'overloaded' },
  ]);
  const fresh = await open('/v1/streams/audit', {}, other, await api.key(['streams:read'], 'fresh'));
  expect(fresh.status).toBe(200);
  await Promise.all([fresh.body?.cancel(), ...others.map(({ close }) => close())]);
  stuck.resolve();
  await eventually('all are told in the end', () => greedy.every(({ frames }) => frames.length === 1));
  await Promise.all([patient, ...greedy].map(({ close }) => close()));
  await elsewhere.stop();
});

test('streams are as many as a reader and a process may have; a server that stops says so', async () => {
  const few = createApp({ ...deps, streams: createStreamRegistry({ countMax: 21 }) });
  const opened = await Promise.all(Array.from({ length: 20 }, () => open('/v1/streams/market', {}, few)));
  const refused = await open('/v1/streams/market', {}, few);
  expect([refused.status, await refused.json()]).toMatchObject([429, { code: 'rate_limited' }]);
  const last = await open('/v1/streams/market', {}, few, token);
  expect(last.status).toBe(200);
  const full = await open('/v1/streams/market', {}, few, await api.key(['streams:read'], 'another'));
  expect([full.status, full.headers.get('retry-after')]).toEqual([503, '5']);
  for (const response of [...opened, last]) await response.body?.cancel();
  expect((await open('/v1/streams/market', {}, few)).status).toBe(200);

  const stopping = createApp({ ...deps, isStopping: () => true });
  const late = await open('/v1/streams/market', {}, stopping);
  expect([late.status, late.headers.get('retry-after')]).toEqual([503, '1']);
  const { eventStreams: _, ...without } = deps;
  expect((await open('/v1/streams/market', {}, createApp(without))).status).toBe(503);
});
