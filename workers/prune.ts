import { allTopics } from '../events/catalogue/topics.ts';
import { pruneAudits } from '../store/auditor/prune-audits.ts';
import type { Db } from '../store/db.ts';
import { pruneLetters } from '../store/dead-letters/prune-letters.ts';
import type { PruneOptions } from '../store/delete-in-batches.ts';
import { pruneEventLog } from '../store/event-log/prune-event-log.ts';
import { pruneImports } from '../store/imports/prune-imports.ts';
import { pruneInbox } from '../store/inbox/prune-inbox.ts';
import { pruneTickets } from '../store/matches/prune-tickets.ts';
import { pruneRedrives } from '../store/redrives/prune-redrives.ts';
import { pruneReplays } from '../store/replays/prune-replays.ts';
import { pruneSubscriptions } from '../store/subscriptions/prune-subscriptions.ts';
import { pruneRefreshTokens } from '../store/tokens/prune-refresh-tokens.ts';

const dayMs = 86_400_000;

/** A day longer than any topic that a group reads: Kafka deletes whole segments, late. Tests hold the groups to it. */
export const inboxKeepMs = 31 * dayMs;
const auditKeepMs = 30 * dayMs;
/** What an operator asked for; the audit trail remembers it longer. */
const askedForKeepMs = 30 * dayMs;
/** How long a failed delivery can be sent again, and a private stream goes on from an old position. */
const deliveryKeepMs = 7 * dayMs;
/** As long as Kafka may still hold what a row is about. */
const recordKeepMs = Math.max(...allTopics.map((topic) => topic.retentionMs)) + dayMs;

/** Deletes what can no longer be asked for and answers how many rows of each. Processes may prune side by side. */
export async function prune(db: Db, options?: PruneOptions) {
  return {
    inbox: await pruneInbox(db, inboxKeepMs, options),
    eventLog: await pruneEventLog(db, recordKeepMs, options),
    deadLetters: await pruneLetters(db, recordKeepMs, options),
    imports: await pruneImports(db, options),
    tickets: await pruneTickets(db, options),
    audits: await pruneAudits(db, auditKeepMs, options),
    refreshTokens: await pruneRefreshTokens(db, options),
    ...(await pruneReplays(db, askedForKeepMs, options)),
    redrives: await pruneRedrives(db, askedForKeepMs, options),
    subscriptions: await pruneSubscriptions(db, deliveryKeepMs, options),
  };
}
