import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Environment } from './types.ts';

/**
 * The keeper: a shell of 1 MB that stands between us and a server. Its standard input is a pipe from this process,
 * which the kernel closes when we end, also by SIGKILL. The keeper then asks the server to stop, waits, and kills it.
 * It reports the server's process id on descriptor 3 and ends with the server's own exit code.
 * The text is passed to `sh -c`, so the user that PostgreSQL runs as needs no access to this checkout.
 */
const KEEPER = `
signal=$1; grace=$2; shift 2
exec 4<&0
"$@" </dev/null 3>&- 4<&- &
server=$!
echo "$server" >&3
exec 3>&-
(
  read -r line <&4
  kill -s "$signal" "$server" 2>/dev/null
  tenths=$((grace * 10))
  while [ "$tenths" -gt 0 ] && kill -0 "$server" 2>/dev/null; do sleep 0.1; tenths=$((tenths - 1)); done
  kill -s KILL "$server" 2>/dev/null
) </dev/null >/dev/null 2>&1 &
watcher=$!
wait "$server"
code=$?
kill "$watcher" 2>/dev/null
exit "$code"
`;

export interface KeptCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Environment;
  readonly cwd: string;
  /** User and group to run as; PostgreSQL refuses root. */
  readonly uid?: number;
  readonly gid?: number;
  /** How the server is asked to end. */
  readonly stopSignal: 'INT' | 'TERM';
  /** After this long it is killed. */
  readonly stopGraceSeconds: number;
}

export interface KeptChild {
  /** Process id of the server itself, not of its keeper. */
  readonly pid: number;
  /** Resolves with the exit code (128 + signal number for a signal) when the server has ended. */
  readonly exited: Promise<number>;
  readonly running: boolean;
  /** Without a signal: gracefully, killed after the grace. With one: the server gets exactly that signal. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** Starts a command that cannot outlive this process. Its output is appended to `logPath`. */
export async function spawnKept(command: KeptCommand, logPath: string): Promise<KeptChild> {
  const log = openSync(logPath, 'a');
  // Detached: an interrupt typed at the terminal reaches us alone, and we end the servers after their clients.
  const keeper = spawn(
    '/bin/sh',
    [
      '-c',
      KEEPER,
      'keeper',
      command.stopSignal,
      String(command.stopGraceSeconds),
      command.file,
      ...command.args,
    ],
    {
      cwd: command.cwd,
      env: { ...command.env },
      stdio: ['pipe', log, log, 'pipe'],
      detached: true,
      ...(command.uid === undefined ? {} : { uid: command.uid }),
      ...(command.gid === undefined ? {} : { gid: command.gid }),
    },
  );
  closeSync(log);
  const leash = keeper.stdin;
  const report = keeper.stdio[3];
  if (leash === null || !(report instanceof Socket))
    throw new Error('the keeper was started without its pipes');
  leash.on('error', () => undefined);

  let running = true;
  const exited = new Promise<number>((resolve, reject) => {
    keeper.once('error', reject);
    keeper.once('exit', (code) => {
      running = false;
      leash.destroy();
      resolve(code ?? 128);
    });
  });
  exited.catch(() => undefined);
  const pid = await Promise.race([readProcessId(report), exited.then(() => 0)]);
  // A launcher that forgets to stop its servers still ends, and they end with it.
  keeper.unref();
  if (leash instanceof Socket) leash.unref();

  return {
    pid,
    exited,
    get running() {
      return running;
    },
    async stop(signal) {
      if (!running) return;
      keeper.ref();
      if (signal === undefined) leash.end();
      else process.kill(pid, signal);
      await exited;
    },
  };
}

function readProcessId(report: Socket): Promise<number> {
  return new Promise((resolve) => {
    let text = '';
    report.setEncoding('utf8');
    report.on('data', (chunk: string) => (text += chunk));
    report.once('close', () => resolve(Number.parseInt(text, 10) || 0));
  });
}
