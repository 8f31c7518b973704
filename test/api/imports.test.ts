import { randomUUID } from 'node:crypto';
import { MockActivityEnvironment } from '@temporalio/testing';
import { beforeAll, describe, expect, test } from 'vitest';
import { createImportActivities } from '../../activities/imports/import-activities.ts';
import type { Economy } from '../../domain/economy/types.ts';
import { createLog } from '../../platform/log.ts';
import type { TextLine } from '../../platform/read-lines.ts';
import type { Db } from '../../store/db.ts';
import { currentEconomy } from '../../store/economy/reads.ts';
import { completeImport } from '../../store/imports/complete-import.ts';
import type { NewImport } from '../../store/imports/open-import.ts';
import { postImportChunk } from '../../store/imports/post-import-chunk.ts';
import { pruneImports } from '../../store/imports/prune-imports.ts';
import { stageImport } from '../../store/imports/stage-import.ts';
import { checkInvariants } from '../../store/ledger/invariants.ts';
import { erasePlayer } from '../../store/players/erase-player.ts';
import type { Sent, TestApi } from './support.ts';
import { testApi } from './support.ts';

let api: TestApi;
let operator: string;
let economy: Economy;
beforeAll(async () => {
  api = await testApi();
  operator = await api.key(['imports:write'], 'studio');
  ({ economy } = await currentEconomy(api.db));
});

type Send = { key?: string; token?: string; query?: string; headers?: Record<string, string> };
const upload = (lines: readonly (object | string)[], options: Send = {}): Promise<Sent> => {
  const { key = randomUUID(), token = operator, query = '', headers } = options;
  const raw = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n');
  return api.send('POST', `/v1/imports${query}`, {
    token,
    key,
    raw,
    headers: { 'content-type': 'application/x-ndjson', ...headers },
  });
};
const subject = () => ({ issuer: 'https://old.example', subject: randomUUID() });
const gold = (amount: string, player: object = subject()) => ({ player, assets: { gold: amount } });
const idOf = ({ body }: Sent) => String(body['importId']);
const placesOf = ({ body }: Sent) => (body['errors'] as { pointer: string }[]).map((place) => place.pointer);
const readImport = async (id: string, query = '') =>
  (await api.send('GET', `/v1/imports/${id}${query}`, { token: operator })).body;

/** What the story does, without one. */
async function postAll(importId: string): Promise<void> {
  const cause = { actor: 'test' };
  for (let afterLine: number | null = 0; afterLine !== null;)
    afterLine = (await postImportChunk(api.db, { importId, afterLine }, cause)).lastLine;
  await completeImport(api.db, importId, 'test');
}

async function holdings(player: { issuer: string; subject: string }) {
  const { rows } = await api.db.query<{ asset: string; balance: bigint }>(
    `SELECT a.asset, a.credits_posted - a.debits_posted AS balance FROM identities i
     JOIN accounts a ON a.holder = 'player:' || i.player_id AND a.purpose = 'wallet'
     WHERE i.subject = $1 ORDER BY a.asset`,
    [player.subject],
  );
  return rows.map(({ asset, balance }) => `${balance} ${asset}`);
}

