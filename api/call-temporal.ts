import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { LootError } from '../domain/errors.ts';
import type { Services } from './deps.ts';
import { isDown } from './failures.ts';

const deadlineMsDefault = 2_500;
/** Temporal's own answer to the deadline comes before the breaker gives up waiting for it. */
const marginMs = 500;
const probeMs = 1_000;

/** Whether Temporal answered the last call: if not, the next one asks before it sends anything. */
export type TemporalHealth = { answering: boolean };

/**
 * One call to Temporal with a deadline and behind its breaker. While Temporal is away nothing is sent, so that the caller
 * can be told `dependency_unavailable`; only the first call that it leaves unanswered has an unknown outcome.
 */
export const callTemporal = <T>(
  { temporal, temporalHealth, breakers }: Pick<Services, 'temporal' | 'temporalHealth' | 'breakers'>,
  call: (client: Client) => Promise<T>,
  deadlineMs = deadlineMsDefault,
): Promise<T> =>
  breakers.temporal(
    async () => {
      if (!temporalHealth.answering) await probe(temporal);
      try {
        const answer = await temporal.connection.withDeadline(Date.now() + deadlineMs, () =>
          call(temporal.client),
        );
        temporalHealth.answering = true;
        return answer;
      } catch (error) {
        temporalHealth.answering = !isDown(error);
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
