import { canonicalJson } from '../../domain/canonical-json.ts';
import type { JsonValue } from '../../domain/canonical-json.ts';
import type { Tx } from '../db.ts';
import type { ParkingPlace, StoredRecord } from './types.ts';

/**
 * The parking protocol. A handler's transaction reads the key's row FOR SHARE before anything else; redrive holds it FOR
 * UPDATE while it handles an event, and deletes it only when no event is left. So whoever comes second waits and then
 * sees the truth: nothing is stranded behind a row that is gone, nothing overtakes what is parked.
 */
export async function isParked(tx: Tx, { group, topic, key }: ParkingPlace): Promise<boolean> {
  const { rowCount } = await tx.query({
    name: 'is_parked',
    text: 'SELECT 1 FROM parked_keys WHERE consumer_group = $1 AND topic = $2 AND key = $3 FOR SHARE',
    values: [group, topic, key],
  });
  return rowCount === 1;
}

/** Redrive's side: true while the key is parked, with its row locked until the transaction ends. */
export async function lockParkedKey(tx: Tx, { group, topic, key }: ParkingPlace): Promise<boolean> {
  const { rowCount } = await tx.query(
    'SELECT 1 FROM parked_keys WHERE consumer_group = $1 AND topic = $2 AND key = $3 FOR UPDATE',
    [group, topic, key],
  );
  return rowCount === 1;
}

/** Keeps an event for later; a redelivery, and the dead letter itself delivered again, add nothing. */
export async function parkEvent(tx: Tx, { group, key }: ParkingPlace, record: StoredRecord): Promise<void> {
  await tx.query(
    `INSERT INTO parked_events (consumer_group, topic, key, "partition", "offset", "timestamp", value, headers)
     SELECT $1, $2, $3, $4, $5, to_timestamp($6 / 1000.0), $7, $8
     WHERE NOT EXISTS (
       SELECT 1 FROM dead_letters d
       WHERE d.consumer_group = $1 AND d.topic = $2 AND d."partition" = $4 AND d."offset" = $5)
     ON CONFLICT DO NOTHING`,
    [
      group,
      record.topic,
      key,
      record.partition,
      record.offset,
      record.timestampMs,
      record.value,
      canonicalJson(record.headers),
    ],
  );
}

/** The next parked event of a key, in the order it came; undefined when there is none. */
export async function nextParkedEvent(
  tx: Tx,
  { group, topic, key }: ParkingPlace,
): Promise<StoredRecord | undefined> {
  const { rows } = await tx.query<{
    partition: number;
    offset: bigint;
    timestamp: Date;
    value: Buffer | null;
    headers: Record<string, JsonValue>;
  }>(
    `SELECT "partition", "offset", "timestamp", value, headers FROM parked_events
     WHERE consumer_group = $1 AND topic = $2 AND key = $3 ORDER BY "partition", "offset" LIMIT 1`,
    [group, topic, key],
  );
  const row = rows[0];
  if (row === undefined) return undefined;
  const { timestamp, ...rest } = row;
  return { ...rest, topic, key, timestampMs: timestamp.getTime() };
}

export async function removeParkedEvent(
  tx: Tx,
  { group, topic }: ParkingPlace,
  { partition, offset }: { partition: number; offset: bigint },
): Promise<void> {
  await tx.query(
    'DELETE FROM parked_events WHERE consumer_group = $1 AND topic = $2 AND "partition" = $3 AND "offset" = $4',
    [group, topic, partition, offset],
  );
}

/** Un-parks the key; the caller holds its row and has seen that no event is left. */
export async function unpark(tx: Tx, { group, topic, key }: ParkingPlace): Promise<void> {
  await tx.query('DELETE FROM parked_keys WHERE consumer_group = $1 AND topic = $2 AND key = $3', [
    group,
    topic,
    key,
  ]);
}
