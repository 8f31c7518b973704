import { LootError } from '../errors.ts';
import type { ErrorPlace } from '../errors.ts';
import { economySchema } from './economy-schema.ts';
import { schemaProblems } from './schema-problems.ts';
import type { AmountOf, Economy } from './types.ts';

/** What a file says, checked for shape and sense. Throws `economy_invalid` with every problem. */
export function parseEconomy(value: unknown): Economy {
  const misshapen = schemaProblems(economySchema, value);
  if (misshapen.length > 0) throw invalid(misshapen);
  const economy = value as Economy;
  const problems = economyProblems(economy);
  if (problems.length > 0) throw invalid(problems);
  return economy;
}

const invalid = (errors: ErrorPlace[]) =>
  new LootError('economy_invalid', 'The economy file cannot be applied; each place is named.', { errors });

/** The checks that a schema cannot make: every name used is defined, every amount fits, every table can be rolled. */
function economyProblems(economy: Economy): ErrorPlace[] {
  const problems: ErrorPlace[] = [];
  const report = (pointer: string, detail: string) => problems.push({ pointer, detail });

  const asset = (pointer: string, code: string) => {
    if (!Object.hasOwn(economy.assets, code)) report(pointer, `there is no asset '${code}'`);
  };
  const amounts = (pointer: string, lines: readonly AmountOf[]) =>
    lines.forEach((line, i) => {
      asset(`${pointer}/${i}/asset`, line.asset);
      if (!isAmount(line.amount))
        report(`${pointer}/${i}/amount`, 'an amount is a positive integer below 2^63');
    });

  for (const [code, table] of Object.entries(economy.dropTables)) {
    table.entries.forEach(({ kind }, i) => {
      if (!Object.hasOwn(economy.kinds, kind))
        report(`/dropTables/${code}/entries/${i}/kind`, `there is no kind '${kind}'`);
    });
    const total = table.entries.reduce((sum, { weight }) => sum + weight, 0);
    if (total < 1 || total > 2 ** 32) report(`/dropTables/${code}/entries`, 'weights add up to 1 … 2^32');
  }
  for (const [outcome, { lines, perResource, rolls }] of Object.entries(economy.rewards)) {
    amounts(`/rewards/${outcome}/lines`, lines);
    amounts(`/rewards/${outcome}/perResource`, perResource);
    rolls.forEach((table, i) => {
      if (!Object.hasOwn(economy.dropTables, table))
        report(`/rewards/${outcome}/rolls/${i}`, `there is no drop table '${table}'`);
    });
  }
  amounts('/welcome/lines', economy.welcome?.lines ?? []);
  asset('/seal/asset', economy.seal.asset);
  asset('/market/asset', economy.market.asset);
  if (economy.rewardReview) asset('/rewardReview/asset', economy.rewardReview.asset);
  return problems;
}

const isAmount = (text: string): boolean => /^[1-9][0-9]{0,18}$/.test(text) && BigInt(text) < 2n ** 63n;
