import { createHash } from 'node:crypto';
import { journalKeys } from '../../../domain/ledger/keys.ts';
import { must } from '../../../domain/must.ts';
import { requirePosted } from '../../../domain/market/refused.ts';
import { apiGrantJournal } from '../../../domain/rewards/grant-journals.ts';
import { draftJournal } from '../../../store/economy/draft-journal.ts';
import { currentEconomy } from '../../../store/economy/reads.ts';
import { postGrantBatch } from '../../../store/grants/post-grant-batch.ts';
import { service } from '../../auth/policy.ts';
import { defineRoute } from '../../define-route.ts';
import { receiptPath } from '../../links.ts';
import { resolvePlayer } from '../../resolve-player.ts';
import { Grant, Granted, waitingView } from './schema.ts';

const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();

const create = defineRoute(
  {
    method: 'post',
    path: '/v1/grants',
    operationId: 'createGrant',
    tag: 'brought-in games',
    summary: 'Pay a player, once per reference for ever',
    auth: service('grants:write'),
    mutation: 'keyed',
    limit: 'write',
    body: Grant,
    answers: {
      200: { description: 'This reference was paid before; the same answer again', schema: Granted },
      201: { description: 'Paid', schema: Granted },
    },
    errors: [
      'exists_with_different_body',
      'unknown_asset',
      'unknown_kind',
      'unknown_account',
      'frozen',
      'limit_exceeded',
      'overflow',
    ],
  },
  async ({ deps, principal, body, cause, eventContext }) => {
    const playerId = await resolvePlayer(deps, body.player, eventContext);
    const lines = body.lines.map(({ asset, amount }) => ({ asset, amount: BigInt(amount) }));
    const request = {
      clientId: principal.clientId,
      reference: body.reference,
      playerId,
      lines,
      items: body.items,
      deferred: body.deferred,
    };
    const key = journalKeys.apiGrant(principal.clientId, body.reference);
    const journal = await draftJournal(deps.db, await currentEconomy(deps.db), key, (published) =>
      apiGrantJournal(published, request, cause, sha256),
    );
    const [answer] = await postGrantBatch(deps, [journal], eventContext);
    deps.crash?.('after-grants-before-reply');
    const { result: posted, mailbox } = must(answer, 'answer');
    requirePosted(posted);
    const reply = {
      key,
      reference: body.reference,
      playerId,
      journalId: String(posted.journalId),
      lines: body.lines,
      items: body.items,
      mailbox: mailbox.map(waitingView),
      receipt: receiptPath(key),
    };
    return { status: posted.replayed ? 200 : 201, body: reply, headers: { location: receiptPath(key) } };
  },
);

export const grantRoutes = [create];
