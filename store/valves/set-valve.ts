import { LootError } from '../../domain/errors.ts';
import type { EventContext } from '../../domain/events.ts';
import type { Tx } from '../db.ts';
import { appendAudit } from '../audit/append-audit.ts';
import { appendEvents } from '../outbox/append-events.ts';
import { readValve } from './reads.ts';
import type { Valve } from './reads.ts';

export type ValveChange = { scope: string; id: string; reason: string; actor: string };
type Context = EventContext & { requestId?: string };

/**
 * Stops what the valve names: from its commit on posting answers `frozen`, except what gives back. Told in `audit.trail`
 * and as an event. Throws `not_found`, and `precondition_failed` when the valve is not at this version any more.
 */
export async function closeValve(
  tx: Tx,
  change: ValveChange,
  version: number,
  context: Context = {},
): Promise<Valve> {
  return setValve(tx, 'closed', change, version, context);
}

/** Lets it flow again; stories that wait for it go on by themselves. Fails as `closeValve` does. */
export async function openValve(
  tx: Tx,
  change: ValveChange,
  version: number,
  context: Context = {},
): Promise<Valve> {
  return setValve(tx, 'open', change, version, context);
}

async function setValve(
  tx: Tx,
  state: Valve['state'],
  change: ValveChange,
  version: number,
  context: Context,
): Promise<Valve> {
  const { scope, id, reason, actor } = change;
  if ((await readValve(tx, scope, id)) === null)
    throw new LootError('not_found', `There is no valve ${scope}/${id}.`);
  // the guard: of two changes of one version, one is late
  const { rowCount } = await tx.query(
    `INSERT INTO valve_versions AS v (scope, id, version)
     SELECT $1, $2, 2 WHERE $3 = 1 OR EXISTS (SELECT FROM valve_versions WHERE scope = $1 AND id = $2)
     ON CONFLICT (scope, id) DO UPDATE SET version = v.version + 1 WHERE v.version = $3`,
    [scope, id, version],
  );
  if (rowCount === 0) throw new LootError('precondition_failed', 'The valve has changed; read it again.');
  if (state === 'open') await tx.query('DELETE FROM valves WHERE scope = $1 AND id = $2', [scope, id]);
  else
    await tx.query(
      `INSERT INTO valves (scope, id, reason, closed_by) VALUES ($1, $2, $3, $4)
       ON CONFLICT (scope, id) DO UPDATE SET reason = excluded.reason, closed_by = excluded.closed_by`,
      [scope, id, reason, actor],
    );
  await tell(tx, state, change, context);
  const valve = await readValve(tx, scope, id);
  if (valve === null) throw new TypeError('a valve that was there a moment ago');
  return valve;
}

async function tell(
  tx: Tx,
  state: Valve['state'],
  { scope, id, reason, actor }: ValveChange,
  context: Context,
): Promise<void> {
  const verb = state === 'open' ? 'opened' : 'closed';
  const target = `valve:${scope}:${id}`;
  await appendAudit(tx, { actor, action: `valve.${verb}`, target, detail: { scope, id, reason } }, context);
  const { requestId: _requestId, ...eventContext } = context;
  const type = `economy.valve.${verb}` as const;
  const data = { scope, id, reason, actor };
  await appendEvents(tx, [{ type: `${type}.v1`, key: `${scope}:${id}`, data }], eventContext);
}
