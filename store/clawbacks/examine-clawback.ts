import { createHash } from 'node:crypto';
import { canonicalJson } from '../../domain/canonical-json.ts';
import { planReversal } from '../../domain/clawback/plan-reversal.ts';
import { createPlaces, createTotals } from '../../domain/clawback/totals.ts';
import { availableKey } from '../../domain/clawback/types.ts';
import type {
  Available,
  ClawbackReport,
  ClawbackSelection,
  GrantToReverse,
} from '../../domain/clawback/types.ts';
import type { Db } from '../db.ts';
import { assetsOf, readAvailable, readGrants } from './read-grants.ts';
import { countReversedBefore, countTargets, readOpenTargets } from './reads.ts';
import { selectTargets } from './select-targets.ts';

const pageCount = 500;

/**
 * Selects the grants and plays the whole reversal through without doing any of it. The hash covers whom it concerns, what
 * was granted and where each item is; how much the wallets would cover changes by the second and is an estimate.
 * `targetCount` are those it covers and those that were reversed before. Null: the reversal has begun, or it is over.
 */
export async function examine(
  db: Db,
  clawbackId: string,
  selection: ClawbackSelection,
  onProgress: (progress: object) => void,
): Promise<{ report: ClawbackReport; hash: string; targetCount: number } | null> {
  if (!(await selectTargets(db, clawbackId, selection, onProgress))) return null;
  const targetCount = await countTargets(db, clawbackId);
  const [totals, places] = [createTotals(), createPlaces()];
  const digest = createHash('sha256');
  const available: Available = new Map();
  for (let after = -1n; ;) {
    const journalIds = await readOpenTargets(db, clawbackId, { after, limit: pageCount });
    after = journalIds.at(-1) ?? after;
    if (journalIds.length === 0) break;
    const grants = await readGrants(db, journalIds);
    await learn(db, available, grants);
    for (const grant of grants) {
      const plan = planReversal(atRest(grant), available);
      if (plan.status !== 'ready') throw new TypeError('an item at rest is not waited for');
      places.add(grant);
      totals.add(grant.playerId, plan.outcome);
      digest.update(factsOf(grant));
    }
    onProgress({ examined: after.toString() });
  }
  const report = {
    ...totals.read(),
    places: places.read(),
    reversedBeforeCount: await countReversedBefore(db, clawbackId),
    computedAt: new Date().toISOString(),
  };
  return { report, hash: digest.digest('hex'), targetCount };
}

/** Reads the wallets of players who come up for the first time; later grants of theirs find what is left. */
async function learn(db: Db, available: Available, grants: readonly GrantToReverse[]): Promise<void> {
  const assets = assetsOf(grants);
  const playerIds = [...new Set(grants.map(({ playerId }) => playerId))];
  for (const [key, amount] of await readAvailable(db, playerIds, assets))
    if (!available.has(key)) available.set(key, amount);
  for (const playerId of playerIds)
    for (const asset of assets) {
      const key = availableKey(playerId, asset);
      if (!available.has(key)) available.set(key, 0n);
    }
}

/** What is in a trade or a match is counted as if it came back. */
const atRest = (grant: GrantToReverse): GrantToReverse => ({
  ...grant,
  items: grant.items.map((item) =>
    item.place.at === 'busy' ? { ...item, place: { at: 'grantee' as const } } : item,
  ),
});

const factsOf = ({ journalId, lines, items }: GrantToReverse): string =>
  `${canonicalJson([
    journalId.toString(),
    lines.map(({ asset, amount }) => [asset, amount.toString()]),
    items.map(({ itemId, place }) => [itemId, place.at]),
  ])}\n`;
