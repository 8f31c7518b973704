import { randomBytes } from 'node:crypto';
import type { Db } from '../db.ts';

export type SecretName = 'key-encryption' | 'service-token';

/**
 * A random secret of this deployment, made on first use and the same for all its processes. For installations that
 * configure none of their own.
 */
export async function ensureSecret(db: Pick<Db, 'query'>, name: SecretName): Promise<string> {
  await db.query(
    'INSERT INTO deployment_secrets (name, secret) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING',
    [name, randomBytes(32).toString('base64url')],
  );
  const { rows } = await db.query<{ secret: string }>(
    'SELECT secret FROM deployment_secrets WHERE name = $1',
    [name],
  );
  if (rows[0] === undefined) throw new Error(`the secret ${name} vanished`);
  return rows[0].secret;
}
