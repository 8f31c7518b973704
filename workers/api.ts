import { startApi } from '../api/main.ts';
import type { PlayerEvents } from '../api/deps.ts';
import type { Running } from '../events/handler.ts';
import { createJournalBatcher } from '../store/ledger/journal-batcher.ts';
import { connectTemporal } from './connect-temporal.ts';
import { runProcess } from './run-process.ts';
import type { ProcessParts } from './run-process.ts';

export type ApiProcessDeps = ProcessParts & {
  playerEvents: PlayerEvents;
  /** Told the first key of a deployment; default: printed. */
  onOperatorKey?: (secret: string) => void;
};
export type RunningApi = Running & { addresses: { apiUrl: string } };

/** Serves HTTP, SSE and the players' streams. The first start of a deployment prints its operator key, once. */
export async function startApiProcess(parts: ApiProcessDeps): Promise<RunningApi> {
  const { config, db, log, metrics } = parts;
  const temporal = connectTemporal(parts);
  const batcher = createJournalBatcher({ db, metrics });
  const deps = { config, db, log, metrics, temporal, batcher, playerEvents: parts.playerEvents };
  const options = {
    host: config.API_HOST,
    port: config.API_PORT,
    onOperatorKey: parts.onOperatorKey ?? printOperatorKey,
  };
  const api = await startApi(deps, options);
  return {
    addresses: { apiUrl: api.url },
    async stop() {
      await api.stop();
      await batcher.close();
      await temporal.close();
    },
  };
}

/** Not through the log, which is kept and sent elsewhere. */
const printOperatorKey = (secret: string): void =>
  void process.stdout.write(`operator key, shown this once: ${secret}\n`);

const silent: PlayerEvents = { subscribe: () => () => {} };

if (import.meta.main) await runProcess('api', (parts) => startApiProcess({ ...parts, playerEvents: silent }));
