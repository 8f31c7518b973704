import type { EventContext } from '../../domain/events.ts';
import { LootError } from '../../domain/errors.ts';
import { journalKeys } from '../../domain/ledger/keys.ts';
import { playerHolder } from '../../domain/ledger/types.ts';
import type { JournalCause, NewJournal, PostResult } from '../../domain/ledger/types.ts';
import { requirePosted } from '../../domain/market/refused.ts';
import { spendJournal } from '../../domain/rewards/grant-journals.ts';
import type { SpendRequest } from '../../domain/rewards/grant-journals.ts';
import { assetsOf, namesFamily, splitSpend } from '../../domain/rewards/split-spend.ts';
import type { PlanLine } from '../../domain/rewards/types.ts';
import type { Db, Tx } from '../db.ts';
import { draftJournal } from '../economy/draft-journal.ts';
import { currentEconomy } from '../economy/reads.ts';
import type { EconomyVersion } from '../economy/reads.ts';
import type { JournalBatcher } from '../ledger/journal-batcher.ts';
import { postJournal } from '../ledger/post-journals.ts';
import { readJournal } from '../ledger/read-journal.ts';
import { retryConcurrent } from '../ledger/retry-concurrent.ts';

type Deps = { db: Db; batcher: JournalBatcher };
/** `split`: what was taken of which asset, as the journal pins it. */
export type Spent = { key: string; journalId: bigint; replayed: boolean; split: PlanLine[] };

/**
 * Takes a price from a player's wallets, once per reference for ever. A family is split by what the wallets hold while they
 * are locked. Throws `unknown_asset`, `insufficient_funds` (of a family: by its name), and what the ledger refuses.
 */
export async function postSpend(
  deps: Deps,
  request: SpendRequest,
  cause: JournalCause,
  context: EventContext = {},
): Promise<Spent> {
  const key = journalKeys.spend(request.clientId, request.reference);
  const published = await draftJournal(deps.db, await currentEconomy(deps.db), key, (basis) => {
    assetsOf(basis.economy, request.lines);
    return basis;
  });
  if (!namesFamily(published.economy, request.lines)) {
    const journal = spendJournal(published, request, cause);
    return spentOf(deps.db, journal, await deps.batcher.post(journal, context));
  }
  return retryConcurrent(() =>
    deps.db.transaction((tx) => spendFamilies(tx, published, request, cause, context)),
  );
}

async function spendFamilies(
  tx: Tx,
  published: EconomyVersion,
  request: SpendRequest,
  cause: JournalCause,
  context: EventContext,
): Promise<Spent> {
  const { economy } = published;
  const available = await lockWallets(tx, request.playerId, assetsOf(economy, request.lines));
  const journal = spendJournal(published, request, cause, available);
  const result = await postJournal(tx, journal, context);
  if (result.result === 'insufficient_funds') {
    const { short } = splitSpend(economy, request.lines, available);
    if (short !== null) throw missing(short);
  }
  return spentOf(tx, journal, result);
}

/** In the order in which posting locks them. */
async function lockWallets(
  tx: Tx,
  playerId: string,
  assets: readonly string[],
): Promise<Map<string, bigint>> {
  const { rows } = await tx.query<{ asset: string; available: bigint }>(
    `SELECT asset, credits_posted - debits_posted - debits_pending AS available FROM accounts
     WHERE holder = $1 AND purpose = 'wallet' AND asset = ANY ($2) ORDER BY id FOR UPDATE`,
    [playerHolder(playerId), assets],
  );
  return new Map(rows.map(({ asset, available }) => [asset, available]));
}

const missing = ({ asset, shortfall }: { asset: string; shortfall: bigint }): LootError =>
  new LootError('insufficient_funds', `${shortfall} ${asset} are missing.`, {
    extra: { asset, shortfall: shortfall.toString() },
  });

/** A repeat is answered with the first split, whatever the wallets and the economy say by now. */
async function spentOf(on: Db | Tx, { key, transfers }: NewJournal, result: PostResult): Promise<Spent> {
  requirePosted(result);
  const { journalId, replayed } = result;
  const split = transfers.flatMap((line) =>
    'debit' in line ? [{ asset: line.debit.asset, amount: line.amount.toString() }] : [],
  );
  if (!replayed) return { key, journalId, replayed, split };
  const pinned = (await readJournal(on, key))?.pinned as { split?: PlanLine[] } | undefined;
  return { key, journalId, replayed, split: pinned?.split ?? split };
}
