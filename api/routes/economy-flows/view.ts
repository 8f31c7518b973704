import type { Flow, Flows, FlowWindow, Holdings } from '../../../store/flows/reads.ts';
import { bucketMs } from './window.ts';

/** Every bucket of the window for every asset, also those in which nothing happened. */
export function flowsView(window: FlowWindow, { foldedJournalId, assets, supplies, flows, holdings }: Flows) {
  const flowsOf = Map.groupBy(flows, cellOf);
  const holdingsOf = new Map(holdings.map((row) => [cellOf(row), row]));
  return {
    from: window.from.toISOString(),
    to: window.to.toISOString(),
    bucket: window.bucket,
    upToJournalId: foldedJournalId.toString(),
    assets: assets.map((asset) => {
      let supply = supplies.get(asset) ?? 0n;
      const buckets = startsOf(window).map((start) => {
        const cell = cellOf({ asset, start });
        const view = bucketView(start, flowsOf.get(cell) ?? [], supply, holdingsOf.get(cell));
        supply = BigInt(view.supply);
        return view;
      });
      return { asset, buckets };
    }),
  };
}

const cellOf = ({ asset, start }: { asset: string; start: Date }): string => `${asset} ${start.getTime()}`;

function startsOf({ from, to, bucket }: FlowWindow): Date[] {
  const count = (to.getTime() - from.getTime()) / bucketMs[bucket];
  return Array.from({ length: count }, (_, n) => new Date(from.getTime() + n * bucketMs[bucket]));
}

function bucketView(start: Date, flows: readonly Flow[], supplyBefore: bigint, held: Holdings | undefined) {
  const sum = (side: 'debited' | 'credited', ...purposes: string[]) =>
    flows.filter(({ purpose }) => purposes.includes(purpose)).reduce((total, flow) => total + flow[side], 0n);
  const minted = sum('debited', 'source', 'sink');
  const burned = sum('credited', 'source', 'sink');
  const spent = sum('debited', 'wallet');
  const supply = supplyBefore + minted - burned;
  return {
    start: start.toISOString(),
    minted: String(minted),
    burned: String(burned),
    net: String(minted - burned),
    fees: String(sum('credited', 'fee')),
    spent: String(spent),
    supply: String(supply),
    velocity: ratio(spent, supply),
    holders: held?.holderCount ?? null,
    topDecileShare: held ? ratio(held.topDecile, held.held) : null,
    flows: flows.map(({ purpose, role, code, debited, credited, transferCount }) => ({
      purpose,
      role,
      code,
      debited: String(debited),
      credited: String(credited),
      transferCount: String(transferCount),
    })),
  };
}

const ratioScale = 10_000n;

/** To four places, without leaving integers before. */
const ratio = (part: bigint, whole: bigint): number | null =>
  whole > 0n ? Number((part * ratioScale) / whole) / Number(ratioScale) : null;
