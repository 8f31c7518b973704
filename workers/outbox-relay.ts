import type { Running } from '../events/consumer/handler.ts';
import { startRelay } from '../events/relay/relay.ts';
import { brokerFrom, openEvents } from './open-events.ts';
import type { EventParts } from './open-events.ts';
import { runProcess } from './run-process.ts';
import type { ProcessParts } from './run-process.ts';
import { waitForTopics } from './wait-for-topics.ts';

export type RelayProcessDeps = ProcessParts & {
  /** Shared with other roles of the process; else opened and closed here. */
  events?: EventParts;
};

/** Carries committed events to Kafka. Starts at once; while Kafka is away the outbox grows and its age says so. */
export async function startRelayProcess(deps: RelayProcessDeps): Promise<Running> {
  const broker = deps.events?.broker ?? brokerFrom(deps.config, deps.log, 'lootledger-relay');
  const events = deps.events ?? (await openEvents(deps, broker));
  const stop = new AbortController();
  let relay: Running | undefined;
  // a relay that met topics nobody has made yet would hold their events for refused
  const started = waitForTopics(broker, deps.config, deps.log, stop.signal).then(() => {
    if (!stop.signal.aborted) relay = startRelay({ ...deps, ...events });
  });
  return {
    async stop() {
      stop.abort();
      await started;
      await relay?.stop();
      if (deps.events === undefined) await broker.close();
    },
  };
}

if (import.meta.main) await runProcess('outbox-relay', startRelayProcess, { needs: ['kafka'] });
