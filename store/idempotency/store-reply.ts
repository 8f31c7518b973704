import type { Db } from '../db.ts';
import type { StoredReply } from './claim-key.ts';

/** Keeps what the request answered, unless the claim was taken over meanwhile. */
export async function storeReply(
  db: Pick<Db, 'query'>,
  claim: { scope: string; key: string; lease: string },
  reply: StoredReply,
): Promise<void> {
  await db.query({
    name: 'store_idempotent_reply',
    text: `
      UPDATE idempotency_keys SET status = $4, headers = $5, body = $6, lease_until = NULL
      WHERE scope = $1 AND key = $2 AND status IS NULL AND lease_until = $3::timestamptz`,
    values: [claim.scope, claim.key, claim.lease, reply.status, reply.headers, reply.body],
  });
}
