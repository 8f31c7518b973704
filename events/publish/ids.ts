import { derivedId } from '../../domain/ids.ts';
import { sha256 } from '../../store/matches/sha256.ts';

/** `ce_source` of what a client publishes: from its API key, never from what it says. */
export const sourceOfClient = (clientId: string): string => `/clients/${clientId}`;

/**
 * The id under which outbox and event log know a client's event. Clients choose ids freely and unique only among their
 * own, so ours is made of source and id; whoever knows both finds the row.
 */
export const loggedIdOf = (source: string, id: string): string =>
  derivedId(sha256, 'published-event', source, id);
