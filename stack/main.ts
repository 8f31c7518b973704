import { Command, Option } from 'commander';
import { resolve } from 'node:path';
import { down } from './commands/down.ts';
import { logs } from './commands/logs.ts';
import { status } from './commands/status.ts';
import { up, type UpOptions } from './commands/up.ts';
import { DEFAULT_STACK_DIR } from './environment.ts';
import { SERVICE_NAMES } from './types.ts';

const program = new Command('stack').description(`The real servers: ${SERVICE_NAMES.join(', ')}.`);

const dirOption = (): Option =>
  new Option('--dir <folder>', 'data, logs and state')
    .default(DEFAULT_STACK_DIR)
    .argParser((value) => resolve(value));

const finish = (exitCode: number): void => {
  process.exitCode = exitCode;
};

program
  .command('up')
  .description('start them (or join those already running) and keep them until Ctrl-C')
  .addOption(dirOption())
  .option('--detach', 'leave them running in the background and return', false)
  .option('--fresh', 'wipe their data first', false)
  .option('--free-ports', 'take unused ports instead of the well-known ones', false)
  .addOption(
    new Option('--rung <rung>', 'take this rung instead of the first that holds').choices([
      'docker',
      'native',
    ]),
  )
  .action(async (options: UpOptions) => finish(await up(options)));

program
  .command('down')
  .description('stop them')
  .addOption(dirOption())
  .action(async ({ dir }: { dir: string }) => finish(await down(dir)));

program
  .command('status')
  .description('say where each one runs and whether it answers')
  .addOption(dirOption())
  .action(async ({ dir }: { dir: string }) => finish(await status(dir)));

program
  .command('logs')
  .description('print the end of their logs')
  .argument('[service]', SERVICE_NAMES.join(', '))
  .addOption(dirOption())
  .option('--follow', 'go on printing', false)
  .action(async (service: string | undefined, options: { dir: string; follow: boolean }) =>
    finish(await logs(options.dir, service, options.follow)),
  );

try {
  await program.parseAsync();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
