import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceName } from './types.ts';

const rungReport = z.object({
  rung: z.enum(['address', 'docker', 'native']),
  version: z.string(),
  detail: z.string(),
});

const server = z.object({
  report: rungReport,
  /** `databaseUrl`, the brokers joined by commas, or host:port. */
  address: z.string(),
  uiUrl: z.string().optional(),
  /** Of the server itself on the native rung. */
  pid: z.number().optional(),
});

const state = z.object({
  launcherPid: z.number(),
  startedAt: z.string(),
  /** False while servers are still coming up. */
  ready: z.boolean(),
  servers: z.partialRecord(z.enum(['postgres', 'kafka', 'temporal']), server),
});

export type ServerState = z.infer<typeof server>;
/** What the launcher that owns a data folder says about its servers, for others to join and for `status`. */
export type StackState = z.infer<typeof state>;

const statePath = (dir: string): string => join(dir, 'state.json');

/** Held by the owning launcher as long as it lives. */
export const ownerLockPath = (dir: string): string => join(dir, 'owner.lock');

export const logPath = (dir: string, service: ServiceName): string => join(dir, `${service}.log`);

export async function readState(dir: string): Promise<StackState | undefined> {
  const text = await readFile(statePath(dir), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const parsed = state.safeParse(JSON.parse(text));
  return parsed.success ? parsed.data : undefined;
}

export async function writeState(dir: string, value: StackState): Promise<void> {
  const unfinished = `${statePath(dir)}.${randomUUID()}`;
  await writeFile(unfinished, `${JSON.stringify(value, null, 2)}\n`);
  await rename(unfinished, statePath(dir));
}

export async function removeState(dir: string): Promise<void> {
  await rm(statePath(dir), { force: true });
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** Servers of a launcher that was killed are being stopped by their keepers; their data is in use until they ended. */
export async function waitForEnd(pids: readonly number[], timeoutMs: number): Promise<void> {
  const deadlineMs = performance.now() + timeoutMs;
  while (pids.some(isAlive) && performance.now() < deadlineMs) await sleep(100);
}
