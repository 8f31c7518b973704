import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startStack } from '../launcher.ts';
import { progressLine } from '../progress.ts';
import { readState } from '../state.ts';
import { SERVICE_NAMES, type Stack } from '../types.ts';

export interface UpOptions {
  readonly dir: string;
  readonly detach: boolean;
  readonly fresh: boolean;
  readonly freePorts: boolean;
  readonly rung?: 'docker' | 'native';
}

/** Starts the servers and stays until a signal comes; with `detach` a process in the background does so. */
export async function up(options: UpOptions): Promise<number> {
  return options.detach ? await upDetached(options) : await upHere(options);
}

async function upHere(options: UpOptions): Promise<number> {
  // Ctrl-C during a build ends this process, and with it the build.
  const stack = await startStack({
    dir: options.dir,
    ports: options.freePorts ? 'free' : 'fixed',
    fresh: options.fresh,
    onProgress: (progress) => console.log(progressLine(progress)),
    ...(options.rung === undefined ? {} : { rung: options.rung }),
  });
  printAddresses(stack);
  if (SERVICE_NAMES.every((service) => stack.rungs[service].rung === 'address')) {
    console.log('All of them run already; nothing was started here.');
    return 0;
  }
  console.log('READY. Ctrl-C stops them.');
  await stopSignal();
  console.log('stopping');
  await stack.stop();
  return 0;
}

function printAddresses(stack: Stack): void {
  for (const service of SERVICE_NAMES) {
    const { rung, version, detail } = stack.rungs[service];
    console.log(`${service.padEnd(12)}${version} (${rung}: ${detail})`);
  }
  console.log(`DATABASE_URL=${stack.databaseUrl}`);
  console.log(`KAFKA_BROKERS=${stack.kafkaBrokers.join(',')}`);
  console.log(`TEMPORAL_ADDRESS=${stack.temporalAddress}`);
  if (stack.temporalUiUrl !== undefined) console.log(`TEMPORAL_UI_URL=${stack.temporalUiUrl}`);
}

async function stopSignal(): Promise<void> {
  // The servers do not hold this process; a signal listener does not either.
  const hold = setInterval(() => undefined, 1 << 30);
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
  });
  clearInterval(hold);
}

async function upDetached(options: UpOptions): Promise<number> {
  await mkdir(options.dir, { recursive: true });
  const path = join(options.dir, 'launcher.log');
  await writeFile(path, '');
  const log = openSync(path, 'a');
  const main = join(import.meta.dirname, '..', 'main.ts');
  const args = [main, 'up', '--dir', options.dir];
  if (options.fresh) args.push('--fresh');
  if (options.freePorts) args.push('--free-ports');
  if (options.rung !== undefined) args.push('--rung', options.rung);
  const launcher = spawn(process.execPath, args, { detached: true, stdio: ['ignore', log, log] });
  closeSync(log);
  let exitCode: number | undefined;
  launcher.once('exit', (code) => (exitCode = code ?? 1));

  let printedLength = 0;
  for (;;) {
    // Read in this order: a launcher that ends right after its last line has then been printed whole.
    const ended = exitCode;
    const state = await readState(options.dir);
    const ready = state?.ready === true && state.launcherPid === launcher.pid;
    const text = await readFile(path, 'utf8');
    process.stdout.write(text.slice(printedLength));
    printedLength = text.length;
    if (ended !== undefined) return ended;
    if (ready) break;
    await sleep(200);
  }
  launcher.unref();
  console.log('READY, in the background. `npm run stack -- down` stops them.');
  return 0;
}
