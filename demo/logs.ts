import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';

export type LogEntry = Readonly<Record<string, unknown>>;

/** Logs are one JSON object per line; whatever else a process prints is skipped. */
export async function readLog(path: string): Promise<LogEntry[]> {
  const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => line.startsWith('{'));
  return lines.flatMap((line) => {
    try {
      return [JSON.parse(line) as LogEntry];
    } catch {
      // a line that is still being written
      return [];
    }
  });
}

/** The last error of every process, for whoever has to find out why a stage failed. */
export async function troubles(dir: string | undefined): Promise<string[]> {
  if (dir === undefined) return [];
  const lines: string[] = [];
  for (const name of await readdir(dir).catch(() => [])) {
    const entry = (await readLog(join(dir, name))).findLast(
      ({ level }) => level === 'error' || level === 'fatal',
    );
    const why = (entry?.['err'] as { message?: string } | undefined)?.message;
    if (entry) lines.push(`${name}: ${String(entry['msg'])}${why === undefined ? '' : ` (${why})`}`);
  }
  return lines;
}
