import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import type { DropTable, Economy } from '../../domain/economy/types.ts';
import type { TestApi } from './support.ts';
import { testApi } from './support.ts';

let api: TestApi;
let operator: string;
const read = async (name: string) =>
  JSON.parse(await readFile(new URL(`../../economies/${name}.json`, import.meta.url), 'utf8')) as Economy;
const [arena, showcase] = [await read('arena'), await read('showcase')];

beforeAll(async () => {
  api = await testApi();
  operator = await api.key(['economy:read', 'economy:write'], 'backoffice');
});

const versionNow = async () =>
  (await api.send('GET', '/v1/economy', { token: operator })).headers.get('etag')!;
const put = async (body: object, headers: Record<string, string> = {}, key = randomUUID()) =>
  api.send('PUT', '/v1/economy', {
    token: operator,
    key,
    body,
    headers: { 'if-match': await versionNow(), ...headers },
  });
const withFee = (feeBasisPoints: number) => ({ ...arena, market: { ...arena.market, feeBasisPoints } });
const places = (body: Record<string, unknown>) => body['errors'] as { pointer: string; detail: string }[];

describe('an economy over HTTP', () => {
  test('is planned without a trace, then applied once under the version one has seen', async () => {
    const before = await versionNow();
    const planned = await put({ mode: 'plan', economy: withFee(300) });
    expect(planned.body).toMatchObject({
      applied: false,
      changes: [{ change: 'replace', pointer: '/market/feeBasisPoints', before: 500, after: 300 }],
      limits: [{ pointer: '/market/feeBasisPoints' }],
      odds: [],
      stranded: [],
      conflicts: [],
    });
    expect(await versionNow()).toBe(before);

    const key = randomUUID();
    const applied = await put({ mode: 'apply', economy: withFee(300) }, { 'if-match': before }, key);
    expect([applied.status, applied.body['applied']]).toEqual([200, true]);
    expect(applied.headers.get('etag')).toBe(await versionNow());
    expect(await versionNow()).not.toBe(before);
    const again = await put({ mode: 'apply', economy: withFee(300) }, { 'if-match': before }, key);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(again.body).toEqual(applied.body);
    const { body } = await api.send('GET', '/v1/economy/versions?limit=1', { token: operator });
    expect(body['items']).toMatchObject([
      { version: applied.body['version'], hash: applied.body['hash'], appliedBy: 'client:backoffice' },
    ]);
    const older = await api.send('GET', `/v1/economy/versions?limit=1&cursor=${String(body['nextCursor'])}`, {
      token: operator,
    });
    expect(older.body['items']).toMatchObject([{ version: Number(applied.body['version']) - 1 }]);
  });

  test('is refused to whoever has not seen the current version', async () => {
    const body = { mode: 'apply', economy: withFee(400) };
    const stale = await put(body, { 'if-match': '"99"' });
    expect([stale.status, stale.body['code']]).toEqual([412, 'precondition_failed']);
    const blind = await api.send('PUT', '/v1/economy', { token: operator, key: randomUUID(), body });
    expect([blind.status, blind.body['code']]).toEqual([428, 'precondition_required']);
  });

  test.each<[string, (table: DropTable) => DropTable, string]>([
    [
      'weights that do not add up',
      (table) => ({ ...table, total: 99 }),
      '/economy/dropTables/match.winner/total',
    ],
    [
      'weights that overflow',
      (table) => ({ ...table, entries: table.entries.map((entry) => ({ ...entry, weight: 2 ** 32 })) }),
      '/economy/dropTables/match.winner/entries',
    ],
    [
      'an unreachable drop',
      (table) => ({ ...table, entries: [...table.entries, { nothing: true, weight: 0 }] }),
      '/economy/dropTables/match.winner/entries/3/weight',
    ],
    [
      'other odds under the published version',
      (table) => ({ ...table, entries: table.entries.slice(1) }),
      '/economy/dropTables/match.winner/version',
    ],
  ])('is refused with its place for %s', async (_, change, pointer) => {
    const dropTables = { 'match.winner': change(arena.dropTables['match.winner']!) };
    const { status, body } = await put({ mode: 'apply', economy: { ...arena, dropTables } });
    expect([status, body['code'], places(body).map((place) => place.pointer)]).toEqual([
      422,
      'economy_invalid',
      [pointer],
    ]);
  });

  test('does not drop what players own, unless that is said', async () => {
    const { playerId } = await api.player();
    const grants = await api.key(['grants:write'], 'game');
    const paid = await api.send('POST', '/v1/grants', {
      token: grants,
      key: randomUUID(),
      body: { reference: randomUUID(), player: { id: playerId }, items: [{ kind: 'rare_sword' }] },
    });
    expect(paid.status).toBe(201);
    const { rare_sword: _, ...kinds } = arena.kinds;
    const table = { version: 2, entries: arena.dropTables['match.winner']!.entries.slice(0, 2) };
    const economy = { ...arena, kinds, dropTables: { 'match.winner': table } };
    const planned = await put({ mode: 'plan', economy });
    expect(planned.body['stranded']).toEqual([
      { pointer: '/kinds/rare_sword', detail: '1 items of it exist' },
    ]);
    const refused = await put({ mode: 'apply', economy });
    expect([refused.status, places(refused.body)]).toMatchObject([
      422,
      [{ pointer: '/economy/kinds/rare_sword' }],
    ]);
    expect((await put({ mode: 'apply', economy, allowStranded: true })).body['applied']).toBe(true);
    const rare = await put({ mode: 'plan', economy: arena });
    expect(rare.body['odds']).toMatchObject([
      {
        table: 'match.winner',
        versions: { before: 2, after: 1 },
        odds: [
          {
            drop: 'iron_sword',
            before: { exact: '2/3', percent: '66.666667' },
            after: { exact: '3/5', percent: '60' },
          },
          { drop: 'steel_sword' },
          { drop: 'rare_sword', before: null, after: { percent: '10' } },
        ],
      },
    ]);
  });

  test('may be larger than other bodies, up to 1 MiB', async () => {
    const kinds = Object.fromEntries(
      Array.from({ length: 2_000 }, (_, n) => [
        `kind_${n}`,
        { version: 1, attributes: { text: 'x'.repeat(60) } },
      ]),
    );
    const { status, body } = await put({
      mode: 'plan',
      economy: { ...arena, kinds: { ...arena.kinds, ...kinds } },
    });
    const changes = body['changes'] as { pointer: string }[];
    const added = changes.filter(({ pointer }) => pointer.startsWith('/kinds/kind_'));
    expect([status, added.length]).toEqual([200, 2_000]);
    const huge = await put({ mode: 'plan', economy: { text: 'x'.repeat(1024 * 1024) } });
    expect(huge.status).toBe(413);
  });
});

