import { topicOf } from '../../domain/events.ts';
import { isLootError } from '../../domain/errors.ts';
import type { Temporal } from '../../platform/temporal.ts';
import type { Db } from '../../store/db.ts';
import { missingKeys, recordLost } from '../../store/epoch/lost-journals.ts';
import type { LostJournal } from '../../store/epoch/lost-journals.ts';
import { skipJournalIds } from '../../store/epoch/raise-epoch.ts';
import { restoreResult } from '../../store/matches/restore-result.ts';
import type { Broker } from '../broker.ts';
import type { Codec } from '../codec.ts';
import type { EventHandler } from '../handler.ts';
import type { EventOrigin } from '../outgoing.ts';
import { readOldEpochs } from './read-old-epochs.ts';
import { restartStories } from './restart-stories.ts';
import type { Restarted } from './restart-stories.ts';

export type ReconcileDeps = {
  db: Db;
  temporal: Temporal;
  broker: Broker;
  codec: Codec;
  /** With the raised epoch. */
  origin: EventOrigin;
  /** Whose groups read again from `sinceMs` on. */
  handlers: readonly EventHandler[];
  reviewLimitMs: number;
};

export type Reconciled = {
  /** What Kafka was told of and the database does not know. */
  lost: LostJournal[];
  restoredMatches: number;
  /** Results that cannot come back, and why. */
  refusedMatches: { matchId: string; reason: string }[];
  restarted: Restarted;
  unreadableCount: number;
};

/**
 * Brings a restored database in line with Kafka and Temporal, which remember more than it does: names every journal of the
 * lost past, puts told match results back, starts stories again and has the consumer groups read again. While no process
 * runs. Everything goes by business key, so it may be run again at any time.
 */
export async function reconcile(deps: ReconcileDeps, sinceMs: number): Promise<Reconciled> {
  const { db, origin } = deps;
  const journals = await findLost(deps, sinceMs);
  await skipJournalIds(db, journals.lastJournalId);
  await recordLost(db, origin.ledgerEpoch - 1, journals.lost);
  const matches = await restoreResults(deps, sinceMs);
  const restarted = await restartStories(db, deps.temporal, deps);
  await readAgain(deps, sinceMs);
  return {
    lost: journals.lost,
    restoredMatches: matches.restoredCount,
    refusedMatches: matches.refused,
    restarted,
    unreadableCount: journals.unreadableCount + matches.unreadableCount,
  };
}

async function findLost(deps: ReconcileDeps, sinceMs: number) {
  const lost: LostJournal[] = [];
  let lastJournalId = 0n;
  const { unreadableCount } = await readOldEpochs(
    deps,
    'ledger.journal.posted.v1',
    sinceMs,
    async (events) => {
      const missing = await missingKeys(
        deps.db,
        events.map(({ data }) => data.key),
      );
      for (const { time, data } of events) {
        const journalId = BigInt(data.journalId);
        if (journalId > lastJournalId) lastJournalId = journalId;
        if (missing.has(data.key)) lost.push({ journalId, key: data.key, kind: data.kind, time });
      }
    },
  );
  // told twice, it was lost once
  const byKey = new Map(lost.map((journal) => [journal.key, journal]));
  return { lost: [...byKey.values()], lastJournalId, unreadableCount };
}

async function restoreResults(deps: ReconcileDeps, sinceMs: number) {
  let restoredCount = 0;
  const refused: Reconciled['refusedMatches'] = [];
  const { unreadableCount } = await readOldEpochs(deps, 'game.match.finished.v1', sinceMs, async (events) => {
    for (const { id, data } of events) {
      try {
        if (await restoreResult(deps.db, data, { causationId: id })) restoredCount += 1;
      } catch (error) {
        if (!isLootError(error)) throw error;
        refused.push({ matchId: data.matchId, reason: error.message });
      }
    }
  });
  return { restoredCount, refused, unreadableCount };
}

/** What groups handled after the restored moment is forgotten; what they had handled before it the inbox knows. */
async function readAgain({ broker, handlers }: ReconcileDeps, sinceMs: number): Promise<void> {
  const existing = new Set(await broker.admin.listTopics());
  await Promise.all(
    handlers.map(async ({ group, types }) => {
      const topics = [...new Set(types.map(topicOf))].filter((topic) => existing.has(topic));
      if (topics.length === 0) return;
      const offsets = await Promise.all(topics.map((topic) => broker.admin.offsetsAt(topic, sinceMs)));
      await broker.admin.setGroupOffsets(group, offsets.flat());
    }),
  );
}
