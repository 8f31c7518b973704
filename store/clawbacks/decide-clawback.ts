import type { EventContext } from '../../domain/events.ts';
import { LootError } from '../../domain/errors.ts';
import { appendAudit } from '../audit/append-audit.ts';
import type { Db, Tx } from '../db.ts';
import { readClawback } from './reads.ts';
import type { Clawback } from './reads.ts';

type Decision = { clawbackId: string; actor: string };
type Context = EventContext & { requestId?: string };

/**
 * Approves the report that has this hash and no other, once; approved before by the same hash, it answers the same.
 * Throws `not_found`, `precondition_failed` when the report is another one by now or not there yet, `clawback_closed`.
 */
export function approveClawback(
  db: Db,
  { clawbackId, actor, reportHash }: Decision & { reportHash: string },
  context: Context = {},
): Promise<Clawback> {
  return db.transaction(async (tx) => {
    const { rowCount } = await tx.query(
      `UPDATE clawbacks SET state = 'approved', approved_by = $2, approved_hash = $3
       WHERE id = $1 AND state = 'waiting' AND report_hash = $3 AND expires_at > clock_timestamp()`,
      [clawbackId, actor, reportHash],
    );
    if (rowCount === 1) {
      const entry = { actor, action: 'clawback.approved', target: clawbackId, detail: { reportHash } };
      await appendAudit(tx, entry, context);
    }
    const clawback = await required(tx, clawbackId);
    if (rowCount === 1 || clawback.approvedHash === reportHash) return clawback;
    if (clawback.state === 'examining')
      throw new LootError('precondition_failed', 'There is no report yet; read the clawback again shortly.');
    if (clawback.state !== 'waiting' || clawback.reportHash === reportHash) throw closed(clawback);
    throw new LootError(
      'precondition_failed',
      'The report has changed; read it again and approve its hash.',
      {
        extra: { reportHash: clawback.reportHash },
      },
    );
  });
}

/** Ends a clawback of which nothing has begun. Cancelled before, it answers the same. Throws `not_found`, `clawback_closed`. */
export function cancelClawback(
  db: Db,
  { clawbackId, actor }: Decision,
  context: Context = {},
): Promise<Clawback> {
  return db.transaction(async (tx) => {
    const { rowCount } = await tx.query(
      `UPDATE clawbacks SET state = 'cancelled', ended_at = clock_timestamp() WHERE id = $1 AND state IN ('examining', 'waiting')`,
      [clawbackId],
    );
    if (rowCount === 1) {
      const entry = { actor, action: 'clawback.cancelled', target: clawbackId, detail: {} };
      await appendAudit(tx, entry, context);
    }
    const clawback = await required(tx, clawbackId);
    if (clawback.state !== 'cancelled') throw closed(clawback);
    return clawback;
  });
}

/** Ends one that nobody approved in time; an approval of the last moment stands. Idempotent. */
export async function expireClawback(db: Db, clawbackId: string): Promise<Clawback> {
  await db.query(
    "UPDATE clawbacks SET state = 'expired', ended_at = clock_timestamp() WHERE id = $1 AND state = 'waiting'",
    [clawbackId],
  );
  return required(db, clawbackId);
}

/** Ends one whose story was cancelled from outside before it took anything back. Idempotent. */
export async function dropClawback(db: Db, clawbackId: string): Promise<Clawback> {
  await db.query(
    `UPDATE clawbacks SET state = 'cancelled', ended_at = clock_timestamp()
     WHERE id = $1 AND state IN ('examining', 'waiting', 'approved')`,
    [clawbackId],
  );
  return required(db, clawbackId);
}

async function required(on: Db | Tx, clawbackId: string): Promise<Clawback> {
  const clawback = await readClawback(on, clawbackId);
  if (clawback === null) throw new LootError('not_found', 'There is no such clawback.');
  return clawback;
}

const closed = ({ state }: Clawback): LootError =>
  new LootError('clawback_closed', `The clawback is ${state === 'waiting' ? 'expired' : state}.`);