describe('an import', () => {
  test('brings each player exactly what its line says, and no welcome', async () => {
    const [one, two] = [subject(), subject()];
    const { playerId: known } = await api.player();
    const staged = await upload([
      { totals: { gold: '135', stamp: '7' }, items: { iron_sword: 3 } },
      { player: one, assets: { gold: '100', stamp: '7' }, items: [{ kind: 'iron_sword', count: 2 }] },
      '',
      { player: two, items: [{ kind: 'iron_sword' }] },
      gold('30', two),
      gold('5', { id: known }),
    ]);
    expect([staged.status, staged.body['status'], staged.body['lineCount']]).toEqual([202, 'posting', 4]);
    expect(staged.headers.get('location')).toBe(`/v1/imports/${idOf(staged)}`);
    expect(await holdings(one)).toEqual([]);

    await postAll(idOf(staged));
    expect(await holdings(one)).toEqual(['100 gold', '7 stamp']);
    expect(await holdings(two)).toEqual(['30 gold']);
    expect(await readImport(idOf(staged))).toMatchObject({
      status: 'completed',
      postedCount: 4,
      refusedCount: 0,
      totals: { assets: { gold: '135', stamp: '7' }, items: { iron_sword: 3 } },
    });
    const { rows } = await api.db.query<{ key: string }>(
      'SELECT key FROM journals WHERE key LIKE $1 ORDER BY key',
      [`import:${idOf(staged)}:%`],
    );
    expect(rows.map(({ key }) => key.split(':').at(-1))).toEqual(['2', '4', '5', '6']);
  });

  test('names lines the ledger refuses, posts the others, and forgets who they were for', async () => {
    const nobody = { id: randomUUID() };
    const staged = await upload([gold('1'), gold('1', nobody), gold('1'), gold('1', nobody)]);
    await postAll(idOf(staged));
    const view = await readImport(idOf(staged), '?limit=1');
    expect(view).toMatchObject({
      postedCount: 2,
      refusedCount: 2,
      refused: [{ line: 2, code: 'unknown_account' }],
    });
    const rest = await readImport(idOf(staged), `?limit=1&cursor=${String(view['nextCursor'])}`);
    expect(rest['refused']).toMatchObject([{ line: 4 }]);
    const { rows } = await api.db.query(
      'SELECT FROM import_lines WHERE import_id = $1 AND player IS NOT NULL',
      [idOf(staged)],
    );
    expect(rows).toEqual([]);
  });

  test('posted again, also by two at once, moves and counts nothing twice', async () => {
    const player = subject();
    const staged = await upload([gold('3', player), gold('4', player)]);
    const importId = idOf(staged);
    const cause = { actor: 'test' };
    await Promise.all([1, 2, 3].map(() => postImportChunk(api.db, { importId, afterLine: 0 }, cause)));
    await postAll(importId);
    expect(await holdings(player)).toEqual(['7 gold']);
    expect(await readImport(importId)).toMatchObject({ postedCount: 2, refusedCount: 0 });
  });

  test('gives up a pass where a whole chunk waits, and not where some of it is posted', async () => {
    const stamps = Array.from({ length: 150 }, () => ({ player: subject(), assets: { stamp: '1' } }));
    const stuck = idOf(await upload(stamps));
    const mixed = idOf(await upload([...stamps.slice(0, 99), gold('1'), ...stamps.slice(99)]));
    await api.db.query("UPDATE assets SET frozen = true WHERE code = 'stamp'");
    const { postImportLines } = createImportActivities({
      db: api.db,
      log: createLog('test', 'silent'),
      crash: () => {},
    });
    const step = (importId: string) =>
      new MockActivityEnvironment().run(postImportLines, { importId, afterLine: 0 });
    const waitsFor = 'The valve asset:stamp is closed.';
    try {
      expect(await step(stuck)).toEqual({ lastLine: null, postedCount: 0, refusedCount: 0, waitsFor });
      const { rows } = await api.db.query<{ count: bigint }>(
        'SELECT count(*) FROM identities WHERE subject = ANY ($1)',
        [stamps.map(({ player }) => player.subject)],
      );
      expect(rows).toEqual([{ count: 100n }]);
      expect(await step(mixed)).toMatchObject({ lastLine: null, postedCount: 1, waitsFor });
    } finally {
      await api.db.query("UPDATE assets SET frozen = false WHERE code = 'stamp'");
    }
    await postAll(mixed);
    expect(await readImport(mixed)).toMatchObject({ status: 'completed', postedCount: 151 });
  });

  test('names a line that no day of the source has room for, and keeps one that a day has', async () => {
    const importId = idOf(await upload([gold('60'), gold('101'), gold('40')]));
    await api.db.query(
      "INSERT INTO flow_caps (role, side, asset, amount_per_day) VALUES ('opening', 'source', 'gold', 100)",
    );
    // should midnight come in between, tomorrow is as used up
    await api.db.query(
      `INSERT INTO flow_days (role, side, asset, day, amount)
       SELECT 'opening', 'source', 'gold', (now() AT TIME ZONE 'UTC')::date + n, 50 FROM generate_series(0, 1) n`,
    );
    const chunk = await postImportChunk(api.db, { importId, afterLine: 0 }, { actor: 'test' });
    await api.db.query("DELETE FROM flow_caps WHERE role = 'opening'");
    await api.db.query("DELETE FROM flow_days WHERE role = 'opening'");
    expect(chunk).toMatchObject({ postedCount: 1, refusedCount: 1, isStuck: false });
    expect(chunk.waitsFor).toContain('50 of 100 gold a day are used');
    await postAll(importId);
    expect(await readImport(importId)).toMatchObject({
      status: 'completed',
      postedCount: 2,
      refused: [{ line: 2, code: 'limit_exceeded' }],
    });
  });

  test('behind a closed valve waits and is posted when it opens', async () => {
    const importId = idOf(await upload([gold('1'), gold('1')]));
    await api.db.query(
      "INSERT INTO valves (scope, id, reason, closed_by) VALUES ('source', 'opening', 'x', 'x')",
    );
    const chunk = await postImportChunk(api.db, { importId, afterLine: 0 }, { actor: 'test' });
    await api.db.query('DELETE FROM valves');
    expect(chunk).toMatchObject({
      lastLine: 2,
      postedCount: 0,
      waitsFor: 'The valve source:opening is closed.',
    });
    await postAll(importId);
    expect(await readImport(importId)).toMatchObject({ status: 'completed', postedCount: 2 });
  });
});

