import type { Log } from '../../platform/log.ts';
import type { DeliveredRecord } from '../kafka/broker.ts';
import { DeadEvent, errorMessageOf } from '../consumer/failures.ts';

/** What cannot be decoded is the consumer groups' business; a stream leaves it out. */
export async function readable<T>(
  log: Log,
  { topic, partition, offset }: DeliveredRecord,
  read: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    log[error instanceof DeadEvent ? 'debug' : 'warn'](
      { topic, partition, offset: offset.toString(), reason: errorMessageOf(error) },
      'a record is not streamed',
    );
    return undefined;
  }
}
