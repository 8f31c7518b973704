import { randomBytes, randomUUID } from 'node:crypto';
import { confidentialTopics } from '../events/catalogue/topics.ts';
import type { Db } from '../store/db.ts';
import { ensureOperatorKey } from '../store/api-keys/ensure-operator-key.ts';
import { hashSecret } from './auth/authenticate.ts';
import { scopes } from './auth/policy.ts';

const prefixLength = 12;

/** Makes the deployment's first key, once. Answers its secret to whoever made it; nobody can read it again. */
export async function makeFirstOperatorKey(db: Db, keyPrefix: string): Promise<string | undefined> {
  const secret = `${keyPrefix}op_${randomBytes(32).toString('hex')}`;
  const key = {
    id: randomUUID(),
    clientId: 'operator',
    hash: hashSecret(secret),
    prefix: secret.slice(0, prefixLength),
    scopes,
    topics: { publish: ['*'], read: ['*', ...confidentialTopics] },
  };
  return (await ensureOperatorKey(db, key)) ? secret : undefined;
}
