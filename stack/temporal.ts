import { execFile } from 'node:child_process';
import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findProgram, INSTALL, requireProgram, runBuild } from './build.ts';
import { ensureArtifact } from './cache.ts';
import { cacheRoot, hostEnvironment } from './environment.ts';
import { flagPairs } from './flags.ts';
import type { NativeRecipe, NativeServer } from './native.ts';
import type { Reporter } from './progress.ts';
import { temporalAnswers } from './temporal-answers.ts';
import { NAMESPACE, SEARCH_ATTRIBUTES, VERSIONS } from './versions.ts';

const MODULE_DIR = join(import.meta.dirname, 'temporal');

const LINKER_FLAGS = `-s -w -X github.com/temporalio/cli/internal/temporalcli.Version=${VERSIONS.temporalCli}`;

/** Temporal's development server with its Web UI, on SQLite: `temporal` from PATH, else built from the pinned Go module. */
export const temporalRecipe: NativeRecipe = {
  service: 'temporal',
  async prepare({ dir, reporter, port: choosePort }): Promise<NativeServer> {
    const cli = findProgram('temporal') ?? (await builtCli(reporter));
    const version = await cliVersion(cli);
    const port = await choosePort('main');
    const uiPort = await choosePort('ui');
    const attributes = Object.entries(SEARCH_ATTRIBUTES).flatMap(([name, type]) => [
      '--search-attribute',
      `${name}=${type}`,
    ]);
    return {
      command: {
        file: cli,
        args: [
          'server',
          'start-dev',
          ...flagPairs({
            '--ip': '127.0.0.1',
            '--port': port,
            '--ui-port': uiPort,
            '--namespace': NAMESPACE,
          }),
          ...flagPairs({ '--db-filename': join(dir, 'temporal.db'), '--log-level': 'error' }),
          ...['journal_mode=WAL', 'synchronous=NORMAL'].flatMap((pragma) => ['--sqlite-pragma', pragma]),
          '--ui-disable-news-fetch',
          ...attributes,
        ],
        env: serverEnvironment(),
        cwd: dir,
        stopSignal: 'TERM',
        stopGraceSeconds: 10,
      },
      port,
      uiPort,
      version,
      detail: `${cli}, SQLite in ${dir}`,
      answers: async () => await temporalAnswers(`127.0.0.1:${port}`),
    };
  },
};

/** The CLI reads TEMPORAL_ADDRESS and its profile file; neither may turn our server's flags around. */
function serverEnvironment(): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(hostEnvironment()).filter(([name]) => !name.startsWith('TEMPORAL_')),
  );
}

/** About four minutes on two cores the first time on a machine; Go's own build cache makes a repeat short. */
async function builtCli(reporter: Reporter): Promise<string> {
  const [module, sums] = await Promise.all([
    readFile(join(MODULE_DIR, 'go.mod'), 'utf8'),
    readFile(join(MODULE_DIR, 'go.sum'), 'utf8'),
  ]);
  const dir = await ensureArtifact(
    cacheRoot(),
    {
      name: `temporal-${VERSIONS.temporalCli}`,
      recipe: module + sums,
      async build(target) {
        const go = requireProgram('go', 'to build Temporal (or put the temporal CLI on PATH)', INSTALL.go);
        await Promise.all(
          ['go.mod', 'go.sum'].map((file) => copyFile(join(MODULE_DIR, file), join(target, file))),
        );
        reporter.report('building', 'Temporal CLI with Go, about four minutes once per machine');
        await runBuild({
          file: go,
          args: [
            'build',
            '-v',
            '-trimpath',
            '-mod=readonly',
            `-ldflags=${LINKER_FLAGS}`,
            ...flagPairs({ '-o': join(target, 'temporal') }),
            'github.com/temporalio/cli/cmd/temporal',
          ],
          cwd: target,
          env: { ...hostEnvironment(), CGO_ENABLED: '0', GOFLAGS: '', GOWORK: 'off' },
          onOutput: (count, line) =>
            reporter.report('building', `Temporal CLI with Go: ${count} steps, now ${line}`),
        });
      },
    },
    reporter,
  );
  return join(dir, 'temporal');
}

async function cliVersion(cli: string): Promise<string> {
  const { stdout } = await promisify(execFile)(cli, ['--version']);
  const found = /version (\S+) \(Server (\S+?),/.exec(stdout);
  return found === null ? stdout.trim() : `${found[2]} (CLI ${found[1]})`;
}
