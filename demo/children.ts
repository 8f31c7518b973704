import { mkdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { spawnKept } from '../stack/children.ts';
import type { KeptChild } from '../stack/children.ts';
import { hostEnvironment } from '../stack/environment.ts';
import { readLog } from './logs.ts';
import type { LogEntry } from './logs.ts';
import { eventually } from './stage.ts';

export type Settings = Readonly<Record<string, string>>;
export type Role = KeptChild & { readonly name: string; readonly logPath: string };

const checkoutDir = resolve(import.meta.dirname, '..');
const stopGraceSeconds = 15;

/** Starts processes of the checkout that end with the demo, however it ends; each writes a log of its own. */
export function createChildren(logDir: string, settings: Settings) {
  /** What every child is told. */
  const environment = { ...hostEnvironment(), ...settings };
  const roles: Role[] = [];
  let commandCount = 0;

  const start = async (name: string, args: readonly string[]): Promise<Role> => {
    const role = await spawnRole(name, args, logDir, environment);
    roles.push(role);
    return role;
  };

  return {
    logDir,
    environment,
    running: (): readonly Role[] => roles.filter((role) => role.running),
    /** Resolves with the fields of the child's log line `started`. */
    async startRole(name: string, args: readonly string[]): Promise<Started> {
      const role = await start(name, [...roleFlags, ...args]);
      return { role, ready: await untilStarted(role) };
    },
    /** Runs a command of the checkout to its end and answers the last line of its output. */
    async runCommand(name: string, args: readonly string[]): Promise<string> {
      const role = await start(`${name}-${++commandCount}`, args);
      const code = await role.exited;
      if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}${await endOf(role)}`);
      const text = await readFile(role.logPath, 'utf8');
      return text.trimEnd().split('\n').at(-1) ?? '';
    },
    /** The first place in a child's output that looks like this, once it is there. */
    findInLog: (role: Role, pattern: RegExp): Promise<string> =>
      eventually(
        `${String(pattern)} in ${role.logPath}`,
        async () => pattern.exec(await readFile(role.logPath, 'utf8'))?.[0],
      ),
    async stopAll(): Promise<void> {
      await Promise.all(roles.map((role) => role.stop()));
    },
  };
}

type Started = { role: Role; ready: LogEntry };

async function spawnRole(
  name: string,
  args: readonly string[],
  logDir: string,
  env: Record<string, string | undefined>,
): Promise<Role> {
  await mkdir(logDir, { recursive: true });
  const logPath = join(logDir, `${name}.log`);
  const command = {
    file: process.execPath,
    args,
    env,
    cwd: checkoutDir,
    stopSignal: 'TERM',
    stopGraceSeconds,
  } as const;
  const child = await spawnKept(command, logPath);
  return {
    name,
    logPath,
    pid: child.pid,
    exited: child.exited,
    // a getter there too: a spread would freeze it
    get running() {
      return child.running;
    },
    stop: (signal) => child.stop(signal),
  };
}

/** As `npm run dev` and the image have it: a third less memory than Node's default. */
const roleFlags = ['--max-semi-space-size=8'];

const startMsMax = 120_000;

const untilStarted = (role: Role): Promise<LogEntry> =>
  eventually(
    `${role.name} has started (log: ${role.logPath})`,
    async () => {
      if (!role.running) throw new Error(`${role.name} ended at its start${await endOf(role)}`);
      return (await readLog(role.logPath)).find((entry) => entry['msg'] === 'started');
    },
    startMsMax,
  );

export type Children = ReturnType<typeof createChildren>;

async function endOf({ logPath }: Role): Promise<string> {
  const lines = (await readFile(logPath, 'utf8')).trimEnd().split('\n');
  return `; the end of ${logPath}:\n${lines.slice(-15).join('\n')}`;
}
