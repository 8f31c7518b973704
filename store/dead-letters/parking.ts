import { canonicalJson } from '../../domain/canonical-json.ts';
import type { JsonValue } from '../../domain/canonical-json.ts';
import type { Queryable, Tx } from '../db.ts';
import { bytesArray, plainArray, textArray } from '../pg-array.ts';
import type { ParkingPlace, RecordPosition, StoredRecord } from './types.ts';

/**
 * The parking protocol. A handler's transaction reads its keys' rows FOR SHARE before anything else; redrive holds one FOR
 * UPDATE while it handles an event, and deletes it only when no event is left; giving up locks it too. So whoever comes
 * second waits and then sees the truth: nothing is stranded behind a row that is gone, nothing overtakes what is parked.
 *
 * Where a group has no such row at all there is nothing to lock: `lookAside` asks for that first, of its one snapshot, and
 * is all that a handler's transaction costs on a good day. A key that is parked later is parked after that read, as it would
 * be after one that found nothing to lock.
 */

/** Positions of one partition from `first` to `last`. */
type Stretch = { topic: string; partition: number; first: bigint; last: bigint };

/**
 * Whether any key of the group is parked, and which positions (by `positionName`) between the first and the last of these,
 * in each partition, it has given up on before.
 */
export async function lookAside(
  tx: Tx,
  group: string,
  positions: readonly RecordPosition[],
): Promise<{ hasParked: boolean; givenUp: ReadonlySet<string> }> {
  const stretches = stretchesOf(positions);
  const { rows } = await tx.query<Nullable<RecordPosition>>({
    name: 'look_aside',
    text: `SELECT NULL AS topic, NULL::int AS "partition", NULL::bigint AS "offset"
      WHERE EXISTS (SELECT FROM parked_keys WHERE consumer_group = $1)
      UNION ALL
      SELECT d.topic, d."partition", d."offset" FROM dead_letters d
      JOIN unnest($2::text[], $3::int[], $4::bigint[], $5::bigint[]) AS p(topic, part, first, last)
        ON d.topic = p.topic AND d."partition" = p.part AND d."offset" BETWEEN p.first AND p.last
      WHERE d.consumer_group = $1`,
    values: [
      group,
      textArray(stretches.map(({ topic }) => topic)),
      plainArray(stretches.map(({ partition }) => partition)),
      plainArray(stretches.map(({ first }) => first)),
      plainArray(stretches.map(({ last }) => last)),
    ],
  });
  const letters = rows.filter((row): row is RecordPosition => row.topic !== null);
  return { hasParked: letters.length < rows.length, givenUp: new Set(letters.map(positionName)) };
}

type Nullable<T> = { [K in keyof T]: T[K] | null };

function stretchesOf(positions: readonly RecordPosition[]): Stretch[] {
  const stretches: Stretch[] = [];
  for (const { topic, partition, offset } of positions) {
    const known = stretches.find((one) => one.partition === partition && one.topic === topic);
    if (known === undefined) stretches.push({ topic, partition, first: offset, last: offset });
    else if (offset < known.first) known.first = offset;
    else if (offset > known.last) known.last = offset;
  }
  return stretches;
}

/** Of a group's places, those that are parked, by `placeName`; they stay as they are until the transaction ends. */
export async function lockParkedForShare(
  tx: Tx,
  group: string,
  places: readonly Pick<ParkingPlace, 'topic' | 'key'>[],
): Promise<ReadonlySet<string>> {
  if (places.length === 0) return new Set();
  const distinct = [...new Map(places.map((place) => [placeName(place), place])).values()];
  // locked in one order, or two batches could wait for each other
  const { rows } = await tx.query<{ topic: string; key: Buffer }>({
    name: 'lock_parked_for_share',
    text: `SELECT k.topic, k.key FROM parked_keys k
      JOIN unnest($2::text[], $3::bytea[]) AS p(topic, key) ON k.topic = p.topic AND k.key = p.key
      WHERE k.consumer_group = $1 ORDER BY k.topic, k.key FOR SHARE OF k`,
    values: [
      group,
      textArray(distinct.map(({ topic }) => topic)),
      bytesArray(distinct.map(({ key }) => key)),
    ],
  });
  return new Set(rows.map(placeName));
}

export const placeName = ({ topic, key }: Pick<ParkingPlace, 'topic' | 'key'>): string =>
  `${topic} ${key.toString('latin1')}`;

/** Redrive's side: true while the key is parked, with its row locked until the transaction ends. */
export async function lockParkedKey(tx: Tx, { group, topic, key }: ParkingPlace): Promise<boolean> {
  const { rowCount } = await tx.query(
    'SELECT 1 FROM parked_keys WHERE consumer_group = $1 AND topic = $2 AND key = $3 FOR UPDATE',
    [group, topic, key],
  );
  return rowCount === 1;
}

