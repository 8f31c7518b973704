import { canonicalJson } from '../../domain/canonical-json.ts';
import { isSequenced, topicOf } from '../../domain/events.ts';
import type { EventContext, NewEvent } from '../../domain/events.ts';
import type { Tx } from '../db.ts';

/**
 * Writes events in the effect's own transaction: they are told if and only if it commits. Order within the call is the
 * order of each aggregate's events. `context` is one for all of them, or one each.
 */
export async function appendEvents(
  tx: Tx,
  events: readonly NewEvent[],
  context: EventContext | readonly EventContext[] = {},
): Promise<void> {
  if (events.length === 0) return;
  const headers = Array.isArray(context) ? context.map(canonicalJson) : canonicalJson(context);
  tx.wroteOutbox();
  await tx.query({
    name: 'append_outbox',
    text: 'SELECT append_outbox($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::boolean[])',
    values: [
      events.map((event) => topicOf(event.type)),
      events.map((event) => event.type),
      events.map((event) => event.key),
      events.map((event) => event.subject ?? event.key),
      events.map((event) => canonicalJson(event.data)),
      typeof headers === 'string' ? events.map(() => headers) : headers,
      events.map((event) => isSequenced(topicOf(event.type))),
    ],
  });
}
