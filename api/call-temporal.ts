import type { Client } from '@temporalio/client';
import type { Services } from './deps.ts';

/** Below the breaker's own timeout, so that Temporal's answer to the deadline is what we see. */
const deadlineMs = 2_500;

/** One call to Temporal with a deadline and behind its breaker. */
export const callTemporal = <T>(
  { temporal, breakers }: Pick<Services, 'temporal' | 'breakers'>,
  call: (client: Client) => Promise<T>,
): Promise<T> =>
  breakers.temporal(() =>
    temporal.connection.withDeadline(Date.now() + deadlineMs, () => call(temporal.client)),
  );