/**
 * Giving up's side, before it looks at anything: parks the key, or locks the row of one that is parked, until the
 * transaction ends. A plain `ON CONFLICT DO NOTHING` would pass by a redrive that is about to delete the row, and leave a
 * letter that nothing waits behind. True when the row is new: then whoever gives up nothing after all un-parks it.
 */
export async function parkKey(tx: Tx, { group, topic, key }: ParkingPlace): Promise<boolean> {
  const { rows } = await tx.query<{ isNew: boolean }>(
    `INSERT INTO parked_keys AS k (consumer_group, topic, key) VALUES ($1, $2, $3)
     ON CONFLICT (consumer_group, topic, key) DO UPDATE SET parked_at = k.parked_at
     RETURNING xmax = 0 AS "isNew"`,
    [group, topic, key],
  );
  return rows[0]?.isNew ?? false;
}

/**
 * Keeps events for later and answers, by `positionName`, which of them now wait. A redelivery adds nothing, nor does the dead
 * letter itself. One that was handled before its key was parked (by a member that lost the partition meanwhile) does not
 * wait: its inbox row could be forgotten before its turn comes.
 */
export async function parkEvents(
  tx: Tx,
  group: string,
  records: readonly StoredRecord[],
): Promise<ReadonlySet<string>> {
  if (records.length === 0) return new Set();
  const { rows } = await tx.query<RecordPosition>({
    name: 'park_events',
    text: `WITH aside AS MATERIALIZED (
        SELECT * FROM unnest($2::text[], $3::bytea[], $4::int[], $5::bigint[], $6::float8[], $7::bytea[], $8::jsonb[],
          $9::text[], $10::text[]) AS e(topic, key, part, off, at, value, headers, id, source)
        WHERE NOT EXISTS (SELECT 1 FROM inbox i WHERE i.consumer_group = $1 AND i.source = e.source AND i.id = e.id)
      ), kept AS (
        INSERT INTO parked_events
          (consumer_group, topic, key, "partition", "offset", "timestamp", value, headers, event_id, event_source)
        SELECT $1, topic, key, part, off, to_timestamp(at / 1000.0), value, headers, id, source FROM aside e
        WHERE NOT EXISTS (SELECT 1 FROM dead_letters d
          WHERE d.consumer_group = $1 AND d.topic = e.topic AND d."partition" = e.part AND d."offset" = e.off)
        ORDER BY topic, part, off
        ON CONFLICT DO NOTHING)
      SELECT topic, part AS "partition", off AS "offset" FROM aside`,
    values: [
      group,
      textArray(records.map(({ topic }) => topic)),
      bytesArray(records.map(({ key }) => key ?? Buffer.alloc(0))),
      plainArray(records.map(({ partition }) => partition)),
      plainArray(records.map(({ offset }) => offset)),
      plainArray(records.map(({ timestampMs }) => timestampMs)),
      records.map(({ value }) => value),
      textArray(records.map(({ headers }) => canonicalJson(headers))),
      textArray(records.map(({ headers }) => textOf(headers['ce_id']))),
      textArray(records.map(({ headers }) => textOf(headers['ce_source']))),
    ],
  });
  return new Set(rows.map(positionName));
}

const textOf = (header: JsonValue | undefined): string | null => {
  const last = Array.isArray(header) ? header.at(-1) : header;
  return typeof last === 'string' ? last : null;
};

/** Of these positions, those whose event the group has given up on before, whatever became of the letter. */
export async function findGivenUp(
  tx: Tx,
  group: string,
  positions: readonly RecordPosition[],
): Promise<ReadonlySet<string>> {
  if (positions.length === 0) return new Set();
  const { rows } = await tx.query<RecordPosition>({
    name: 'find_given_up',
    text: `SELECT d.topic, d."partition", d."offset" FROM dead_letters d
      JOIN unnest($2::text[], $3::int[], $4::bigint[]) AS p(topic, part, off)
        ON d.topic = p.topic AND d."partition" = p.part AND d."offset" = p.off
      WHERE d.consumer_group = $1`,
    values: [
      group,
      textArray(positions.map(({ topic }) => topic)),
      plainArray(positions.map(({ partition }) => partition)),
      plainArray(positions.map(({ offset }) => offset)),
    ],
  });
  return new Set(rows.map(positionName));
}

export const positionName = ({ topic, partition, offset }: RecordPosition): string =>
  `${topic}/${partition}/${offset}`;

type Place = Pick<RecordPosition, 'partition' | 'offset'>;
/** Whether `a` was before `b` in their topic; of one key, all events are in one partition. */
export const isBefore = (a: Place, b: Place): boolean =>
  a.partition < b.partition || (a.partition === b.partition && a.offset < b.offset);

/** The next parked event of a key, in the order it came; undefined when there is none. */
export async function nextParkedEvent(
  on: Queryable,
  { group, topic, key }: ParkingPlace,
): Promise<StoredRecord | undefined> {
  const { rows } = await on.query<{
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
  { group }: Pick<ParkingPlace, 'group'>,
  { topic, partition, offset }: RecordPosition,
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
