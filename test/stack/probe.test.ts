import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, expect, test } from 'vitest';
import { startStack } from '../../stack/launcher.ts';
import { probePostgres } from '../../stack/probe.ts';

const dir = await mkdtemp(join(tmpdir(), 'lootledger-probe-'));
afterAll(() => rm(dir, { recursive: true, force: true }));

test('a PostgreSQL that listens and takes nobody in is not ready', async () => {
  const stack = await startStack({ dir, env: {}, rung: 'native', ports: 'free', services: ['postgres'] });
  const { hostname, port } = new URL(stack.databaseUrl);
  const probe = () => probePostgres(hostname, Number(port));
  const client = new pg.Client({ connectionString: stack.databaseUrl });
  try {
    await client.connect();
    expect(await probe()).toBe(true);
    // A smart shutdown waits for our session and refuses everybody else, as a server that still starts does.
    const { rows } = await client.query<{ folder: string }>(
      `SELECT current_setting('data_directory') AS folder`,
    );
    const [pid] = (await readFile(join(rows[0]!.folder, 'postmaster.pid'), 'utf8')).split('\n');
    process.kill(Number(pid), 'SIGTERM');
    await expect.poll(probe).toBe(false);
    expect((await client.query('SELECT 1')).rowCount).toBe(1);
  } finally {
    await client.end();
    await stack.stop();
  }
});
