import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

/** How long a process may take to start while others use the machine. */
const BUSY_MACHINE = { timeout: 120_000 };

const BUILDER = join(import.meta.dirname, 'support/build-once.ts');

let root: string;
let journal: string;
const children: ChildProcess[] = [];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'lootledger-cache-'));
  journal = join(root, 'journal');
});

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await rm(root, { recursive: true, force: true });
});

interface Builder {
  readonly process: ChildProcess;
  readonly exited: Promise<unknown>;
  output(): string;
}

function startBuilder(durationMs: number): Builder {
  const child = spawn(process.execPath, [BUILDER, root, journal, String(durationMs)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  return { process: child, exited: once(child, 'close'), output: () => text };
}

const buildCount = async (): Promise<number> => (await readFile(journal, 'utf8')).trim().split('\n').length;

async function artifactFiles(): Promise<string[]> {
  const [name] = (await readdir(root)).filter((entry) => /^thing-1-[0-9a-f]{8}$/.test(entry));
  return name === undefined ? [] : (await readdir(join(root, name))).sort();
}

test('of two processes that need an artifact one builds and the other waits for it', async () => {
  const first = startBuilder(800);
  await expect.poll(first.output, BUSY_MACHINE).toContain('building');
  const second = startBuilder(800);
  await expect.poll(second.output, BUSY_MACHINE).toContain('waiting');
  await Promise.all([first.exited, second.exited]);
  expect(await buildCount()).toBe(1);
  expect(second.output()).toContain('built ');
  expect(await artifactFiles()).toEqual(['first', 'second']);
});

test('when the builder is killed the waiting process builds, and no half artifact is ever seen', async () => {
  const killed = startBuilder(60_000);
  await expect.poll(killed.output, BUSY_MACHINE).toContain('building');
  const waiting = startBuilder(0);
  await expect.poll(waiting.output, BUSY_MACHINE).toContain('waiting');
  expect(await artifactFiles()).toEqual([]);
  killed.process.kill('SIGKILL');
  await waiting.exited;
  expect(await buildCount()).toBe(2);
  expect(await artifactFiles()).toEqual(['first', 'second']);
  expect((await readdir(root)).filter((entry) => entry.includes('building'))).toEqual([]);
});
