import { checkInvariants } from '../../store/ledger/invariants.ts';
import { expect } from '../stage.ts';
import type { World } from '../world.ts';

/** The promises about money and items, asked of PostgreSQL itself. */
export async function checkBooks({ db, output }: World): Promise<void> {
  for (const { rule, ok, detail } of await checkInvariants(db)) {
    expect(ok, `${rule}: ${detail}`);
    output.proof(`${rule}: ${detail}`);
  }
  const { rows } = await db.query<{ journals: bigint; transfers: bigint; movements: bigint }>(
    `SELECT (SELECT count(*) FROM journals) AS journals, (SELECT count(*) FROM transfers) AS transfers,
       (SELECT count(*) FROM item_movements) AS movements`,
  );
  const [counts] = rows;
  if (counts) output.line(`  ${counts.journals} journals, ${counts.transfers} transfers, ${counts.movements} item movements`);
}
