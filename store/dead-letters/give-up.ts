import { canonicalJson } from '../../domain/canonical-json.ts';
import type { JsonValue } from '../../domain/canonical-json.ts';
import type { Tx } from '../db.ts';
import type { NewDeadLetter } from './types.ts';

export type DeadLetterCopy = { topic: string; headers: Record<string, JsonValue> };

/**
 * Giving up in one transaction: the letter, the parked key, the copy on its way to `<topic>.dlq`. Answers the letter's
 * id, or undefined when the same delivery was given up before (then nothing is written).
 */
export async function giveUp(
  tx: Tx,
  letter: NewDeadLetter,
  copy: DeadLetterCopy | undefined,
): Promise<string | undefined> {
  const id = await insertLetter(tx, letter);
  if (id === undefined || copy === undefined) return id;
  tx.wroteOutbox();
  await tx.query(
    `INSERT INTO outbox (shard, topic, type, raw_key, value, headers)
     VALUES (outbox_shard(encode($1::bytea, 'hex')), $2, $3, $1, $4, $5)`,
    [letter.key, copy.topic, letter.eventType ?? 'unknown', letter.value, canonicalJson(copy.headers)],
  );
  return id;
}

async function insertLetter(tx: Tx, letter: NewDeadLetter): Promise<string | undefined> {
  const { rows } = await tx.query<{ id: string }>(
    `INSERT INTO dead_letters (consumer_group, topic, "partition", "offset", "timestamp", key, value, headers, event_id,
       event_source, event_type, attempts, error_class, error_message, first_failed_at, last_failed_at)
     VALUES ($1, $2, $3, $4, to_timestamp($5 / 1000.0), $6, $7, $8, $9, $10, $11, $12, $13, $14,
       to_timestamp($15 / 1000.0), to_timestamp($16 / 1000.0))
     ON CONFLICT (consumer_group, topic, "partition", "offset") DO NOTHING
     RETURNING id`,
    [
      letter.group,
      letter.topic,
      letter.partition,
      letter.offset,
      letter.timestampMs,
      letter.key,
      letter.value,
      canonicalJson(letter.headers),
      letter.eventId,
      letter.eventSource,
      letter.eventType,
      letter.attempts,
      letter.errorClass,
      letter.errorMessage,
      letter.firstFailedAtMs,
      letter.lastFailedAtMs,
    ],
  );
  return rows[0]?.id;
}
