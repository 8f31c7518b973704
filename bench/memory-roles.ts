import { readFile } from 'node:fs/promises';
import type { Children, Role } from '../demo/children.ts';
import { medianOf, round } from './report.ts';

/** What runs as a process, and the file that starts it. */
const rolesApart = {
  api: 'workers/api.ts',
  'match host': 'workers/match-host.ts',
  'workflow worker': 'workers/workflows.ts',
  relay: 'workers/outbox-relay.ts',
  consumers: 'workers/consumers.ts',
} as const;
const allInOne = { 'all in one': 'workers/all.ts' } as const;

export type Layout = 'apart' | 'together';
export type StartedRoles = { roles: Role[]; apiUrl: string; operatorKey: string };

/** Resolves when every role of a layout says that it has started and is ready. */
export async function startRoles(children: Children, layout: Layout): Promise<StartedRoles> {
  const files: Record<string, string> = layout === 'apart' ? rolesApart : allInOne;
  const started = await Promise.all(
    Object.entries(files).map(async ([name, file]) => children.startRole(name, [file])),
  );
  for (const { ready } of started) await untilReady(Number(ready['healthPort']));
  const api = started.find(({ ready }) => typeof ready['apiUrl'] === 'string');
  if (api === undefined) throw new Error('no role says where its API is');
  return {
    roles: started.map(({ role }) => role),
    apiUrl: String(api.ready['apiUrl']),
    operatorKey: await children.findInLog(api.role, /test_op_\w+/),
  };
}

const readyMsMax = 60_000;

async function untilReady(port: number): Promise<void> {
  const endMs = performance.now() + readyMsMax;
  const isReady = () =>
    fetch(`http://127.0.0.1:${port}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
  while (!(await isReady())) {
    if (performance.now() > endMs) throw new Error(`nothing is ready on port ${port}`);
    await new Promise((resume) => setTimeout(resume, 100));
  }
}

const sampleMs = 250;

/** Resident MiB of each role while `work` runs: the median of its samples, and the most it has had since its start. */
export async function residentDuring(
  roles: readonly Role[],
  work: () => Promise<void>,
): Promise<Record<string, { median: number; most: number }>> {
  const samples = new Map(roles.map(({ name }) => [name, [] as number[]]));
  const look = async () => {
    for (const { name, pid } of roles) samples.get(name)?.push(await mebibytes(pid, 'VmRSS'));
  };
  const timer = setInterval(() => void look(), sampleMs);
  try {
    await work();
    await look();
  } finally {
    clearInterval(timer);
  }
  const figures = roles.map(async ({ name, pid }) => {
    const median = round(medianOf(samples.get(name) ?? []));
    return [name, { median, most: round(await mebibytes(pid, 'VmHWM')) }] as const;
  });
  return Object.fromEntries(await Promise.all(figures));
}

/** Not a number where the system does not tell. */
async function mebibytes(pid: number, field: 'VmRSS' | 'VmHWM'): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1_024;
}
