import type { Log } from '../../platform/log.ts';
import type { Temporal } from '../../platform/temporal.ts';
import { eventsQueued, taskQueues, webhookDeliveryStart } from '../../workflows/messages.ts';
import { errorMessageOf } from '../consumer/failures.ts';
import { withSignalDeadline } from '../handlers/nudge.ts';
import { sleep } from '../patience.ts';

/** Starts a subscription's story, or tells it that there is more. */
export const nudgeSubscription = (temporal: Temporal, subscriptionId: string): Promise<void> =>
  withSignalDeadline(temporal, async () => {
    await temporal.client.workflow.signalWithStart('webhookDelivery', {
      ...webhookDeliveryStart(subscriptionId),
      taskQueue: temporal.taskQueue(taskQueues.events),
      signal: eventsQueued,
      signalArgs: [],
    });
  });

/** A busy subscription's story is told so often at most: it delivers everything that waits at each time. */
const againMs = 250;
const retryMs = 2_000;

/** Nudges one subscription at most once at a time, and until it has worked. Stopping forgets: what waits is rows. */
export function createNudger({ temporal, log }: { temporal: Temporal; log: Log }) {
  const wanted = new Map<string, { again: boolean }>();
  const stop = new AbortController();

  async function run(subscriptionId: string, state: { again: boolean }): Promise<void> {
    while (state.again && !stop.signal.aborted) {
      state.again = false;
      let waitMs = againMs;
      try {
        await nudgeSubscription(temporal, subscriptionId);
      } catch (error) {
        log.debug(
          { subscriptionId, reason: errorMessageOf(error) },
          'a subscription could not be nudged yet',
        );
        state.again = true;
        waitMs = retryMs;
      }
      await sleep(waitMs, stop.signal);
    }
    wanted.delete(subscriptionId);
  }

  return {
    nudge(subscriptionIds: Iterable<string>): void {
      for (const id of subscriptionIds) {
        const known = wanted.get(id);
        if (known !== undefined) known.again = true;
        else {
          const state = { again: true };
          wanted.set(id, state);
          void run(id, state);
        }
      }
    },
    stop: () => stop.abort(),
  };
}
