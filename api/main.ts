import type { Running } from '../events/consumer/handler.ts';
import { pruneKeys } from '../store/idempotency/prune-keys.ts';
import { createApp } from './app.ts';
import type { ApiDeps } from './deps.ts';
import { makeFirstOperatorKey } from './operator-key.ts';
import { startServer } from './server.ts';
import { createStreamRegistry } from './stream/registry.ts';
import { watchKeys } from './stream/watch-keys.ts';

const pruneEveryMs = 3_600_000;

export type ApiOptions = {
  host: string;
  port: number;
  /** Told the secret of the deployment's first key, once. */
  onOperatorKey?: (secret: string) => void;
};

/** Serves the API until it is stopped: first `/readyz` fails, then no new connections, then open streams end. */
export async function startApi(
  deps: ApiDeps,
  options: ApiOptions,
): Promise<Running & { url: string; port: number }> {
  let stopping = false;
  const streams = deps.streams ?? createStreamRegistry();
  const isStopping = () => stopping || (deps.isStopping?.() ?? false);
  const operatorKey = await makeFirstOperatorKey(deps.db, deps.config.LOOTLEDGER_KEY_PREFIX);
  if (operatorKey !== undefined) options.onOperatorKey?.(operatorKey);
  const app = createApp({ ...deps, streams, isStopping });
  const server = await startServer(app, {
    host: options.host,
    port: options.port,
    closeStreams: () => streams.closeAll(),
  });
  const stop = new AbortController();
  const stopWatching = watchKeys({ db: deps.db, log: deps.log, streams });
  let pruning: Promise<unknown> | undefined;
  const prune = () =>
    (pruning ??= pruneKeys(deps.db, { signal: stop.signal })
      .catch((error: unknown) => deps.log.warn({ err: error }, 'idempotency keys were not pruned'))
      .finally(() => (pruning = undefined)));
  const timer = setInterval(() => void prune(), pruneEveryMs);
  return {
    url:
      deps.config.PUBLIC_URL ??
      `http://${options.host.includes(':') ? `[${options.host}]` : options.host}:${server.port}`,
    port: server.port,
    async stop() {
      stopping = true;
      clearInterval(timer);
      stopWatching();
      stop.abort();
      await server.stop();
      await pruning;
    },
  };
}
