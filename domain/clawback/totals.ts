import type { ClawbackOutcome, ClawbackTotals, GrantToReverse, ItemPlaces } from './types.ts';

/** Adds up what became of many grants, one after another. Amounts are summed without a limit of size. */
export function createTotals() {
  const players = new Set<string>();
  const assets = new Map<string, { granted: bigint; takenBack: bigint; debt: bigint }>();
  const items = new Map<
    string,
    { granted: number; takenBack: number; left: number; unrecoverable: number }
  >();
  const proceeds = new Map<string, { owed: bigint; takenBack: bigint; debt: bigint }>();
  let grantCount = 0;

  return {
    add(playerId: string, outcome: ClawbackOutcome): void {
      grantCount += 1;
      players.add(playerId);
      for (const line of outcome.assets) {
        const sum = entry(assets, line.asset, () => ({ granted: 0n, takenBack: 0n, debt: 0n }));
        sum.granted += BigInt(line.granted);
        sum.takenBack += BigInt(line.returned) + BigInt(line.fromMailbox) + BigInt(line.fromWallet);
        sum.debt += BigInt(line.debt);
      }
      for (const item of outcome.items) {
        const sum = entry(items, item.kind, () => ({
          granted: 0,
          takenBack: 0,
          left: 0,
          unrecoverable: 0,
        }));
        sum.granted += 1;
        if (item.outcome === 'taken') sum.takenBack += 1;
        else sum[item.outcome] += 1;
      }
      for (const line of outcome.proceeds) {
        const sum = entry(proceeds, line.asset, () => ({ owed: 0n, takenBack: 0n, debt: 0n }));
        sum.owed += BigInt(line.owed);
        sum.takenBack += BigInt(line.fromWallet);
        sum.debt += BigInt(line.debt);
      }
    },

    read: (): ClawbackTotals => ({
      grantCount,
      playerCount: players.size,
      assets: byName(assets).map(([asset, { granted, takenBack, debt }]) => ({
        asset,
        granted: granted.toString(),
        takenBack: takenBack.toString(),
        debt: debt.toString(),
        // money has no owner to be kept whole but its holder, and is never used up: a shortfall is debt
        left: '0',
        unrecoverable: '0',
      })),
      items: byName(items).map(([kind, sum]) => ({ kind, ...sum, debt: 0 })),
      proceeds: byName(proceeds).map(([asset, { owed, takenBack, debt }]) => ({
        asset,
        owed: owed.toString(),
        takenBack: takenBack.toString(),
        debt: debt.toString(),
      })),
    }),
  };
}

/** Counts where granted items are. */
export function createPlaces() {
  const places = new Map<string, Omit<ItemPlaces, 'kind'>>();
  const column = {
    grantee: 'withGrantee',
    listing: 'listed',
    busy: 'busy',
    sold: 'sold',
    gone: 'gone',
  } as const;
  return {
    add(grant: Pick<GrantToReverse, 'items'>): void {
      for (const { kind, place } of grant.items)
        entry(places, kind, () => ({ withGrantee: 0, listed: 0, busy: 0, sold: 0, gone: 0 }))[
          column[place.at]
        ] += 1;
    },
    read: (): ItemPlaces[] => byName(places).map(([kind, counts]) => ({ kind, ...counts })),
  };
}

/** The lines that do not add up; none, unless we have a bug. */
export function unbalanced({ assets, items, proceeds }: ClawbackTotals): string[] {
  const sum = (...amounts: string[]) => amounts.reduce((total, amount) => total + BigInt(amount), 0n);
  return [
    ...assets
      .filter((a) => BigInt(a.granted) !== sum(a.takenBack, a.debt, a.left, a.unrecoverable))
      .map(({ asset }) => asset),
    ...items
      .filter((i) => i.granted !== i.takenBack + i.debt + i.left + i.unrecoverable)
      .map(({ kind }) => kind),
    ...proceeds
      .filter((p) => BigInt(p.owed) !== sum(p.takenBack, p.debt))
      .map(({ asset }) => `proceeds in ${asset}`),
  ];
}

function entry<T>(map: Map<string, T>, key: string, create: () => T): T {
  const known = map.get(key);
  if (known !== undefined) return known;
  const created = create();
  map.set(key, created);
  return created;
}

const byName = <T>(map: Map<string, T>): [string, T][] =>
  [...map].toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
