import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { postFile } from '../../cli/import.ts';
import { hostEnvironment } from '../../stack/environment.ts';
import { applyEconomy } from '../../store/economy/apply-economy.ts';
import { currentEconomy } from '../../store/economy/reads.ts';
import { checkInvariants } from '../../store/ledger/invariants.ts';
import { applyArena } from '../store/market/fixtures.ts';
import { testDatabase } from '../support/database.ts';

const { db, url } = await testDatabase();
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'lootledger-import-'));
  await applyArena(db);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

type Ran = { code: number | string | null; signal: string | null; text: string };

function run(args: string[], environment: Record<string, string> = {}): Promise<Ran> {
  const env = { ...hostEnvironment(), DATABASE_URL: url, ...environment };
  return new Promise((resolve) => {
    execFile(process.execPath, ['cli/import.ts', ...args], { env }, (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, signal: error?.signal ?? null, text: stdout + stderr }),
    );
  });
}

async function file(lines: readonly object[], name = `${randomUUID()}.ndjson`): Promise<string> {
  const at = path.join(folder, name);
  await writeFile(at, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  return at;
}

const gold = (amount: string, subject: string = randomUUID()) => ({
  player: { issuer: 'https://old.example', subject },
  assets: { gold: amount },
});
const openingGold = async (): Promise<bigint> => {
  const { rows } = await db.query<{ sum: string }>(
    "SELECT coalesce(sum(amount), 0)::text AS sum FROM transfers WHERE code = 'opening'",
  );
  return BigInt(rows[0]!.sum);
};

test('a dry run says what would come, and posts nothing', async () => {
  const { code, text } = await run([await file([gold('5'), gold('7')]), '--dry-run', '--expect', 'gold=12']);
  expect([code, text]).toEqual([
    0,
    'checked: 2 lines\n  12 gold\ntotals: as declared\ndry run: nothing was posted\n',
  ]);
  expect(await openingGold()).toBe(0n);
});

test('a run killed in the middle is run again and every line is there once', async () => {
  const before = await openingGold();
  const lines = Array.from({ length: 250 }, (_, n) => gold(String(n + 1), `resumed-${n % 200}`));
  const wallets = await file([{ totals: { gold: '31375' } }, ...lines], 'spring.ndjson');
  const killed = await run([wallets], { CRASH_POINT: 'after-import-chunk-before-progress:2' });
  expect(killed.signal).toBe('SIGKILL');
  expect(await openingGold()).toBe(before + 20_100n);
  const resumed = await run([wallets]);
  expect([resumed.code, resumed.text]).toEqual([
    0,
    expect.stringContaining('batch spring: 250 lines posted, 200 of them by an earlier run; 0 left'),
  ]);
  expect(await openingGold()).toBe(before + 31_375n);
});

test('totals that disagree and bad lines are refused before anything is posted', async () => {
  const before = await openingGold();
  const differ = await run([await file([gold('5')]), '--expect', 'gold=6']);
  expect([differ.code, differ.text]).toEqual([
    1,
    expect.stringContaining('declared 6, the lines add up to 5'),
  ]);
  const bad = await run([await file([gold('5'), gold('0'), { player: {} }])]);
  expect([bad.code, bad.text]).toEqual([1, expect.stringMatching(/line 2: .*\n.*line 3: /)]);
  expect(await openingGold()).toBe(before);
});

test('a line the ledger refuses is named, the others are posted', async () => {
  const before = await openingGold();
  const nobody = { player: { id: randomUUID() }, assets: { gold: '5' } };
  const { code, text } = await run([
    await file([gold('1'), nobody, gold('2')]),
    '--batch',
    'with-a-stranger',
  ]);
  expect([code, text]).toEqual([1, expect.stringContaining('! line 2: unknown_account')]);
  expect(await openingGold()).toBe(before + 3n);
});

test('lines are posted as they were checked, or told to be left, never dropped', async () => {
  const before = await openingGold();
  const batch = randomUUID();
  const { economy } = await currentEconomy(db);
  const kinds = { ...economy.kinds, relic: { version: 1, attributes: {} } };
  await applyEconomy(db, { ...economy, kinds }, { actor: 'test' });
  const published = await currentEconomy(db);
  const relic = { ...gold('2'), items: [{ kind: 'relic' }] };
  const wallets = await file([{ totals: { gold: '1' } }, gold('1'), relic, { player: {} }]);
  // in between another economy is applied, and the file changes
  await applyEconomy(db, economy, { actor: 'test' });
  const said = vi.spyOn(console, 'log').mockImplementation(() => {});
  expect(await postFile(db, wallets, batch, { published })).toBe(false);
  const text = said.mock.calls.flat().join('\n');
  said.mockRestore();
  expect(text).toContain('! line 4: validation_failed: the line is no longer what was checked');
  expect(text).toContain(`batch ${batch}: 2 lines posted, 0 of them by an earlier run; 1 left`);
  expect(await openingGold()).toBe(before + 3n);
});

test('after all of it the books balance', async () => {
  expect((await checkInvariants(db)).filter(({ ok }) => !ok)).toEqual([]);
});
