import type { Decision } from '../../domain/market/types.ts';
import type { Queryable } from '../db.ts';

/** What a verdict is about. */
export type Subject = `match:${string}` | `trade:${string}`;
export type Verdict = { decision: Decision; reason: string };

export async function readVerdict(on: Queryable, subject: Subject): Promise<Verdict | null> {
  const { rows } = await on.query<Verdict>({
    name: 'read_verdict',
    text: 'SELECT decision, reason FROM verdicts WHERE subject = $1',
    values: [subject],
  });
  return rows[0] ?? null;
}
