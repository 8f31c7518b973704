import { totalWeight } from '../../../domain/economy/drops.ts';
import type { DropTarget } from '../../../domain/economy/drops.ts';
import { pityText } from '../../../domain/economy/plan-economy.ts';
import type { DropTable, Economy } from '../../../domain/economy/types.ts';
import { entryOddsOf, fractionText, oddsOf, percentText } from '../../../domain/rewards/odds.ts';
import type { Fraction } from '../../../domain/rewards/odds.ts';
import { dropTableHash } from '../../../domain/rewards/plan-rewards.ts';
import { sha256 } from '../../../store/matches/sha256.ts';

/** A table as the public reads it: what each entry and each final drop is worth, and what holds besides. */
export function tableView(economy: Economy, code: string, table: DropTable) {
  const { odds, besides } = oddsOf(economy, code);
  return {
    code,
    version: table.version,
    hash: dropTableHash(table, sha256),
    totalWeight: totalWeight(table.entries),
    entries: entryOddsOf(economy, code).map(({ entry, drop, weight, probability }, i) => {
      const { rarity, modifier } = table.entries[i] ?? {};
      return {
        name: entry,
        drop: dropView(drop),
        weight,
        ...(rarity !== undefined && { rarity }),
        ...(modifier !== undefined && { modifier }),
        chance: chance(probability),
      };
    }),
    odds: odds.map(({ drop, probability }) => ({ drop: dropView(drop), chance: chance(probability) })),
    guaranteed: besides.map(({ drop, probability }) => ({
      drop: dropView(drop),
      chance: chance(probability),
    })),
    pity: table.pity ? { ...table.pity, text: pityText(table) } : null,
  };
}

const chance = (probability: Fraction) => ({
  exact: fractionText(probability),
  percent: percentText(probability),
});

function dropView({ type, ...drop }: DropTarget) {
  return type === 'nothing' ? { nothing: true } : drop;
}
