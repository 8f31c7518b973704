import type { Client } from '@temporalio/client';
import type { Services } from './deps.ts';

const deadlineMsDefault = 2_500;
/** Temporal's own answer to the deadline comes before the breaker gives up waiting for it. */
const marginMs = 500;

/** One call to Temporal with a deadline and behind its breaker. */
export const callTemporal = <T>(
  { temporal, breakers }: Pick<Services, 'temporal' | 'breakers'>,
  call: (client: Client) => Promise<T>,
  deadlineMs = deadlineMsDefault,
): Promise<T> =>
  breakers.temporal(
    () => temporal.connection.withDeadline(Date.now() + deadlineMs, () => call(temporal.client)),
    deadlineMs + marginMs,
  );
