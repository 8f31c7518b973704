import type { Db } from './db.ts';

export type Deployment = { name: string; ledgerEpoch: number };

/**
 * Names the database's game environment on first use and refuses every other name afterwards: a process configured for
 * `production` must not write into `staging`.
 */
export async function ensureDeployment(db: Db, name: string): Promise<Deployment> {
  await db.query('INSERT INTO deployment (id, name) VALUES (1, $1) ON CONFLICT (id) DO NOTHING', [name]);
  const { rows } = await db.query<{ name: string; ledger_epoch: number }>(
    'SELECT name, ledger_epoch FROM deployment',
  );
  const deployment = rows[0];
  if (deployment === undefined) throw new Error('the deployment row vanished');
  if (deployment.name !== name) {
    throw new Error(
      `This database belongs to the environment "${deployment.name}", but LOOTLEDGER_ENVIRONMENT is "${name}". ` +
        'Point DATABASE_URL at the right database or correct the name.',
    );
  }
  return { name: deployment.name, ledgerEpoch: deployment.ledger_epoch };
}
