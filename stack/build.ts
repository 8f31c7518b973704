import { createReadStream, existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { spawnKept } from './children.ts';
import { hostEnvironment } from './environment.ts';
import type { Environment } from './types.ts';

/** Full path of a program on PATH. */
export function findProgram(name: string, env: Environment = hostEnvironment()): string | undefined {
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

/** A program that a recipe needs, or an error that says how to get it. */
export function requireProgram(name: string, purpose: string, install: string): string {
  const path = findProgram(name);
  if (path === undefined)
    throw new Error(`${name} is needed ${purpose} and is not on PATH. Install it: ${install}`);
  return path;
}

export const INSTALL = {
  go: 'sudo apt-get install golang-go (or https://go.dev/dl; any Go from 1.21 fetches the 1.26 toolchain by itself)',
  java: 'sudo apt-get install openjdk-17-jre-headless',
  mvn: 'sudo apt-get install maven',
} as const;

export interface BuildCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env?: Environment;
  readonly uid?: number;
  readonly gid?: number;
  /** Called with the number of output lines so far and the newest one. */
  readonly onOutput?: (lineCount: number, line: string) => void;
}

/** Runs a build step that ends with this process; on failure the error carries the end of its output. */
export async function runBuild(command: BuildCommand): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'lootledger-build-'));
  const logPath = join(dir, 'log');
  try {
    const child = await spawnKept(
      {
        file: command.file,
        args: command.args,
        cwd: command.cwd,
        env: command.env ?? hostEnvironment(),
        ...(command.uid === undefined ? {} : { uid: command.uid }),
        ...(command.gid === undefined ? {} : { gid: command.gid }),
        stopSignal: 'TERM',
        stopGraceSeconds: 5,
      },
      logPath,
    );
    const timer = setInterval(() => void reportOutput(logPath, command.onOutput), 1_000);
    const code = await child.exited.finally(() => clearInterval(timer));
    if (code !== 0) {
      throw new Error(
        `${command.file} ${command.args.join(' ')} ended with code ${code}:\n${await logTail(logPath)}`,
      );
    }
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function reportOutput(logPath: string, onOutput: BuildCommand['onOutput']): Promise<void> {
  if (onOutput === undefined || !existsSync(logPath)) return;
  let count = 0;
  let newest = '';
  for await (const line of createInterface({ input: createReadStream(logPath) })) {
    count++;
    newest = line;
  }
  if (count > 0) onOutput(count, newest);
}

/** The last lines of a log, for an error message. */
export async function logTail(path: string, lineCount = 15): Promise<string> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return text.trimEnd().split('\n').slice(-lineCount).join('\n');
}
