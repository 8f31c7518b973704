import { readFile } from 'node:fs/promises';
import type { Children } from './children.ts';

/** Resident memory of the application's processes, where the system tells it. */
export async function memoryOf(children: Children): Promise<string> {
  const sizes = await Promise.all(
    children.running().map(async ({ name, pid }) => ({ name, megabytes: await residentMegabytes(pid) })),
  );
  const total = sizes.reduce((sum, { megabytes }) => sum + (megabytes ?? 0), 0);
  if (total === 0) return 'memory unknown here';
  return `${total} MB resident: ${sizes.map(({ name, megabytes }) => `${name} ${megabytes}`).join(', ')}`;
}

async function residentMegabytes(pid: number): Promise<number | undefined> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const found = /^VmRSS:\s+(\d+) kB/m.exec(status);
  return found ? Math.round(Number(found[1]) / 1_024) : undefined;
}
