import { canonicalBytes } from '../../domain/canonical-json.ts';
import type { Economy } from '../../domain/economy/types.ts';
import { LootError } from '../../domain/errors.ts';
import type { ErrorPlace } from '../../domain/errors.ts';
import { dropTableHash } from '../../domain/rewards/plan-rewards.ts';
import { appendAudit } from '../audit/append-audit.ts';
import type { Db, Tx } from '../db.ts';
import { sha256 } from '../matches/sha256.ts';
import { appendEvents } from '../outbox/append-events.ts';
import { findCurrentEconomy } from './reads.ts';
import type { EconomyVersion } from './reads.ts';
import { findStranded } from './find-stranded.ts';

export type ApplyOptions = {
  actor: string;
  /** The version the caller saw; another one now is `precondition_failed`. 0: none yet. */
  expectVersion?: number;
};

/**
 * Publishes an economy (already parsed) as the next immutable version; the one that is current already is answered again.
 *
 * Throws `precondition_failed`, or `economy_invalid` when a published kind or drop table changed without a new version, an
 * asset changed its kind, or something that players hold would be stranded.
 */
export function applyEconomy(
  db: Db,
  economy: Economy,
  options: ApplyOptions,
): Promise<EconomyVersion & { applied: boolean }> {
  return db.transaction(async (tx) => {
    const current = await findCurrentEconomy(tx);
    const currentVersion = current?.version ?? 0;
    if (options.expectVersion !== undefined && options.expectVersion !== currentVersion) {
      throw new LootError(
        'precondition_failed',
        `The current economy version is ${currentVersion}, not ${options.expectVersion}.`,
      );
    }
    if (current && current.hash === economyHash(currentVersion, economy))
      return { ...current, applied: false };

    const errors = [...(await publishParts(tx, economy)), ...(await findStranded(tx, economy))];
    if (errors.length > 0)
      throw new LootError('economy_invalid', 'The economy contradicts what is published or held.', {
        errors,
      });

    const version = currentVersion + 1;
    const hash = economyHash(version, economy);
    const published = await insertVersion(tx, { version, hash, economy }, options.actor);
    if (published !== 'inserted') return { ...published, applied: false };

    await appendEvents(tx, [
      {
        type: 'economy.version.applied.v1',
        key: economy.name,
        data: { version, hash, appliedBy: options.actor },
      },
    ]);
    await appendAudit(tx, {
      actor: options.actor,
      action: 'economy.apply',
      target: `economy:${version}`,
      detail: { hash },
    });
    return { version, hash, economy, applied: true };
  });
}

/** The version is part of what is hashed: going back to an earlier content is a new version with a hash of its own. */
const economyHash = (version: number, economy: Economy): string =>
  Buffer.from(sha256(canonicalBytes({ version, economy }))).toString('hex');

/** Versions follow each other: of two at once the second waits, and is answered the first's when that says the same. */
async function insertVersion(
  tx: Tx,
  { version, hash, economy }: EconomyVersion,
  actor: string,
): Promise<'inserted' | EconomyVersion> {
  const { rowCount } = await tx.query(
    'INSERT INTO economy_versions (version, hash, content, applied_by) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING',
    [version, hash, JSON.stringify(economy), actor],
  );
  if (rowCount === 1) return 'inserted';
  const winner = await findCurrentEconomy(tx);
  if (winner?.hash === hash) return winner;
  throw new LootError('precondition_failed', `Another economy was applied as version ${version} meanwhile.`);
}

/** Adds what is new of assets, kinds and tables; answers what differs from what is published under the same name and version. */
async function publishParts(tx: Tx, { assets, kinds, dropTables }: Economy): Promise<ErrorPlace[]> {
  const conflicts: ErrorPlace[] = [];
  for (const [code, { kind }] of Object.entries(assets)) {
    const sql = `INSERT INTO assets (code, kind) VALUES ($1, $2) ON CONFLICT (code) DO UPDATE SET kind = assets.kind
      RETURNING kind = $2 AS same`;
    if (!(await isSame(tx, sql, [code, kind])))
      conflicts.push({ pointer: `/assets/${code}/kind`, detail: 'was published with another kind' });
  }
  for (const [code, { version, attributes }] of Object.entries(kinds)) {
    const sql = `INSERT INTO catalog_kinds (code, version, attributes) VALUES ($1, $2, $3)
      ON CONFLICT (code, version) DO UPDATE SET attributes = catalog_kinds.attributes RETURNING attributes = $3::jsonb AS same`;
    if (!(await isSame(tx, sql, [code, version, JSON.stringify(attributes)]))) {
      conflicts.push({
        pointer: `/kinds/${code}/version`,
        detail: 'other attributes were published under this version; raise it',
      });
    }
  }
  for (const [code, table] of Object.entries(dropTables)) {
    const hash = dropTableHash(table, sha256);
    // drop tables are append-only: no update, so look for the row that stood in the way
    await tx.query(
      'INSERT INTO drop_tables (code, version, hash, entries) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING',
      [code, table.version, hash, JSON.stringify(table.entries)],
    );
    if (
      !(await isSame(tx, 'SELECT hash = $3 AS same FROM drop_tables WHERE code = $1 AND version = $2', [
        code,
        table.version,
        hash,
      ]))
    ) {
      conflicts.push({
        pointer: `/dropTables/${code}/version`,
        detail: 'other entries were published under this version; raise it',
      });
    }
  }
  return conflicts;
}

async function isSame(tx: Tx, sql: string, values: unknown[]): Promise<boolean> {
  const { rows } = await tx.query<{ same: boolean }>(sql, values);
  return rows[0]?.same === true;
}
