import type { JsonValue } from '../../domain/canonical-json.ts';
import { must } from '../../domain/must.ts';
import type { Db, Queryable } from '../db.ts';
import { openFinding } from '../findings/open-finding.ts';

/** Something an operator decided that Kafka was told of and the database does not know: it is not so any more. */
export type LostAction = {
  epoch: number;
  time: string;
  actor: string;
  action: string;
  target: string;
  detail: JsonValue;
};

/** Which of these have no audit entry. An event is written right after its entry, in one transaction. */
export async function unknownActions<T extends Omit<LostAction, 'epoch' | 'detail'>>(
  on: Queryable,
  actions: readonly T[],
): Promise<T[]> {
  const { rows } = await on.query<{ n: number }>(
    `SELECT n::int AS n
     FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[]) WITH ORDINALITY AS a(actor, action, target, told_at, n)
     WHERE NOT EXISTS (
       SELECT 1 FROM audit_entries e WHERE e.target = a.target AND e.actor = a.actor AND e.action = a.action
         AND e.created_at BETWEEN a.told_at - interval '1 minute' AND a.told_at + interval '1 second')
     ORDER BY n`,
    [
      actions.map(({ actor }) => actor),
      actions.map(({ action }) => action),
      actions.map(({ target }) => target),
      actions.map(({ time }) => time),
    ],
  );
  return rows.map(({ n }) => must(actions[n - 1], 'action'));
}

/** One finding each: only a person knows whether it has to be done again. Closed by a person, it stays closed. */
export async function recordLostActions(db: Db, lost: readonly LostAction[]): Promise<void> {
  await db.transaction(async (tx) => {
    for (const { time, actor, action, target, detail } of lost)
      await openFinding(
        tx,
        {
          rule: 'actions_lost',
          subject: `${action} ${target} at ${time}`,
          detail: { actor, action, target, time, detail },
        },
        { acknowledged: true },
      );
  });
}
