import type { Economy } from '../../domain/economy/types.ts';
import { LootError } from '../../domain/errors.ts';
import type { Db, Queryable } from '../db.ts';
import { createMicroBatch } from '../micro-batch.ts';

/** A published version: immutable, so that what was planned under it can be planned again. */
export type EconomyVersion = { version: number; hash: string; economy: Economy };

const columns = 'version, hash, content AS economy';

/** The version read last: published content never changes, so it is fetched and parsed once. */
let known: EconomyVersion | null = null;

const shared = new WeakMap<Queryable, (question: null) => Promise<EconomyVersion | null>>();

/** The newest version, or null when none has been applied. Outside a transaction, callers of one moment share the look. */
export async function findCurrentEconomy(db: Queryable | Db): Promise<EconomyVersion | null> {
  if (!('transaction' in db) || typeof db.transaction !== 'function') return lookUpCurrent(db);
  let ask = shared.get(db);
  if (!ask) {
    ask = createMicroBatch({
      run: async (questions: readonly null[]) => {
        const current = await lookUpCurrent(db);
        return questions.map(() => current);
      },
    });
    shared.set(db, ask);
  }
  return ask(null);
}

async function lookUpCurrent(db: Queryable): Promise<EconomyVersion | null> {
  const { rows } = await db.query<{ version: number; hash: string; economy: Economy | null }>({
    name: 'current_economy',
    text: `SELECT version, hash, CASE WHEN version = $1 AND hash = $2 THEN NULL ELSE content END AS economy
           FROM economy_versions ORDER BY version DESC LIMIT 1`,
    values: [known?.version ?? 0, known?.hash ?? ''],
  });
  const row = rows[0];
  if (!row) return null;
  const { version, hash, economy } = row;
  if (economy === null) return known?.hash === hash ? { ...known, version } : await economyAt(db, version);
  known = { version, hash, economy };
  return known;
}

/** The newest version. Throws `dependency_unavailable` when none has been applied: nothing can be priced or paid. */
export async function currentEconomy(db: Queryable): Promise<EconomyVersion> {
  const current = await findCurrentEconomy(db);
  if (!current)
    throw new LootError(
      'dependency_unavailable',
      'No economy has been applied; run `npm run economy -- apply`.',
    );
  return current;
}

/** A version that a journal, plan or match names. Throws `not_found` for one that was never applied. */
export async function economyAt(db: Queryable, version: number): Promise<EconomyVersion> {
  const { rows } = await db.query<EconomyVersion>({
    name: 'economy_at',
    text: `SELECT ${columns} FROM economy_versions WHERE version = $1`,
    values: [version],
  });
  if (!rows[0]) throw new LootError('not_found', `There is no economy version ${version}.`);
  return rows[0];
}

export type EconomyHistoryRow = { version: number; hash: string; appliedBy: string; createdAt: Date };

/** What was published, by whom and when, newest first. */
export async function readEconomyHistory(
  db: Queryable,
  { limit, before }: { limit: number; before?: number },
): Promise<EconomyHistoryRow[]> {
  const { rows } = await db.query<EconomyHistoryRow>({
    name: 'economy_history',
    text: `SELECT version, hash, applied_by AS "appliedBy", created_at AS "createdAt" FROM economy_versions
           WHERE $2::int IS NULL OR version < $2 ORDER BY version DESC LIMIT $1`,
    values: [limit, before ?? null],
  });
  return rows;
}
