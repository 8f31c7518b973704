import { readFileSync, readdirSync } from 'node:fs';
import type pg from 'pg';

/** What `/proc` counts CPU time in; the same on every Linux of ours. */
const tickMs = 10;

type Stat = { parent: number; ownMs: number; reapedMs: number };

/** User and system time of a process, and of its children that have ended; null where there is no such process (or no `/proc`). */
function readStat(pid: number | 'self'): Stat | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // the command's name is in parentheses and may contain anything
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const [, parent = 0, , , , , , , , , , user = 0, system = 0, reapedUser = 0, reapedSystem = 0] = fields;
    return { parent, ownMs: (user + system) * tickMs, reapedMs: (reapedUser + reapedSystem) * tickMs };
  } catch {
    return null;
  }
}

/**
 * CPU time so far of a PostgreSQL server on this machine, all its processes together, living and ended. Not a number when it
 * runs elsewhere (in a container, say): then there is no figure, rather than a wrong one.
 */
export async function serverCpu(pool: pg.Pool): Promise<() => number> {
  const { rows } = await pool.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  const backend = readStat(rows[0]?.pid ?? 0);
  if (!backend) return () => Number.NaN;
  const { parent: postmaster } = backend;
  return () => {
    const own = readStat(postmaster);
    const children = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((name) => readStat(Number(name)))
      .filter((stat) => stat?.parent === postmaster);
    return children.reduce(
      (sum, stat) => sum + (stat?.ownMs ?? 0) + (stat?.reapedMs ?? 0),
      (own?.ownMs ?? Number.NaN) + (own?.reapedMs ?? 0),
    );
  };
}

/** This process's CPU time so far, and that of its children that have ended. */
export function processCpu(): { ownMs: number; childrenMs: number } {
  const { user, system } = process.cpuUsage();
  return { ownMs: (user + system) / 1_000, childrenMs: readStat('self')?.reapedMs ?? Number.NaN };
}

/** Another process's CPU time so far, by its id. */
export const processOf =
  (pid: number): (() => number) =>
  () =>
    readStat(pid)?.ownMs ?? Number.NaN;
