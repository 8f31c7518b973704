import { conformanceOf, falseAlarmRate } from '../../domain/rewards/conformance.ts';
import type { Observed, Verdict } from '../../domain/rewards/conformance.ts';
import { trip } from '../auditor/record-findings.ts';
import type { Db, Queryable } from '../db.ts';
import { openFinding } from '../findings/open-finding.ts';
import { rollUpDraws } from './roll-up-draws.ts';

export type Checked = Verdict & Pick<Observed, 'table' | 'version' | 'variant'>;

/**
 * Compares everything that was drawn so far with the published odds, per version of a table and modifiers that applied, and
 * opens an `odds_conformance` finding for each that chance does not explain. Safe to run at any time and more than once.
 */
export async function checkConformance(db: Db): Promise<Checked[]> {
  await rollUpDraws(db);
  const all = await readObservations(db);
  const checked = all.map((observed) => ({ observed, verdict: conformanceOf(observed, all.length) }));
  for (const { observed, verdict } of checked) {
    if (!verdict.conforms) await tell(db, observed, verdict, all.length);
  }
  return checked.map(({ observed: { table, version, variant }, verdict }) => ({
    table,
    version,
    variant,
    ...verdict,
  }));
}

/** What was drawn of a table that was never published has no entries, and so does not conform. */
async function readObservations(db: Queryable): Promise<Observed[]> {
  const { rows } = await db.query<Omit<Observed, 'counts'> & { counts: Record<string, string> }>(
    `SELECT o.table_code AS "table", o.table_version AS version, o.variant, coalesce(t.entries, '[]') AS entries,
       jsonb_object_agg(o.entry, o.draw_count::text) AS counts
     FROM drop_observations o LEFT JOIN drop_tables t ON t.code = o.table_code AND t.version = o.table_version
     GROUP BY o.table_code, o.table_version, o.variant, t.entries ORDER BY 1, 2, 3`,
  );
  return rows.map((row) => ({
    ...row,
    counts: Object.fromEntries(Object.entries(row.counts).map(([entry, count]) => [entry, Number(count)])),
  }));
}

/** A finding, and, when it is new, the tripwire that the economy may have for it. */
const tell = (
  db: Db,
  { table, version, variant, entries, counts }: Observed,
  { sampleCount, fit, evidenceLog10 }: Verdict,
  tableCount: number,
): Promise<void> =>
  db.transaction(async (tx) => {
    const rule = 'odds_conformance';
    const subject = `table:${table}:${version}${variant === '' ? '' : `:${variant}`}`;
    const detail = {
      what: `the ${sampleCount} draws of it do not come out as published`,
      observed: counts,
      published: entries.map((entry) => ({ ...entry })),
      pValue: fit?.pValue ?? null,
      statistic: fit?.statistic ?? null,
      degreesOfFreedom: fit?.degreesOfFreedom ?? null,
      evidenceLog10,
      falseAlarmRate: falseAlarmRate / tableCount,
    };
    if (await openFinding(tx, { rule, subject, detail }, { acknowledged: true }))
      await trip(tx, rule, subject);
  });
