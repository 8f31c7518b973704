import { checkInvariants } from '../../store/ledger/invariants.ts';
import { eventually, expect } from '../stage.ts';
import type { World } from '../world.ts';

/** The promises about money and items, asked of PostgreSQL itself. */
export async function checkBooks({ db, output }: World): Promise<void> {
  // the last match's rewards are being paid while we look
  const results = await eventually('every finished match is paid', async () => {
    const found = await checkInvariants(db);
    return found.every(({ ok }) => ok) ? found : undefined;
  }).catch(() => checkInvariants(db));
  for (const { rule, ok, detail } of results) {
    expect(ok, `${rule}: ${detail}`);
    output.proof(`${rule}: ${detail}`);
  }
  const { rows } = await db.query<{ journals: bigint; transfers: bigint; movements: bigint }>(
    `SELECT (SELECT count(*) FROM journals) AS journals, (SELECT count(*) FROM transfers) AS transfers,
       (SELECT count(*) FROM item_movements) AS movements`,
  );
  const [counts] = rows;
  if (counts)
    output.line(
      `  ${counts.journals} journals, ${counts.transfers} transfers, ${counts.movements} item movements`,
    );
}