describe('sent again', () => {
  test('with its key it is the same import; with another file under it, refused', async () => {
    const key = randomUUID();
    const lines = [gold('1'), gold('2')];
    const first = await upload(lines, { key });
    const again = await upload(lines, { key });
    expect([again.status, idOf(again)]).toEqual([202, idOf(first)]);
    await postAll(idOf(first));
    expect((await upload(lines, { key })).status).toBe(200);
    const other = await upload([gold('9')], { key });
    expect([other.status, other.body['code']]).toEqual([422, 'exists_with_different_body']);
  });

  test('brings nothing to who was erased while it waited, and nobody to life', async () => {
    const player = subject();
    await postAll(idOf(await upload([gold('1', player)])));
    const find = () =>
      api.db.query<{ id: string }>('SELECT player_id AS id FROM identities WHERE subject = $1', [
        player.subject,
      ]);
    const playerId = (await find()).rows[0]!.id;
    const waiting = idOf(await upload([gold('2', player), gold('3')]));
    await erasePlayer(api.db, { playerId, actor: 'test' });
    await postAll(waiting);
    expect(await readImport(waiting)).toMatchObject({
      postedCount: 1,
      refusedCount: 1,
      refused: [{ line: 1, code: 'unknown_account' }],
    });
    expect((await find()).rows).toEqual([]);
  });

  test('under its batch it is the same import, and never that of another client', async () => {
    const lines = [gold('1')];
    const query = '?batch=winter-2026';
    const first = await upload(lines, { query });
    expect(idOf(await upload(lines, { query }))).toBe(idOf(first));
    const token = await api.key(['imports:write'], 'another-studio');
    const other = await upload(lines, { query, token });
    expect([other.status, other.body['code']]).toEqual([422, 'exists_with_different_body']);
    const read = async (scopes: string[]) => {
      const reader = await api.key(scopes, 'another-studio');
      return (await api.send('GET', `/v1/imports/${idOf(first)}`, { token: reader })).status;
    };
    expect(await read(['imports:write'])).toBe(404);
    expect(await read(['imports:write', 'receipts:all'])).not.toBe(404);
  });

  test('after an upload that broke off it begins anew', async () => {
    const wanted = { importId: randomUUID(), batch: randomUUID(), clientId: 'studio', actor: 'test' };
    const line = (number: number): TextLine => ({ number, text: JSON.stringify(gold('1')) });
    async function* broken(): AsyncGenerator<TextLine> {
      for (let number = 1; number <= 1_500; number += 1) yield line(number);
      // what is left when a process dies in the middle
      await api.db.query('UPDATE imports SET staging_token = gen_random_uuid() WHERE id = $1', [
        wanted.importId,
      ]);
      for (let number = 1_501; number <= 3_000; number += 1) yield line(number);
    }
    const staging = (lines: AsyncIterable<TextLine>) =>
      stageImport(api.db, wanted, { economy, lines, context: {} });
    await expect(staging(broken())).rejects.toMatchObject({ code: 'request_in_flight' });
    expect(await readImport(wanted.importId)).toMatchObject({ status: 'staging' });
    async function* whole(): AsyncGenerator<TextLine> {
      yield line(1);
    }
    expect(await staging(whole())).toMatchObject({ status: 'posting', lineCount: 1 });
    const { rowCount } = await api.db.query('SELECT FROM import_lines WHERE import_id = $1', [
      wanted.importId,
    ]);
    expect(rowCount).toBe(1);
  });
});

