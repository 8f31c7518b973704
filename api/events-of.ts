import { LootError } from '../domain/errors.ts';
import type { ApiDeps, ApiEvents } from './deps.ts';

/** Broker, codec and origin of a process that has Kafka. Throws `dependency_unavailable` in one that has not. */
export function eventsOf({ events }: Pick<ApiDeps, 'events'>): ApiEvents {
  if (events === undefined)
    throw new LootError('dependency_unavailable', 'This process is not connected to Kafka.');
  return events;
}
