import { randomUUID } from 'node:crypto';
import { sourceOf, walletOf } from '../../../domain/ledger/accounts.ts';
import type { NewJournal } from '../../../domain/ledger/types.ts';
import { playerHolder, systemHolder } from '../../../domain/ledger/types.ts';
import type { ClawbackSelection } from '../../../domain/clawback/types.ts';
import { approveClawback } from '../../../store/clawbacks/decide-clawback.ts';
import { finishClawback } from '../../../store/clawbacks/finish-clawback.ts';
import { openClawback } from '../../../store/clawbacks/open-clawback.ts';
import { beginReversal, recordReport } from '../../../store/clawbacks/record-report.ts';
import { reverseChunk } from '../../../store/clawbacks/reverse-chunk.ts';
import type { ReversedChunk } from '../../../store/clawbacks/reverse-chunk.ts';
import type { Db } from '../../../store/db.ts';
import { postJournals } from '../../../store/ledger/post-journals.ts';

export const cause = { actor: 'client:studio' };

export type Granted = { playerId: string; itemId: string; key: string };

/** Players whom one version of a drop table gave `gold` and a sword each, posted in bulk as matches post them. */
export async function badTable(
  db: Db,
  {
    count,
    gold = 100n,
    table = 'chest',
    playerId,
  }: { count: number; gold?: bigint; table?: string; playerId?: string },
): Promise<Granted[]> {
  const granted = Array.from({ length: count }, () => ({
    playerId: playerId ?? randomUUID(),
    itemId: randomUUID(),
    key: `grant:match:${randomUUID()}:bad`,
  }));
  await db.query('INSERT INTO players (id) SELECT unnest($1::uuid[]) ON CONFLICT DO NOTHING', [
    granted.map(({ playerId }) => playerId),
  ]);
  const journals = granted.map(({ playerId, itemId, key }): NewJournal => ({
    ...cause,
    key,
    kind: 'grant',
    pinned: { source: 'match', plan: { items: [{ itemId, table, tableVersion: 2 }] } },
    transfers: [
      {
        state: 'posted',
        debit: sourceOf('match.reward', 'gold'),
        credit: walletOf(playerId, 'gold'),
        amount: gold,
        code: 'match_reward',
      },
    ],
    movements: [
      {
        code: 'mint',
        itemId,
        kind: 'rare_sword',
        kindVersion: 1,
        from: systemHolder('match.reward'),
        to: playerHolder(playerId),
      },
    ],
    events: [],
  }));
  for (let from = 0; from < journals.length; from += 250)
    await db.transaction((tx) => postJournals(tx, journals.slice(from, from + 250)));
  return granted;
}

/** A clawback that has been examined. */
export async function examined(db: Db, selection: ClawbackSelection) {
  const { clawbackId } = await openClawback(db, {
    clawbackId: randomUUID(),
    selection,
    reason: 'the table was wrong',
    requestedBy: cause.actor,
    approvalLimitMs: 3_600_000,
  });
  return recordReport(db, clawbackId);
}

export async function approved(db: Db, selection: ClawbackSelection): Promise<string> {
  const { clawbackId, reportHash } = await examined(db, selection);
  await approveClawback(db, { clawbackId, actor: cause.actor, reportHash: reportHash ?? '' });
  await beginReversal(db, clawbackId);
  return clawbackId;
}

/** One pass over all grants, as the story makes it; answers what is left. */
export async function reverseAll(
  db: Db,
  clawbackId: string,
  limit = 100,
): Promise<Pick<ReversedChunk, 'reversedCount' | 'waiting' | 'refused'>> {
  const sum: Pick<ReversedChunk, 'reversedCount' | 'waiting' | 'refused'> = {
    reversedCount: 0,
    waiting: [],
    refused: [],
  };
  for (let after = 0n; ;) {
    const chunk = await reverseChunk(db, { clawbackId, after, limit }, cause);
    sum.reversedCount += chunk.reversedCount;
    sum.waiting.push(...chunk.waiting);
    sum.refused.push(...chunk.refused);
    if (chunk.lastJournalId === null) return sum;
    after = chunk.lastJournalId;
  }
}

/** Examined, approved, reversed, added up. */
export async function clawBack(db: Db, selection: ClawbackSelection) {
  const clawbackId = await approved(db, selection);
  await reverseAll(db, clawbackId);
  return finishClawback(db, clawbackId);
}
