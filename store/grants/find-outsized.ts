import type { NewJournal, PostResult } from '../../domain/ledger/types.ts';
import type { Queryable } from '../db.ts';

/**
 * Which of the journals, by key, a source's daily cap will refuse on every other day too: one of them alone is more than
 * the source gives in a day. Waiting for tomorrow would be waiting for ever.
 */
export async function findOutsized(
  on: Queryable,
  journals: readonly NewJournal[],
  results: readonly PostResult[],
): Promise<ReadonlySet<string>> {
  const capped = journals.filter((_, index) => isRefusedBySource(results[index]));
  if (capped.length === 0) return new Set();
  const { rows } = await on.query<{ flow: string; max: bigint }>(
    `SELECT role || ' ' || asset AS flow, amount_per_day AS max FROM flow_caps WHERE side = 'source'`,
  );
  const maxOf = new Map(rows.map(({ flow, max }) => [flow, max]));
  const isOutsized = (journal: NewJournal) =>
    [...flowsOf(journal)].some(([flow, amount]) => amount > (maxOf.get(flow) ?? amount));
  return new Set(capped.filter(isOutsized).map(({ key }) => key));
}

const isRefusedBySource = (result: PostResult | undefined): boolean =>
  result?.result === 'limit_exceeded' && result.limit.startsWith('source:');

function flowsOf({ transfers }: NewJournal): Map<string, bigint> {
  const sums = new Map<string, bigint>();
  for (const line of transfers) {
    if (!('debit' in line) || line.debit.purpose !== 'source') continue;
    const flow = `${line.debit.holder.slice('system:'.length)} ${line.debit.asset}`;
    sums.set(flow, (sums.get(flow) ?? 0n) + line.amount);
  }
  return sums;
}
