import { spawn } from 'node:child_process';
import { scenarios } from './scenarios.ts';

/** `npm run scenario -- <name>`: plays one scenario of the runbook and says whether what is expected came out. */
const name = process.argv[2] ?? '';
const scenario = Object.hasOwn(scenarios, name) ? scenarios[name] : undefined;
if (scenario === undefined) {
  console.error(name === '' ? 'Which one?' : `There is no scenario ${name}.`);
  for (const [known, { does }] of Object.entries(scenarios)) console.error(`  ${known.padEnd(16)} ${does}`);
  process.exitCode = 1;
} else {
  const only = scenario.title === undefined ? [] : ['--testNamePattern', scenario.title];
  const vitest = ['node_modules/vitest/vitest.mjs', 'run', scenario.file, ...only];
  const child = spawn(process.execPath, vitest, {
    cwd: new URL('..', import.meta.url),
    stdio: 'inherit',
  });
  child.once('exit', (code) => (process.exitCode = code ?? 1));
}
