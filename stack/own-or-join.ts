import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { tryLock, type Lock } from './lock.ts';
import type { Reporter } from './progress.ts';
import type { StartedServer } from './start-owned.ts';
import { isAlive, ownerLockPath, readState, removeState, waitForEnd, type StackState } from './state.ts';
import { SERVICE_NAMES, type ServiceControl, type ServiceName } from './types.ts';

export interface OwnedDir {
  readonly kind: 'owned';
  readonly dir: string;
  release(): Promise<void>;
}

export interface JoinedDir {
  readonly kind: 'joined';
  readonly servers: Partial<Record<ServiceName, StartedServer>>;
}

/** Longer than the longest grace that a keeper gives its server. */
const OLD_SERVERS_END_MS = 15_000;

/** Makes this process the owner of a data folder, or joins the servers of the launcher that owns it already. */
export async function ownOrJoin(
  dir: string,
  services: readonly ServiceName[],
  fresh: boolean,
  reporters: Record<ServiceName, Reporter>,
): Promise<OwnedDir | JoinedDir> {
  for (;;) {
    const lock = tryLock(ownerLockPath(dir));
    if (lock !== undefined) return await own(dir, lock, fresh);
    const state = await readState(dir);
    if (state?.ready === true && isAlive(state.launcherPid)) {
      if (fresh)
        throw new Error(`${dir} is in use by process ${state.launcherPid}; stop it before starting fresh`);
      return { kind: 'joined', servers: joinServers(state, services, dir, reporters) };
    }
    for (const service of services)
      reporters[service].report('waiting', `another launcher is starting in ${dir}`);
    await sleep(200);
  }
}

async function own(dir: string, lock: Lock, fresh: boolean): Promise<OwnedDir> {
  const left = await readState(dir);
  const pids = Object.values(left?.servers ?? {}).flatMap((server) => server.pid ?? []);
  await waitForEnd(pids, OLD_SERVERS_END_MS);
  await removeState(dir);
  if (fresh) {
    for (const service of SERVICE_NAMES) await rm(join(dir, service), { recursive: true, force: true });
  }
  return {
    kind: 'owned',
    dir,
    async release() {
      await removeState(dir);
      lock.release();
    },
  };
}

function joinServers(
  state: StackState,
  services: readonly ServiceName[],
  dir: string,
  reporters: Record<ServiceName, Reporter>,
): Partial<Record<ServiceName, StartedServer>> {
  const joined: Partial<Record<ServiceName, StartedServer>> = {};
  for (const service of services) {
    const running = state.servers[service];
    if (running === undefined) {
      throw new Error(
        `process ${state.launcherPid} owns ${dir} and runs no ${service}; stop it or use another folder`,
      );
    }
    const detail = `already running, started by process ${state.launcherPid} (${running.report.rung})`;
    joined[service] = {
      state: { ...running, report: { rung: 'address', version: running.report.version, detail } },
      control: foreignControl(service),
    };
    reporters[service].report('ready', `${running.address}, ${detail}`);
  }
  return joined;
}

/** Servers that somebody else runs are not ours to stop. */
export function foreignControl(service: ServiceName): ServiceControl {
  const refuse = async (): Promise<never> => {
    throw new Error(`${service} was not started here, so it is not stopped or started here`);
  };
  return { stop: refuse, start: refuse };
}
