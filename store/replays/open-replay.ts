import { canonicalJson } from '../../domain/canonical-json.ts';
import type { JsonValue } from '../../domain/canonical-json.ts';
import type { EventContext } from '../../domain/events.ts';
import type { NewReplay } from '../../domain/replays/types.ts';
import { appendAudit } from '../audit/append-audit.ts';
import type { Db } from '../db.ts';
import { findReplay } from './reads.ts';
import type { Replay } from './reads.ts';

/** Writes down what is to be replayed, before its story is started; opened again under its id it answers what there is. */
export function openReplay(
  db: Db,
  wanted: NewReplay & { replayId: string; requestedBy: string },
  context: EventContext & { requestId?: string } = {},
): Promise<Replay> {
  const { replayId, topic, window, filter, target, rate, requestedBy } = wanted;
  return db.transaction(async (tx) => {
    const json = (value: unknown): string => canonicalJson(value);
    const { rowCount } = await tx.query(
      `INSERT INTO replays (id, topic, "window", filter, target, rate, requested_by) VALUES ($1, $2, $3, $4, $5, $6, $7)
       ON CONFLICT DO NOTHING`,
      [replayId, topic, json(window), json(filter), json(target), rate, requestedBy],
    );
    if (rowCount === 1) {
      const detail = { topic, window, filter, target, rate } as unknown as JsonValue;
      await appendAudit(
        tx,
        { actor: requestedBy, action: 'replay.requested', target: replayId, detail },
        context,
      );
    }
    const replay = await findReplay(tx, replayId);
    if (replay === null) throw new Error('a replay vanished in its own transaction');
    return replay;
  });
}
