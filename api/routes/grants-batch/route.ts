import { createHash } from 'node:crypto';
import { LootError, isLootError } from '../../../domain/errors.ts';
import { journalKeys } from '../../../domain/ledger/keys.ts';
import type { JournalCause, NewJournal } from '../../../domain/ledger/types.ts';
import { isPosted } from '../../../domain/ledger/types.ts';
import { asLootError } from '../../../domain/market/refused.ts';
import { must } from '../../../domain/must.ts';
import { apiGrantJournal } from '../../../domain/rewards/grant-journals.ts';
import type { Db } from '../../../store/db.ts';
import { draftJournal } from '../../../store/economy/draft-journal.ts';
import { currentEconomy } from '../../../store/economy/reads.ts';
import type { EconomyVersion } from '../../../store/economy/reads.ts';
import { postGrantBatch } from '../../../store/grants/post-grant-batch.ts';
import type { GrantAnswer } from '../../../store/grants/post-grant-batch.ts';
import { resolvePlayers } from '../../../store/players/resolve-players.ts';
import { service } from '../../auth/policy.ts';
import { defineRoute } from '../../define-route.ts';
import { receiptPath } from '../../links.ts';
import { waitingView } from '../grants/schema.ts';
import { GrantBatch, GrantBatchResult, resultOfError } from './schema.ts';
import type { GrantOfBatch } from './schema.ts';

const bodyBytesMax = 1_048_576;
const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();

/** A line that became a journal, or why it did not. */
type Draft = { playerId: string | null } & ({ journal: NewJournal } | { error: LootError });

const createBatch = defineRoute(
  {
    method: 'post',
    path: '/v1/grants/batch',
    operationId: 'createGrants',
    tag: 'brought-in games',
    summary: 'Pay many players; a grant that is refused leaves the others alone',
    auth: service('grants:write'),
    mutation: 'keyed',
    limit: 'write',
    bodyBytesMax,
    body: GrantBatch,
    answers: {
      200: { description: 'Each grant in the given order, paid or refused', schema: GrantBatchResult },
    },
  },
  async ({ deps, principal: { clientId }, body: { grants }, cause, eventContext }) => {
    const published = await currentEconomy(deps.db);
    const players = await resolvePlayers(
      deps.db,
      grants.map(({ player }) => player),
      { context: eventContext },
    );
    const drafts = await Promise.all(
      grants.map((grant, index) =>
        draftOf(deps.db, published, grant, { clientId, playerId: players[index] ?? null, cause }),
      ),
    );
    const journals = drafts.flatMap((draft) => ('journal' in draft ? [draft.journal] : []));
    const answers = await postGrantBatch(deps, journals, eventContext);
    deps.crash?.('after-grants-before-reply');
    // answers come in the order of the journals, so the n-th journal's is the n-th
    const inOrder = answers.values();
    const results = drafts.map((draft, index) => {
      const { reference } = must(grants[index], 'grant');
      const at = { index, reference, playerId: draft.playerId };
      return 'error' in draft
        ? resultOfError(at, draft.error)
        : resultOf(at, draft.journal.key, must(inOrder.next().value, 'answer'));
    });
    const paidCount = results.filter(({ status }) => status === 'paid').length;
    return { status: 200, body: { paidCount, refusedCount: results.length - paidCount, results } };
  },
);

async function draftOf(
  db: Db,
  published: EconomyVersion,
  grant: GrantOfBatch,
  { clientId, playerId, cause }: { clientId: string; playerId: string | null; cause: JournalCause },
): Promise<Draft> {
  if (playerId === null)
    return { playerId, error: new LootError('unknown_account', 'There is no player with this id.') };
  const { reference, items, deferred } = grant;
  const lines = grant.lines.map(({ asset, amount }) => ({ asset, amount: BigInt(amount) }));
  try {
    const request = { clientId, reference, playerId, lines, items, deferred };
    const key = journalKeys.apiGrant(clientId, reference);
    const journal = await draftJournal(db, published, key, (basis) =>
      apiGrantJournal(basis, request, cause, sha256),
    );
    return { playerId, journal };
  } catch (error) {
    if (!isLootError(error)) throw error;
    return { playerId, error };
  }
}

function resultOf(
  at: { index: number; reference: string; playerId: string | null },
  key: string,
  { result, mailbox }: GrantAnswer,
) {
  if (!isPosted(result)) return resultOfError(at, asLootError(result));
  return {
    ...at,
    status: 'paid' as const,
    replayed: result.replayed,
    key,
    journalId: String(result.journalId),
    mailbox: mailbox.map(waitingView),
    receipt: receiptPath(key),
  };
}

export const grantBatchRoutes = [createBatch];
