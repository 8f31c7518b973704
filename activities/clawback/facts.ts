import type { ClawbackReport, ClawbackTotals } from '../../domain/clawback/types.ts';
import type { Clawback } from '../../store/clawbacks/reads.ts';

/** What a clawback would come to, or came to, as its story tells it in the Web UI. */
export function factsOf({ report, result }: Pick<Clawback, 'report' | 'result'>): string {
  if (result !== null) return totalsOf(result);
  if (report === null) return 'it has not been examined yet';
  return `${totalsOf(report)}${placesOf(report)}`;
}

const totalsOf = ({ grantCount, playerCount, assets, items, proceeds }: ClawbackTotals): string =>
  [
    `${grantCount} grants of ${playerCount} players`,
    ...assets.map(
      ({ asset, granted, takenBack, debt }) =>
        `${granted} ${asset} granted: ${takenBack} taken back, ${debt} debt`,
    ),
    ...items.map(
      ({ kind, granted, takenBack, left, unrecoverable }) =>
        `${granted} ${kind} granted: ${takenBack} taken back, ${left} left with their buyers, ${unrecoverable} unrecoverable`,
    ),
    ...proceeds.map(
      ({ asset, owed, takenBack, debt }) =>
        `${owed} ${asset} got for sold items: ${takenBack} taken back, ${debt} debt`,
    ),
  ].join(' · ');

const placesOf = ({ places }: ClawbackReport): string =>
  places
    .map(
      ({ kind, withGrantee, listed, busy, sold, gone }) =>
        ` · ${kind} now: ${withGrantee} with whom they were granted, ${listed} listed, ${busy} in a trade or a match, ${sold} sold, ${gone} used up`,
    )
    .join('');
