import { must } from '../../domain/must.ts';
import { appendAudit } from '../audit/append-audit.ts';
import type { Db } from '../db.ts';

/**
 * Says that the database has lost the latest part of its past: from now on events carry a higher `ce_ledgerepoch`, by which
 * those of the lost time are told apart though sequences repeat. Higher than `told`, too, the highest that anything was told
 * under. Audited. Answers the new epoch.
 */
export function raiseEpoch(
  db: Db,
  { actor, reason, told }: { actor: string; reason: string; told: number },
): Promise<number> {
  return db.transaction(async (tx) => {
    const { rows } = await tx.query<{ name: string; epoch: number }>(
      'UPDATE deployment SET ledger_epoch = greatest(ledger_epoch, $1) + 1 RETURNING name, ledger_epoch AS epoch',
      [told],
    );
    const { name, epoch } = must(rows[0], 'deployment');
    await appendAudit(tx, { actor, action: 'ledger.epoch-raised', target: name, detail: { epoch, reason } });
    return epoch;
  });
}

const batchCount = 500_000;

/** Draws journal ids up to `journalId`, so that no journal is ever posted under the id of a lost one. */
export async function skipJournalIds(db: Db, journalId: bigint): Promise<void> {
  for (;;) {
    const { rows } = await db.query<{ last: bigint }>(
      'SELECT CASE WHEN is_called THEN last_value ELSE 0 END AS last FROM journals_id_seq',
    );
    const missing = journalId - must(rows[0], 'sequence').last;
    if (missing <= 0n) return;
    const count = missing < BigInt(batchCount) ? Number(missing) : batchCount;
    await db.query("SELECT count(nextval('journals_id_seq')) FROM generate_series(1, $1::int)", [count]);
  }
}
