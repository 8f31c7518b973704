import { createHash } from 'node:crypto';
import { derivedId } from '../domain/ids.ts';

const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();

/** `ce_source` of what a client publishes: from its API key, never from what it says. */
export const sourceOfClient = (clientId: string): string => `/clients/${clientId}`;

/**
 * The id under which outbox and event log know a client's event. Clients choose ids freely and unique only among their
 * own, so ours is made of source and id; whoever knows both finds the row.
 */
export const loggedIdOf = (source: string, id: string): string =>
  derivedId(sha256, 'published-event', source, id);
