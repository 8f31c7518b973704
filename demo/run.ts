import { troubles } from './logs.ts';
import { createStages, StageError } from './stage.ts';
import type { Output } from './output.ts';
import { tellStory } from './story.ts';
import type { Ending } from './story.ts';

/** Runs the story and answers the exit code. Whatever was started is stopped, the last started first. */
export async function runDemo(output: Output, { once }: { once: boolean }): Promise<0 | 1> {
  const closers: (() => Promise<void>)[] = [];
  const { run, times } = createStages(output);
  const stopped = stopSignal();
  let logDir: string | undefined;
  try {
    const story = tellStory({
      output,
      run,
      once,
      onClose: (close) => closers.push(close),
      onLogs: (dir) => (logDir = dir),
    });
    const ending = await Promise.race([story, stopped.then(() => undefined)]);
    if (ending === undefined) return 1;
    printEnding(output, ending, times);
    if (!once) await stopped;
    return 0;
  } catch (error) {
    await printFailure(output, error, logDir);
    return 1;
  } finally {
    output.line('stopping …');
    for (const close of closers.toReversed())
      await close().catch((error: unknown) => output.line(String(error)));
  }
}

function printEnding(
  output: Output,
  ending: Ending,
  times: readonly { title: string; durationMs: number }[],
): void {
  const allMs = times.reduce((sum, { durationMs }) => sum + durationMs, 0);
  output.line();
  for (const { title, durationMs } of times)
    output.line(`  ${(durationMs / 1_000).toFixed(1).padStart(6)} s  ${title}`);
  output.line(`  ${(allMs / 1_000).toFixed(1).padStart(6)} s  together; ${ending.memory}`);
  output.line();
  output.line(output.paint('bold', 'READY'));
  for (const { title, url } of ending.world.links) output.line(`  ${title.padEnd(38)} ${url}`);
  output.line(`  ${'logs'.padEnd(38)} ${ending.logDir}`);
  output.line(`  ${'to go on by hand (docs/tutorial.md)'.padEnd(38)} API=${ending.world.apiUrl}`);
  output.line(`  ${''.padEnd(38)} OPERATOR_KEY=${ending.world.operatorKey}`);
  output.line('Ctrl-C stops everything that was started here.');
}

/** What, why, and where to look. */
async function printFailure(output: Output, error: unknown, logDir: string | undefined): Promise<void> {
  output.line();
  if (error instanceof StageError) output.line(output.paint('red', `✗ ${error.stage}`));
  output.line(`  ${error instanceof Error ? error.message : String(error)}`);
  if (error instanceof StageError && error.cause instanceof Error && error.cause.stack !== undefined) {
    output.line(output.paint('dim', error.cause.stack.split('\n').slice(1, 4).join('\n')));
  }
  for (const line of await troubles(logDir)) output.line(`  ${line}`);
  if (logDir !== undefined) output.line(`  The logs of every process are in ${logDir}.`);
  output.line('  `npm run doctor` says what the servers need and lack.');
}

async function stopSignal(): Promise<void> {
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
  });
}
