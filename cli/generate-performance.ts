import { readFile, readdir } from 'node:fs/promises';
import type { Report } from '../bench/report.ts';

const folder = new URL('../bench/results/', import.meta.url);

/** The kept results as a page: what was measured against what, met or not. */
export async function performancePage(): Promise<string> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json')).toSorted();
  const reports = await Promise.all(
    names.map(async (name) => JSON.parse(await readFile(new URL(name, folder), 'utf8')) as Report),
  );
  return `${[introduction, ...reports.map(section)].join('\n\n')}\n`;
}

const introduction = `# Performance

Ratios, measured side by side in one run on two cores, because absolutes drift with the machine. Each is ours divided by the
peer's, as the median of the rounds with the smallest and largest round; a goal counts as met when every round met it. Every
run checks itself: sums are zero, nothing is lost or repeated, else its figures do not count. [Posting](posting.md)
says where a journal's time goes; \`memory\` lists what each role keeps resident as a process of its own.

This page is made from \`bench/results/\` by \`npm run generate\`; \`npm run bench -- <name>\` measures again.`;

function section({ bench, at, commit, valid, rows, figures }: Report): string {
  const table = rows.map(
    ({ metric, peer, ratioMedian, ratioMin, ratioMax, goal, met }) =>
      `| ${metric} | ${peer} | ${ratioMedian} (${ratioMin}–${ratioMax}) | ${goal} | ${met ? 'yes' : '**no**'} |`,
  );
  const orientation = Object.entries(figures).map(([name, value]) => `${name}: ${value}`);
  return [
    `## ${bench}`,
    '',
    `Measured ${at.slice(0, 10)} at \`${commit.slice(0, 7)}\`; the run's own checks ${valid ? 'held' : '**failed**'}.`,
    '',
    '| What | Against | Ratio | Goal | Met |',
    '|---|---|---|---|---|',
    ...table,
    '',
    `For orientation: ${orientation.join(' · ')}.`,
  ].join('\n');
}
