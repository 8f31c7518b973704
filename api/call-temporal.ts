import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { LootError } from '../domain/errors.ts';
import type { Services } from './deps.ts';
import { LostInFlight, isDown, meaningOf } from './failures.ts';

const deadlineMsDefault = 2_500;
/** Temporal's own answer to the deadline comes before the breaker gives up waiting for it. */
const marginMs = 500;
const probeMs = 1_000;

/** An answer this fresh is believed; after that the next call asks first, which costs a millisecond. */
const freshMs = 1_000;

/** When Temporal last answered, by `performance.now()`. */
export type TemporalHealth = { answeredAtMs: number };

/**
 * One call to Temporal with a deadline and behind its breaker. While Temporal is away nothing is sent, so that the caller
 * can be told `dependency_unavailable`; only a call that was on its way when Temporal left has an unknown outcome.
 */
export const callTemporal = <T>(
  { temporal, temporalHealth, breakers }: Pick<Services, 'temporal' | 'temporalHealth' | 'breakers'>,
  call: (client: Client) => Promise<T>,
  deadlineMs = deadlineMsDefault,
): Promise<T> =>
  breakers.temporal(
    async () => {
      if (performance.now() - temporalHealth.answeredAtMs > freshMs) await probe(temporal);
      try {
        const answer = await temporal.connection.withDeadline(Date.now() + deadlineMs, () =>
          call(temporal.client),
        );
        temporalHealth.answeredAtMs = performance.now();
        return answer;
      } catch (error) {
        if (isDown(error)) temporalHealth.answeredAtMs = -Infinity;
        // UNAVAILABLE of a call that was sent: gRPC says the same for a connection that broke after Temporal acted on it
        if (meaningOf(error) === 'refused')
          throw new LostInFlight('Temporal left during a call', { cause: error });
        throw error;
      }
    },
    deadlineMs + probeMs + marginMs,
  );

async function probe({ client, connection }: Services['temporal']): Promise<void> {
  const asked = connection.withDeadline(Date.now() + probeMs, () => client.workflowService.getSystemInfo({}));
  const answered = await Promise.race([
    asked.then(
      () => true,
      () => false,
    ),
    sleep(probeMs, false, { ref: false }),
  ]);
  if (!answered)
    throw new LootError(
      'dependency_unavailable',
      'Temporal does not answer; nothing was done. Try again shortly.',
      { retryAfterMs: 1_000 },
    );
}
