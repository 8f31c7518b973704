import type { LogEntry } from '../logs.ts';
import type { Children } from '../children.ts';
import type { Output } from '../output.ts';
import type { OnClose, Servers } from '../servers.ts';
import { openWorld } from '../world.ts';
import type { MatchHost, World } from '../world.ts';

/** The application as an operator would run it: one process for most roles, and two match hosts, of which one will die. */
export async function startRoles(
  { stack }: Servers,
  children: Children,
  output: Output,
  onClose: OnClose,
): Promise<World> {
  const [app, ...hosts] = await Promise.all([
    children.startRole('app', ['workers/all.ts', '--without-match-host']),
    startHost(children, 'match-host-1'),
    startHost(children, 'match-host-2'),
  ]);
  const apiUrl = text(app.ready, 'apiUrl');
  output.line(`  API, workflow workers, relay and consumers  ${apiUrl}`);
  for (const { role, url } of hosts) output.line(`  ${role.name}                                ${url}`);
  const addresses = {
    apiUrl,
    metricsUrl: `http://127.0.0.1:${Number(app.ready['healthPort'])}`,
    temporalUiUrl: stack.temporalUiUrl ?? 'http://127.0.0.1:8233',
    hosts,
    operatorKey: await children.findInLog(app.role, /test_op_\w+/),
  };
  return await openWorld(children, addresses, output, onClose);
}

async function startHost(children: Children, name: string): Promise<MatchHost> {
  const { role, ready } = await children.startRole(name, ['workers/match-host.ts']);
  return { role, url: text(ready, 'socketUrl') };
}

function text(ready: LogEntry, name: string): string {
  const value = ready[name];
  if (typeof value !== 'string')
    throw new Error(`the log line "started" has no ${name}: ${JSON.stringify(ready)}`);
  return value;
}
