import { valveChannels } from '../../domain/ledger/valves.ts';
import type { ValveScope } from '../../domain/ledger/valves.ts';
import type { Queryable } from '../db.ts';

/** A switch that stops one source, kind, channel or asset. `version` rises with every change. */
export type Valve = {
  scope: ValveScope;
  id: string;
  state: 'open' | 'closed';
  reason: string | null;
  closedBy: string | null;
  closedAt: Date | null;
  version: number;
};

/** Everything there is a valve for: what any version of the economy has named. */
const known = `
  SELECT 'asset' AS scope, code AS id FROM assets
  UNION SELECT 'kind', code FROM catalog_kinds
  UNION SELECT 'source', jsonb_object_keys(content -> 'sources') FROM economy_versions
  UNION SELECT 'channel', unnest('{${valveChannels.join(',')}}'::text[])
  UNION SELECT scope, id FROM valves`;

const valve = (condition: string) => `
  SELECT k.scope, k.id, CASE WHEN v.id IS NULL THEN 'open' ELSE 'closed' END AS state, v.reason, v.closed_by AS "closedBy",
    v.closed_at AS "closedAt", coalesce(n.version, 1) AS version
  FROM (${known}) k
  LEFT JOIN valves v ON v.scope = k.scope AND v.id = k.id
  LEFT JOIN valve_versions n ON n.scope = k.scope AND n.id = k.id
  WHERE ${condition}`;

/** Null when nothing is called that. */
export async function readValve(on: Queryable, scope: string, id: string): Promise<Valve | null> {
  const { rows } = await on.query<Valve>(valve('k.scope = $1 AND k.id = $2'), [scope, id]);
  return rows[0] ?? null;
}

/** One page by scope and id. */
export async function listValves(
  on: Queryable,
  filter: { state?: 'open' | 'closed'; after?: readonly [string, string]; limit: number },
): Promise<Valve[]> {
  const { rows } = await on.query<Valve>(
    `${valve(`($1::text IS NULL OR (v.id IS NULL) = ($1 = 'open')) AND ($2::text IS NULL OR (k.scope, k.id) > ($2, $3))`)}
     ORDER BY k.scope, k.id LIMIT $4`,
    [filter.state ?? null, filter.after?.[0] ?? null, filter.after?.[1] ?? null, filter.limit],
  );
  return rows;
}

/** How many are closed, per scope; every scope is there. */
export async function closedValveCounts(on: Queryable): Promise<Record<ValveScope, number>> {
  const { rows } = await on.query<{ scope: ValveScope; count: number }>(
    'SELECT scope, count(*)::int AS count FROM valves GROUP BY scope',
  );
  const counts = { source: 0, kind: 0, channel: 0, asset: 0 };
  for (const { scope, count } of rows) counts[scope] = count;
  return counts;
}
