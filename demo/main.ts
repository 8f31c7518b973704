import { writeSync } from 'node:fs';
import { createOutput } from './output.ts';
import { runDemo } from './run.ts';

/**
 * `npm run demo`: real servers, every process, a story whose sentences are checked. `--once` ends after the checks, with
 * exit code 0 or 1; without it the demo stays up for a look around until Ctrl-C.
 */
const once = process.argv.includes('--once');
// written at once, so that a killed demo has said everything it knew
const output = createOutput({ isTTY: process.stdout.isTTY, write: (text) => writeSync(1, text) });
const code = await runDemo(output, { once });
// a story that was cut short leaves players behind who would keep this process
process.exit(code);
