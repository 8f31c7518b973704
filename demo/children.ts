import { createReadStream } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { spawnKept } from '../stack/children.ts';
import type { KeptChild } from '../stack/children.ts';
import { hostEnvironment } from '../stack/environment.ts';
import { eventually } from './stage.ts';

export type Settings = Readonly<Record<string, string>>;
export type Role = KeptChild & { readonly name: string; readonly logPath: string };

const checkoutDir = resolve(import.meta.dirname, '..');
const stopGraceSeconds = 15;

/** Starts processes of the checkout that end with the demo, however it ends; each writes a log of its own. */
export function createChildren(logDir: string, settings: Settings) {
  const environment = { ...hostEnvironment(), ...settings };
  const roles: Role[] = [];
  let commandCount = 0;

  const start = async (name: string, args: readonly string[], extra: Settings = {}): Promise<Role> => {
    await mkdir(logDir, { recursive: true });
    const logPath = join(logDir, `${name}.log`);
    const env = { ...environment, ...extra };
    const command = { file: process.execPath, args, env, cwd: checkoutDir, stopSignal: 'TERM', stopGraceSeconds } as const;
    const child = await spawnKept(command, logPath);
    // the keeper's `running` is a getter: a spread would freeze it
    const role: Role = { name, logPath, pid: child.pid, exited: child.exited, get running() { return child.running; }, stop: (signal) => child.stop(signal) };
    roles.push(role);
    return role;
  };

  const runCommand = async (name: string, args: readonly string[]): Promise<string> => {
    const role = await start(`${name}-${++commandCount}`, args);
    const code = await role.exited;
    const text = await readFile(role.logPath, 'utf8');
    if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}; the end of ${role.logPath}:\n${await tail(role.logPath)}`);
    return text.trimEnd().split('\n').at(-1) ?? '';
  };

  return {
    logDir,
    /** What every child is told. */
    environment,
    running: (): readonly Role[] => roles.filter((role) => role.running),
    /** Resolves with the fields of the child's log line `started`. */
    async startRole(name: string, args: readonly string[], extra?: Settings): Promise<{ role: Role; ready: Record<string, unknown> }> {
      const role = await start(name, args, extra);
      const ready = await eventually(`${name} becomes ready (log: ${role.logPath})`, async () => {
        if (!role.running) throw new Error(`${name} ended at start; the end of ${role.logPath}:\n${await tail(role.logPath)}`);
        return (await logLines(role.logPath)).find((entry) => entry['msg'] === 'started');
      }, 60_000);
      return { role, ready };
    },
    /** Runs a command of the checkout to its end and answers the last line of its output. */
    runCommand,
    /** The first place in a child's output that looks like this, once it is there. */
    findInLog: (role: Role, pattern: RegExp): Promise<string> =>
      eventually(`${String(pattern)} in ${role.logPath}`, async () => pattern.exec(await readFile(role.logPath, 'utf8'))?.[0]),
    async stopAll(): Promise<void> {
      await Promise.all(roles.map((role) => role.stop()));
    },
  };
}

export type Children = ReturnType<typeof createChildren>;

async function tail(path: string): Promise<string> {
  const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
  return lines.slice(-15).join('\n');
}

/** Logs are one JSON object per line; whatever else a process prints is skipped. */
async function logLines(path: string): Promise<Record<string, unknown>[]> {
  const entries: Record<string, unknown>[] = [];
  for await (const line of createInterface({ input: createReadStream(path) })) {
    if (!line.startsWith('{')) continue;
    try {
      entries.push(JSON.parse(line) as Record<string, unknown>);
    } catch {
      // a line that is still being written
    }
  }
  return entries;
}
