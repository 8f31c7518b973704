import { isLootError } from '../../domain/errors.ts';
import type { Queryable } from '../db.ts';
import { readJournal } from '../ledger/read-journal.ts';
import { economyAt } from './reads.ts';
import type { EconomyVersion } from './reads.ts';

/**
 * Drafts what is to be posted under `key` by the economy of now. A name that it no longer knows may stand in a journal of
 * before: then the draft is made by that journal's economy, so that a repeat meets what was posted instead of a refusal.
 */
export async function draftJournal<Draft>(
  db: Queryable,
  published: EconomyVersion,
  key: string,
  draft: (published: EconomyVersion) => Draft,
): Promise<Draft> {
  try {
    return draft(published);
  } catch (error) {
    if (!isLootError(error) || (error.code !== 'unknown_asset' && error.code !== 'unknown_kind')) throw error;
    const pinned = (await readJournal(db, key))?.pinned as { economyVersion?: unknown } | null | undefined;
    const version = pinned?.economyVersion;
    if (typeof version !== 'number' || version === published.version) throw error;
    return draft(await economyAt(db, version));
  }
}
