import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { DeliveredRecord } from '../../events/kafka/broker.ts';
import type { EventHandler } from '../../events/consumer/handler.ts';
import type { Db } from '../../store/db.ts';

export type RecordedType = 'game.match.cancelled.v1' | 'game.match.voided.v1';

/** The table in which `recording` handlers leave one row per effect. */
export async function createEffects(url: string): Promise<void> {
  const admin = new pg.Client({ connectionString: url });
  await admin.connect();
  await admin.query(
    'CREATE TABLE IF NOT EXISTS effects (n bigserial, "group" text, match text, reason text); GRANT ALL ON effects, effects_n_seq TO lootledger_app',
  );
  await admin.end();
}

export const cancelled = (matchId: string, reason: string) =>
  ({
    type: 'game.match.cancelled.v1',
    key: matchId,
    data: { matchId, reason, playerIds: [] as string[] },
  }) as const;

/** The same as Kafka delivers it, without Kafka. */
export function cancelledRecord(matchId: string, reason: string, offset: number): DeliveredRecord {
  const headers = {
    ce_id: randomUUID(),
    ce_type: 'game.match.cancelled.v1',
    ce_source: '/lootledger/test',
    'content-type': 'application/json',
  };
  return {
    topic: 'game.match',
    partition: 0,
    offset: BigInt(offset),
    timestampMs: Date.now(),
    key: Buffer.from(matchId),
    value: Buffer.from(JSON.stringify({ matchId, reason, playerIds: [] })),
    headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)])),
  };
}

/** Writes one row per event; `trouble` decides what goes wrong before it does. */
export function recording(
  trouble: (reason: string) => void | Promise<void> = () => {},
  more: Partial<EventHandler<RecordedType>> = {},
): EventHandler<RecordedType> & { signals: string[] } {
  const group = more.group ?? `g-${randomUUID().slice(0, 8)}`;
  const signals: string[] = [];
  return {
    group,
    types: ['game.match.cancelled.v1', 'game.match.voided.v1'],
    onDeadLetter: 'park',
    async handle(tx, { data }) {
      await trouble(data.reason);
      await tx.query('INSERT INTO effects ("group", match, reason) VALUES ($1, $2, $3)', [
        group,
        data.matchId,
        data.reason,
      ]);
    },
    signals,
    signal: ({ data }) => Promise.resolve(void signals.push(data.reason)),
    ...more,
  };
}

export async function readEffects(db: Db, group: string, match?: string): Promise<string[]> {
  const { rows } = await db.query<{ reason: string }>(
    'SELECT reason FROM effects WHERE "group" = $1 AND ($2::text IS NULL OR match = $2) ORDER BY n',
    [group, match ?? null],
  );
  return rows.map(({ reason }) => reason);
}

/** As `recording`, with many effects in one statement; `batches` has the size of each call. */
export function recordingMany(
  trouble: (reasons: readonly string[]) => void | Promise<void> = () => {},
  more: Partial<EventHandler<RecordedType>> = {},
): EventHandler<RecordedType> & { signals: string[]; batches: number[] } {
  const alone = recording((reason) => trouble([reason]), more);
  const batches: number[] = [];
  return {
    ...alone,
    batches,
    async handleMany(tx, events) {
      batches.push(events.length);
      const reasons = events.map(({ data }) => data.reason);
      await trouble(reasons);
      await tx.query(
        'INSERT INTO effects ("group", match, reason) SELECT $1, * FROM unnest($2::text[], $3::text[])',
        [alone.group, events.map(({ data }) => data.matchId), reasons],
      );
    },
    ...more,
  };
}
