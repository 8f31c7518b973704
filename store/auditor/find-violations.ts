import { must } from '../../domain/must.ts';
import type { Db, Queryable, Tx } from '../db.ts';
import { checkBlocks } from './check-blocks.ts';
import { rules } from './rules.ts';
import type { RuleName } from './rules.ts';
import type { AuditScope, Look } from './scope.ts';

/** A full look at a large ledger takes as long as it takes, but not for ever. */
const statementMsMax = 30 * 60_000;

/**
 * What breaks a rule in the scope, as one snapshot sees it; nothing is written and nothing is locked, so it runs beside
 * live traffic. `onProgress` is told about long ones.
 */
export async function findViolations(
  db: Db,
  rule: RuleName,
  scope: AuditScope,
  onProgress?: (progress: { height: string; journalCount: number }) => void,
): Promise<Look> {
  // sealed rows do not change: no snapshot is needed, and one would be held while hashes are computed
  if (rule === 'blocks_chained') {
    const lookedAt = await readNow(db);
    return { lookedAt, ...(await checkBlocks(db, { full: scope.after === 0n, onProgress })) };
  }
  const one = rules.find(({ name }) => name === rule);
  if (one === undefined) throw new TypeError(`no rule ${rule}`);
  return inSnapshot(db, async (tx) => ({ lookedAt: await readNow(tx), ...(await one.find(tx, scope)) }));
}

/** In a transaction it is when that began, before its snapshot. */
async function readNow(on: Queryable): Promise<string> {
  const { rows } = await on.query<{ now: string }>('SELECT now()::text AS now');
  return must(rows[0], 'now').now;
}

const inSnapshot = <T>(db: Db, look: (tx: Tx) => Promise<T>): Promise<T> =>
  db.transaction(async (tx) => {
    await tx.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY');
    await tx.query(`SET LOCAL transaction_timeout = 0; SET LOCAL statement_timeout = ${statementMsMax}`);
    return look(tx);
  }, statementMsMax);