describe('an upload beside another of the same import', () => {
  const newImport = () => ({
    importId: randomUUID(),
    batch: randomUUID(),
    clientId: 'studio',
    actor: 'test',
  });
  async function* linesOf(count: number, during = async () => {}): AsyncGenerator<TextLine> {
    for (let number = 1; number <= count; number += 1) {
      // behind the first chunk
      if (number === 1_002) await during();
      yield { number, text: JSON.stringify(gold('1')) };
    }
  }
  const staging = (wanted: NewImport, lines: AsyncIterable<TextLine>, db = api.db) =>
    stageImport(db, wanted, { economy, lines, context: {} });
  const stagedCount = async ({ importId }: NewImport) =>
    (await api.db.query('SELECT FROM import_lines WHERE import_id = $1', [importId])).rowCount;

  test('takes away nothing of the newer one when it breaks off', async () => {
    const wanted = newImport();
    let newer: Promise<unknown> | undefined;
    // the newer one comes and is complete between the two halves of the older one's end
    const db: Db = {
      ...api.db,
      query: async (text, values) => {
        if (broke && String(text).startsWith('DELETE')) await (newer ??= staging(wanted, linesOf(3)));
        return api.db.query(text, values);
      },
    };
    let broke = false;
    const breaksOff = linesOf(2_000, () => {
      broke = true;
      throw new Error('the connection is gone');
    });
    await expect(staging(wanted, breaksOff, db)).rejects.toThrow('the connection is gone');
    expect(await newer).toMatchObject({ status: 'posting', lineCount: 3 });
    expect(await stagedCount(wanted)).toBe(3);
  });

  test('takes away nothing of the newer one when it begins late', async () => {
    const wanted = newImport();
    let newer: Promise<unknown> | undefined;
    const db: Db = {
      ...api.db,
      query: async (text, values) => {
        if (String(text).startsWith('DELETE')) await (newer ??= staging(wanted, linesOf(3)));
        return api.db.query(text, values);
      },
    };
    await expect(staging(wanted, linesOf(5), db)).rejects.toMatchObject({ code: 'request_in_flight' });
    expect(await newer).toMatchObject({ status: 'posting', lineCount: 3 });
    expect(await stagedCount(wanted)).toBe(3);
  });

  test('does not end when a line of it is gone', async () => {
    const wanted = newImport();
    const lossy = linesOf(1_500, async () => {
      await api.db.query('DELETE FROM import_lines WHERE import_id = $1 AND line = 7', [wanted.importId]);
    });
    await expect(staging(wanted, lossy)).rejects.toMatchObject({ code: 'request_in_flight' });
    expect(await staging(wanted, linesOf(1_500))).toMatchObject({ status: 'posting', lineCount: 1_500 });
  });

  test('is as young as it is, however old the one before', async () => {
    const wanted = newImport();
    await expect(
      staging(
        wanted,
        linesOf(1_500, async () => {
          await api.db.query(
            `UPDATE imports SET staging_token = gen_random_uuid(), created_at = now() - interval '2 days'
             WHERE id = $1`,
            [wanted.importId],
          );
        }),
      ),
    ).rejects.toMatchObject({ code: 'request_in_flight' });
    const again = linesOf(1_500, async () => void (await pruneImports(api.db)));
    expect(await staging(wanted, again)).toMatchObject({ status: 'posting', lineCount: 1_500 });
    expect(await stagedCount(wanted)).toBe(1_500);
  });
});

