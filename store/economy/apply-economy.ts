import { canonicalBytes } from '../../domain/canonical-json.ts';
import type { Economy } from '../../domain/economy/types.ts';
import { LootError } from '../../domain/errors.ts';
import { appendAudit } from '../audit/append-audit.ts';
import type { Db, Tx } from '../db.ts';
import { sha256 } from '../matches/sha256.ts';
import { appendEvents } from '../outbox/append-events.ts';
import { findCurrentEconomy } from './reads.ts';
import type { EconomyVersion } from './reads.ts';
import { findStranded } from './find-stranded.ts';
import { addParts, applyLimits, findConflicts } from './publish-parts.ts';

export type ApplyOptions = {
  actor: string;
  /** The version the caller saw; another one now is `precondition_failed`. 0: none yet. */
  expectVersion?: number;
  /** What players hold may be dropped from the file: they keep it, and nothing can be done with it. */
  allowStranded?: boolean;
};

/**
 * Publishes an economy (already parsed) as the next immutable version; the one that is current already is answered again.
 *
 * Throws `precondition_failed`, or `economy_invalid` when a published kind or drop table changed without a new version, an
 * asset changed its kind, or something that players hold would be stranded (unless that is allowed).
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

    await addParts(tx, economy);
    const stranded = await findStranded(tx, economy);
    const errors = [...(await findConflicts(tx, economy)), ...(options.allowStranded ? [] : stranded)];
    if (errors.length > 0)
      throw new LootError('economy_invalid', 'The economy contradicts what is published or held.', {
        errors,
      });
    await applyLimits(tx, economy);

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
      detail: { hash, ...(stranded.length > 0 && { stranded }) },
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