test('odds are public: exact, in percent, with what is nested multiplied out, and pity described', async () => {
  await put({ mode: 'apply', economy: showcase, allowStranded: true });
  const { status, body } = await api.send('GET', '/v1/drop-tables');
  expect(status).toBe(200);
  const tables = body['tables'] as { code: string; [member: string]: unknown }[];
  const [chest, weapons] = ['chest', 'weapons'].map((name) => tables.find(({ code }) => code === name)!);
  expect(chest).toMatchObject({
    version: 1,
    totalWeight: 100,
    guaranteed: [{ drop: { asset: 'gold', amount: '25' }, chance: { exact: '1/1', percent: '100' } }],
    pity: null,
  });
  expect(chest!['odds']).toContainEqual({
    drop: { kind: 'rare_sword' },
    chance: { exact: '1/50', percent: '2' },
  });
  expect(chest!['odds']).toContainEqual({
    drop: { nothing: true },
    chance: { exact: '7/20', percent: '35' },
  });
  expect(weapons!['pity']).toEqual({
    entry: 'rare_sword',
    misses: 19,
    text: 'rare_sword is certain after 19 draws without it',
  });
  expect(body['modifiers']).toEqual([{ name: 'luck', attribute: 'luckPercent', maxPercent: 300 }]);
});
