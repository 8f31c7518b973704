import { canonicalJson } from '../../domain/canonical-json.ts';
import type { JsonValue } from '../../domain/canonical-json.ts';
import type { Tx } from '../db.ts';

/** An event that is encoded already and travels as the bytes it is. */
export type OutboxMessage = {
  id: string;
  topic: string;
  type: string;
  key: string | null;
  subject: string;
  value: Buffer | null;
  headers: Record<string, JsonValue>;
};

/** Lets encoded events wait for the relay beside our own; those of one key go in the order given. */
export async function appendMessages(tx: Tx, messages: readonly OutboxMessage[]): Promise<void> {
  if (messages.length === 0) return;
  tx.wroteOutbox();
  await tx.query({
    name: 'append_outbox_messages',
    text: `
      INSERT INTO outbox (shard, id, topic, type, key, raw_key, subject, value, headers)
      SELECT outbox_shard(coalesce(m.key, m.id::text)), m.id, m.topic, m.type, m.key, convert_to(m.key, 'UTF8'),
        m.subject, m.value, m.headers::jsonb
      FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bytea[], $7::text[])
        WITH ORDINALITY AS m(id, topic, type, key, subject, value, headers, n)
      ORDER BY m.n`,
    values: [
      messages.map(({ id }) => id),
      messages.map(({ topic }) => topic),
      messages.map(({ type }) => type),
      messages.map(({ key }) => key),
      messages.map(({ subject }) => subject),
      messages.map(({ value }) => value),
      messages.map(({ headers }) => canonicalJson(headers)),
    ],
  });
}
