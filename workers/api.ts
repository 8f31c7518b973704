import { startApi } from '../api/main.ts';
import type { Running } from '../events/consumer/handler.ts';
import { startStreams } from '../events/streams/start-streams.ts';
import { createJournalBatcher } from '../store/ledger/journal-batcher.ts';
import { connectTemporal } from './connect-temporal.ts';
import { brokerFrom, openEvents } from './open-events.ts';
import type { EventParts } from './open-events.ts';
import { runProcess } from './run-process.ts';
import type { ProcessParts } from './run-process.ts';

export type ApiProcessDeps = ProcessParts & {
  /** Shared with other roles of the process; else opened and closed here. */
  events?: EventParts;
  /** Told the first key of a deployment; default: printed. */
  onOperatorKey?: (secret: string) => void;
};
export type RunningApi = Running & { addresses: { apiUrl: string } };

/** Serves HTTP, SSE and the players' streams. The first start of a deployment prints its operator key, once. */
export async function startApiProcess(deps: ApiProcessDeps): Promise<RunningApi> {
  const { config, db, log, metrics } = deps;
  const broker = deps.events?.broker ?? brokerFrom(config, log, 'lootledger-api');
  const events = deps.events ?? (await openEvents(deps, broker));
  const temporal = connectTemporal(deps);
  const batcher = createJournalBatcher({ db, metrics });
  const eventStreams = startStreams({ ...events, log });
  const playerEvents = eventStreams.players;
  const api = await startApi(
    { config, db, log, metrics, crash: deps.crash, temporal, batcher, playerEvents, eventStreams, events },
    { host: config.API_HOST, port: config.API_PORT, onOperatorKey: deps.onOperatorKey ?? printOperatorKey },
  );
  return {
    addresses: { apiUrl: api.url },
    async stop() {
      await api.stop();
      await eventStreams.stop();
      await batcher.close();
      if (deps.events === undefined) await broker.close();
      await temporal.close();
    },
  };
}

/** Not through the log, which is kept and sent elsewhere. */
const printOperatorKey = (secret: string): void =>
  void process.stdout.write(`operator key, shown this once: ${secret}\n`);

if (import.meta.main) await runProcess('api', startApiProcess, { needs: ['temporal'] });
