import type { DropTable, Economy } from '../../domain/economy/types.ts';
import type { ErrorPlace } from '../../domain/errors.ts';
import { dropTableHash } from '../../domain/rewards/plan-rewards.ts';
import type { Queryable, Tx } from '../db.ts';
import { sha256 } from '../matches/sha256.ts';

/** Adds what is new of assets, kinds and tables; what stands already under the same name and version stays as it is. */
export async function addParts(tx: Tx, economy: Economy): Promise<void> {
  const { assets, kinds, tables } = partsOf(economy);
  await tx.query(
    'INSERT INTO assets (code, kind) SELECT * FROM unnest($1::text[], $2::text[]) ON CONFLICT DO NOTHING',
    assets,
  );
  await tx.query(
    `INSERT INTO catalog_kinds (code, version, attributes)
     SELECT * FROM unnest($1::text[], $2::int[], $3::jsonb[]) ON CONFLICT DO NOTHING`,
    kinds,
  );
  await tx.query(
    `INSERT INTO drop_tables (code, version, hash, entries, rules)
     SELECT * FROM unnest($1::text[], $2::int[], $3::text[], $4::jsonb[], $5::jsonb[]) ON CONFLICT DO NOTHING`,
    tables,
  );
}

/** What was published otherwise under the same name and version: it is immutable, so the file is refused. */
export async function findConflicts(db: Queryable, economy: Economy): Promise<ErrorPlace[]> {
  const { assets, kinds, tables } = partsOf(economy);
  const { rows } = await db.query<ErrorPlace>(
    `SELECT '/assets/' || n.code || '/kind' AS pointer, 'was published with another kind' AS detail
     FROM unnest($1::text[], $2::text[]) AS n(code, kind) JOIN assets p USING (code) WHERE p.kind <> n.kind
     UNION ALL
     SELECT '/kinds/' || n.code || '/version', 'other attributes were published under this version; raise it'
     FROM unnest($3::text[], $4::int[], $5::jsonb[]) AS n(code, version, attributes)
     JOIN catalog_kinds p USING (code, version) WHERE p.attributes <> n.attributes
     UNION ALL
     SELECT '/dropTables/' || n.code || '/version', 'other entries or rules were published under this version; raise it'
     FROM unnest($6::text[], $7::int[], $8::text[]) AS n(code, version, hash)
     JOIN drop_tables p USING (code, version) WHERE p.hash <> n.hash`,
    [...assets, ...kinds, ...tables.slice(0, 3)],
  );
  return rows;
}

/** What posting checks: how much a wallet holds, and how much a flow moves in a day. */
export async function applyLimits(tx: Tx, { assets, sources, sinks }: Economy): Promise<void> {
  const codes = Object.keys(assets);
  await tx.query(
    `WITH named AS (SELECT * FROM unnest($1::text[], $2::bigint[]) AS f(code, wallet_max))
     UPDATE assets a SET wallet_max = (SELECT wallet_max FROM named f WHERE f.code = a.code)
     WHERE a.wallet_max IS DISTINCT FROM (SELECT wallet_max FROM named f WHERE f.code = a.code)`,
    [codes, codes.map((code) => assets[code]?.walletMax ?? null)],
  );
  const caps = (['source', 'sink'] as const).flatMap((side) =>
    Object.entries(side === 'source' ? sources : sinks).flatMap(([role, { dailyCaps = [] }]) =>
      dailyCaps.map(({ asset, amount }) => ({ role, side, asset, amount })),
    ),
  );
  const columns = [
    caps.map(({ role }) => role),
    caps.map(({ side }) => side),
    caps.map(({ asset }) => asset),
    caps.map(({ amount }) => amount),
  ];
  const values = 'unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) AS n(role, side, asset, amount)';
  await tx.query(
    `DELETE FROM flow_caps c WHERE NOT EXISTS
       (SELECT FROM ${values} WHERE (n.role, n.side, n.asset) = (c.role, c.side, c.asset))`,
    columns,
  );
  await tx.query(
    `INSERT INTO flow_caps AS c (role, side, asset, amount_per_day) SELECT * FROM ${values} ORDER BY 1, 2, 3
     ON CONFLICT (role, side, asset) DO UPDATE SET amount_per_day = excluded.amount_per_day
       WHERE c.amount_per_day <> excluded.amount_per_day`,
    columns,
  );
}

/** As parallel arrays, in an order all who publish share. */
function partsOf({ assets, kinds, dropTables }: Economy) {
  const assetCodes = Object.keys(assets).toSorted();
  const kindCodes = Object.keys(kinds).toSorted();
  const tableCodes = Object.keys(dropTables).toSorted();
  const rules = tableCodes.flatMap((code) => (dropTables[code] ? [dropTables[code]] : []));
  return {
    assets: [assetCodes, assetCodes.map((code) => assets[code]?.kind)],
    kinds: [
      kindCodes,
      kindCodes.map((code) => kinds[code]?.version),
      kindCodes.map((code) => JSON.stringify(kinds[code]?.attributes)),
    ],
    tables: [
      tableCodes,
      rules.map(({ version }) => version),
      rules.map((table) => dropTableHash(table, sha256)),
      rules.map(({ entries }) => JSON.stringify(entries)),
      rules.map((table) => JSON.stringify(rulesOf(table))),
    ],
  };
}

function rulesOf(table: DropTable) {
  const { version: _, entries: __, ...rules } = table;
  return rules;
}
