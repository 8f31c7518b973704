import type { Db } from '../db.ts';
import type { StoredReply } from './claim-key.ts';

/** A stored 202 whose story is over by now answers its outcome from here on. */
export async function replaceReply(
  db: Pick<Db, 'query'>,
  claim: { scope: string; key: string },
  reply: StoredReply,
): Promise<void> {
  await db.query(
    'UPDATE idempotency_keys SET status = $3, headers = $4, body = $5 WHERE scope = $1 AND key = $2 AND status = 202',
    [claim.scope, claim.key, reply.status, reply.headers, reply.body],
  );
}