test('an import is not complete before each of its lines is posted or refused', async () => {
  const importId = idOf(await upload([gold('1'), gold('1')]));
  await api.db.query('DELETE FROM import_lines WHERE import_id = $1 AND line = 2', [importId]);
  await expect(postAll(importId)).rejects.toThrow('1 lines of the import');
  expect(await readImport(importId)).toMatchObject({ status: 'posting', postedCount: 1 });
});

test('no more is read than was stored and a chunk', async () => {
  const wanted = { importId: randomUUID(), batch: randomUUID(), clientId: 'studio', actor: 'test' };
  let aheadMax = 0;
  async function* lines(): AsyncGenerator<TextLine> {
    for (let number = 1; number <= 5_000; number += 1) {
      if (number % 500 === 0) {
        const { rowCount } = await api.db.query('SELECT FROM import_lines WHERE import_id = $1', [
          wanted.importId,
        ]);
        aheadMax = Math.max(aheadMax, number - (rowCount ?? 0));
      }
      yield { number, text: JSON.stringify(gold('1')) };
    }
  }
  await stageImport(api.db, wanted, { economy, lines: lines(), context: {} });
  expect(aheadMax).toBeLessThanOrEqual(1_000);
});

describe('is refused as a whole, with nothing posted or kept, when', () => {
  test.each<[string, (object | string)[], string, string[]]>([
    ['totals disagree', [gold('5'), { totals: { gold: '6' } }], 'import_totals_differ', ['/totals/gold']],
    ['totals leave an asset out', [{ totals: {} }, gold('5')], 'import_totals_differ', ['/totals/gold']],
    [
      'totals name items that do not come',
      [{ totals: { gold: '5' }, items: { iron_sword: 1 } }, gold('5')],
      'import_totals_differ',
      ['/items/iron_sword'],
    ],
    [
      'totals come twice',
      [{ totals: { gold: '5' } }, gold('5'), { totals: { gold: '5' } }],
      'validation_failed',
      ['/3/totals'],
    ],
    ['a line is no JSON', [gold('5'), '{', gold('5')], 'validation_failed', ['/2']],
    ['a line names a prototype', ['{"__proto__": {}, "player": {}}'], 'validation_failed', ['/1']],
    [
      'an asset is unknown',
      [gold('5'), { player: subject(), assets: { doubloon: '1' } }],
      'validation_failed',
      ['/2/assets/doubloon'],
    ],
    [
      'a kind is unknown',
      [{ player: subject(), items: [{ kind: 'excalibur' }] }],
      'validation_failed',
      ['/1/items/0/kind'],
    ],
    ['an amount is negative', [gold('-5')], 'validation_failed', ['/1/assets/gold']],
    [
      'an amount is a number',
      [{ player: subject(), assets: { gold: 5 } }],
      'validation_failed',
      ['/1/assets/gold'],
    ],
    ['an amount is too large', [gold('9223372036854775808')], 'validation_failed', ['/1/assets/gold']],
    ['a line brings nothing', [{ player: subject() }], 'validation_failed', ['/1']],
    ['a line has an unknown field', [{ ...gold('5'), note: 1 }], 'validation_failed', ['/1/note']],
    ['a player is half named', [gold('5', { issuer: 'a' })], 'validation_failed', ['/1/player']],
    [
      'a name holds NUL',
      [gold('5', { issuer: 'a\0', subject: 'b' })],
      'validation_failed',
      ['/1/player/issuer'],
    ],
    [
      'a name is half a character',
      ['{"player":{"issuer":"a","subject":"\\ud800"},"assets":{"gold":"1"}}'],
      'validation_failed',
      ['/1/player'],
    ],
    ['a line is too long', ['x'.repeat(65_537), gold('5')], 'validation_failed', ['/1']],
    [
      'items are too many',
      [{ player: subject(), items: [{ kind: 'iron_sword', count: 101 }] }],
      'validation_failed',
      ['/1/items/0/count'],
    ],
  ])('%s', async (_name, lines, code, pointers) => {
    const before = await api.db.query('SELECT FROM imports');
    const key = randomUUID();
    const reply = await upload(lines, { key });
    expect([reply.status, reply.body['code'], placesOf(reply)]).toEqual([422, code, pointers]);
    expect((await api.db.query('SELECT FROM imports')).rowCount).toBe(before.rowCount);
    // the key is free for the mended file
    expect((await upload([gold('5')], { key })).status).toBe(202);
  });

  test('there is not a line', async () => {
    const reply = await upload(['']);
    expect([reply.status, reply.body['code']]).toEqual([422, 'validation_failed']);
  });

  test('bytes are not UTF-8', async () => {
    const reply = await api.send('POST', '/v1/imports', {
      token: operator,
      key: randomUUID(),
      raw: new Uint8Array([0x7b, 0xff, 0x0a]),
      headers: { 'content-type': 'application/x-ndjson' },
    });
    expect([reply.status, placesOf(reply)]).toEqual([422, ['/1']]);
  });
});

