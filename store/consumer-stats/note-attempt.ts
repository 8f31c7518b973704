import { storableText } from '../../domain/storable-text.ts';
import type { Db } from '../db.ts';

export type AttemptPlace = { group: string; topic: string; partition: number; offset: bigint };

const errorCharsMax = 500;

/**
 * Says that a group has tried an event and failed, for whoever looks at its status. `attempts` counts the event's own
 * failures; 0 while something else is at fault.
 */
export async function noteAttempt(
  db: Pick<Db, 'query'>,
  { group, topic, partition, offset }: AttemptPlace,
  attempts: number,
  error: string,
): Promise<void> {
  await db.query({
    name: 'note_event_attempt',
    text: `
      INSERT INTO event_attempts (consumer_group, topic, "partition", "offset", attempts, error)
      VALUES ($1, $2, $3, $4, $5, $6)
      ON CONFLICT (consumer_group, topic, "partition", "offset")
        DO UPDATE SET attempts = excluded.attempts, error = excluded.error, failed_at = clock_timestamp()`,
    values: [group, topic, partition, offset, attempts, storableText(error, errorCharsMax)],
  });
}
