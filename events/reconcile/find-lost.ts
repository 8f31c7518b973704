import { missingKeys, recordLostJournals } from '../../store/epoch/lost-journals.ts';
import type { LostJournal } from '../../store/epoch/lost-journals.ts';
import { recordLostActions, unknownActions } from '../../store/epoch/lost-actions.ts';
import type { LostAction } from '../../store/epoch/lost-actions.ts';
import { recordUnreadable } from '../../store/epoch/not-put-back.ts';
import type { Db } from '../../store/db.ts';
import type { Broker } from '../kafka/broker.ts';
import type { Codec } from '../codec/codec.ts';
import type { EventOrigin } from '../relay/outgoing.ts';
import { readOldEpochs } from './read-old-epochs.ts';

/** `origin` with the raised epoch. */
export type LookDeps = { db: Db; broker: Broker; codec: Codec; origin: EventOrigin };

/** What Kafka was told of under earlier epochs and the database does not know. */
export type Lost = {
  journals: LostJournal[];
  actions: LostAction[];
  /** Players who were erased in the lost time; `reconcile` erases them again. */
  erasures: { playerId: string; actor: string }[];
  /** Of all that were told, so that none of these ids is used again. */
  lastJournalId: bigint;
  unreadableCount: number;
};

/**
 * Names what was lost and is still missing: findings are opened, and closed where everything is back. Changes nothing else.
 */
export async function findLost(deps: LookDeps, sinceMs: number): Promise<Lost> {
  const { db } = deps;
  const [journals, actions] = await Promise.all([lostJournals(deps, sinceMs), lostActions(deps, sinceMs)]);
  await recordLostJournals(db, journals.lost, sinceMs);
  await recordLostActions(db, actions.lost);
  await recordUnreadable(db, deps.origin.ledgerEpoch, {
    'ledger.journal': journals.unreadableCount,
    'audit.trail': actions.unreadableCount,
  });
  return {
    journals: journals.lost,
    actions: actions.lost,
    erasures: actions.erasures,
    lastJournalId: journals.lastJournalId,
    unreadableCount: journals.unreadableCount + actions.unreadableCount,
  };
}

async function lostJournals(deps: LookDeps, sinceMs: number) {
  // told twice, it was lost once
  const lost = new Map<string, LostJournal>();
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
      for (const { time, epoch, data } of events) {
        const journalId = BigInt(data.journalId);
        if (journalId > lastJournalId) lastJournalId = journalId;
        if (missing.has(data.key))
          lost.set(data.key, { epoch, journalId, key: data.key, kind: data.kind, time });
      }
    },
  );
  return { lost: [...lost.values()], lastJournalId, unreadableCount };
}

async function lostActions(deps: LookDeps, sinceMs: number) {
  const lost = new Map<string, LostAction>();
  const erasures: Lost['erasures'] = [];
  const { unreadableCount } = await readOldEpochs(
    deps,
    'audit.trail.recorded.v1',
    sinceMs,
    async (events) => {
      const told = events.map(({ id, time, epoch, data }) => ({ id, time, epoch, ...data }));
      for (const { id, ...entry } of await unknownActions(deps.db, told)) {
        const { action, target, actor } = entry;
        // done again without asking
        if (action === 'player.erased') erasures.push({ playerId: target.slice('player:'.length), actor });
        // there is nothing to decide about an epoch that is itself lost
        else if (!action.startsWith('ledger.epoch-')) lost.set(id, entry);
      }
    },
  );
  return { lost: [...lost.values()], erasures, unreadableCount };
}
