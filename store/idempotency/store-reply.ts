import type { Db } from '../db.ts';
import { createMicroBatch } from '../micro-batch.ts';
import type { StoredReply } from './claim-key.ts';

type Answered = { scope: string; key: string; lease: string; reply: StoredReply };

const batches = new WeakMap<Pick<Db, 'query'>, (answered: Answered) => Promise<null>>();

/** Keeps what the request answered, unless the claim was taken over meanwhile; replies of one moment share a statement. */
export async function storeReply(
  db: Pick<Db, 'query'>,
  claim: { scope: string; key: string; lease: string },
  reply: StoredReply,
): Promise<void> {
  let store = batches.get(db);
  if (!store) {
    store = createMicroBatch({
      run: (answered: readonly Answered[]) => storeReplies(db, answered),
      nameOf: ({ scope, key }) => `${scope}\n${key}`,
    });
    batches.set(db, store);
  }
  await store({ ...claim, reply });
}

/** Locked in the order in which they are claimed. */
async function storeReplies(db: Pick<Db, 'query'>, answered: readonly Answered[]): Promise<null[]> {
  await db.query({
    // without a name, so planned anew each time: a plan kept from when the table was empty would read all of it
    text: `
      WITH answered AS MATERIALIZED (
        SELECT * FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::int[], $5::jsonb[], $6::text[])
          AS a(scope, key, lease, status, headers, body)
      ), held AS MATERIALIZED (
        SELECT a.* FROM answered a JOIN idempotency_keys k ON k.scope = a.scope AND k.key = a.key
        WHERE k.status IS NULL AND k.lease_until = a.lease ORDER BY k.scope, k.key FOR UPDATE OF k
      )
      UPDATE idempotency_keys k SET status = h.status, headers = h.headers, body = h.body, lease_until = NULL
      FROM held h WHERE k.scope = h.scope AND k.key = h.key`,
    values: [
      answered.map(({ scope }) => scope),
      answered.map(({ key }) => key),
      answered.map(({ lease }) => lease),
      answered.map(({ reply }) => reply.status),
      answered.map(({ reply }) => JSON.stringify(reply.headers)),
      answered.map(({ reply }) => reply.body),
    ],
  });
  return answered.map(() => null);
}
