import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ensureArtifact } from '../../../stack/cache.ts';

/** A builder in a process of its own: says when it begins, takes its time, and prints where the artifact is. */
const [root = '', journal = '', durationMs = '0'] = process.argv.slice(2);

const say = (text: string): void => void process.stdout.write(`${text}\n`);

const reporter = {
  report: say,
  end: () => undefined,
};

const dir = await ensureArtifact(
  root,
  {
    name: 'thing-1',
    recipe: 'r',
    async build(target) {
      await appendFile(journal, `${process.pid}\n`);
      say('building');
      await writeFile(join(target, 'first'), 'half');
      await sleep(Number(durationMs));
      await writeFile(join(target, 'second'), 'whole');
    },
  },
  reporter,
);
say(`built ${dir}`);
