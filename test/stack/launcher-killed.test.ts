import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { hostEnvironment } from '../../stack/environment.ts';
import { startStack } from '../../stack/launcher.ts';
import { isAlive, readState } from '../../stack/state.ts';

const MAIN = join(import.meta.dirname, '../../stack/main.ts');

let launcher: ChildProcess | undefined;
let dir: string | undefined;

afterEach(async () => {
  launcher?.kill('SIGKILL');
  if (dir !== undefined) await rm(dir, { recursive: true, force: true });
});

test('servers end with a launcher that is killed, and the next launcher takes their data over', async () => {
  dir = await mkdtemp(join(tmpdir(), 'lootledger-killed-'));
  const { DATABASE_URL: _, KAFKA_BROKERS: __, TEMPORAL_ADDRESS: ___, ...env } = hostEnvironment();
  launcher = spawn(process.execPath, [MAIN, 'up', '--dir', dir, '--free-ports', '--rung', 'native'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  launcher.stdout?.setEncoding('utf8').on('data', (text: string) => (output += text));
  await expect.poll(() => output, { timeout: 60_000 }).toContain('READY');

  const state = await readState(dir);
  const pids = Object.values(state?.servers ?? {}).map((server) => Number(server.pid));
  expect(pids.filter(isAlive)).toHaveLength(3);

  launcher.kill('SIGKILL');
  await once(launcher, 'exit');
  await expect.poll(() => pids.filter(isAlive), { timeout: 60_000 }).toEqual([]);

  const next = await startStack({ dir, env: {}, rung: 'native' });
  try {
    expect(next.rungs.postgres.rung).toBe('native');
  } finally {
    await next.stop();
  }
}, 120_000);