test('a dry run checks everything and keeps nothing', async () => {
  const before = await api.db.query('SELECT FROM imports');
  const good = await upload([gold('5'), gold('6')], { query: '?dryRun=true' });
  expect([good.status, good.body]).toEqual([
    200,
    { dryRun: true, lineCount: 2, totals: { assets: { gold: '11' }, items: {} } },
  ]);
  const bad = await upload([gold('5'), { totals: { gold: '6' } }], { query: '?dryRun=true' });
  expect([bad.status, bad.body['code']]).toEqual([422, 'import_totals_differ']);
  expect((await api.db.query('SELECT FROM imports')).rowCount).toBe(before.rowCount);
});

test('another content type is 415, a missing key 400, a bad batch 422, an unknown import 404', async () => {
  for (const type of ['application/json', 'text/plain', 'application/x-ndjson; charset=latin1']) {
    const reply = await upload([gold('5')], { headers: { 'content-type': type } });
    expect([type, reply.status]).toEqual([type, 415]);
  }
  const keyless = await api.send('POST', '/v1/imports', {
    token: operator,
    raw: '{}',
    headers: { 'content-type': 'application/x-ndjson' },
  });
  expect([keyless.status, keyless.body['code']]).toEqual([400, 'idempotency_key_missing']);
  expect((await upload([gold('5')], { query: '?batch=a%20b' })).status).toBe(422);
  expect((await api.send('GET', `/v1/imports/${randomUUID()}`, { token: operator })).status).toBe(404);
});

test('after all of it the books balance', async () => {
  expect((await checkInvariants(api.db)).filter(({ ok }) => !ok)).toEqual([]);
});
