import { valveChannels } from '../ledger/valves.ts';
import { LootError } from '../errors.ts';
import type { ErrorPlace } from '../errors.ts';
import { dropTableProblems } from './drop-table-problems.ts';
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

  problems.push(...dropTableProblems(economy));
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
  for (const [code, { walletMax }] of Object.entries(economy.assets)) {
    if (walletMax !== undefined && !isAmount(walletMax))
      report(`/assets/${code}/walletMax`, 'an amount is a positive integer below 2^63');
  }
  for (const side of ['sources', 'sinks'] as const) {
    for (const [role, { dailyCaps = [] }] of Object.entries(economy[side])) {
      amounts(`/${side}/${role}/dailyCaps`, dailyCaps);
      repeated(dailyCaps.map((cap) => cap.asset)).forEach((i) =>
        report(`/${side}/${role}/dailyCaps/${i}/asset`, 'this asset has a cap already'),
      );
    }
  }
  for (const [code, { spend }] of Object.entries(economy.families ?? {})) {
    if (Object.hasOwn(economy.assets, code)) report(`/families/${code}`, 'an asset has this name');
    if (spend.length === 0) report(`/families/${code}/spend`, 'must have at least one asset');
    spend.forEach((member, i) => asset(`/families/${code}/spend/${i}`, member));
    repeated(spend).forEach((i) => report(`/families/${code}/spend/${i}`, 'this asset is named already'));
  }
  problems.push(...prizeProblems(economy), ...streakProblems(economy), ...tripwireProblems(economy));
  for (const [mode, { pot }] of Object.entries(economy.prizes ?? {})) amounts(`/prizes/${mode}/pot`, pot);
  return problems;
}

function prizeProblems({ prizeSplits = {}, prizes = {} }: Economy): ErrorPlace[] {
  const problems: ErrorPlace[] = [];
  for (const [code, { percent }] of Object.entries(prizeSplits)) {
    const sum = percent.reduce((a, b) => a + b, 0);
    const pointer = `/prizeSplits/${code}/percent`;
    if (sum !== 100) problems.push({ pointer, detail: `the places share ${sum} %, not 100 %` });
    if (percent.some((share, i) => share > (percent[i - 1] ?? 100)))
      problems.push({ pointer, detail: 'a later place gets no more than an earlier one' });
  }
  for (const [mode, { split }] of Object.entries(prizes)) {
    if (!Object.hasOwn(prizeSplits, split))
      problems.push({ pointer: `/prizes/${mode}/split`, detail: `there is no prize split '${split}'` });
  }
  return problems;
}

function streakProblems({ assets, streaks }: Economy): ErrorPlace[] {
  if (!streaks) return [];
  const problems: ErrorPlace[] = [];
  streaks.assets.forEach((code, i) => {
    if (!Object.hasOwn(assets, code))
      problems.push({ pointer: `/streaks/assets/${i}`, detail: `there is no asset '${code}'` });
  });
  streaks.tiers.forEach(({ days }, i) => {
    const before = streaks.tiers[i - 1];
    if (before && days <= before.days)
      problems.push({ pointer: `/streaks/tiers/${i}/days`, detail: 'tiers begin later and later' });
  });
  return problems;
}

/** A valve that stops nothing we know of would be a tripwire that does not hold. */
function tripwireProblems({ tripwires = {}, sources, kinds, assets }: Economy): ErrorPlace[] {
  const known: Record<string, object | undefined> = {
    source: sources,
    kind: kinds,
    asset: assets,
    channel: Object.fromEntries(valveChannels.map((name) => [name, {}])),
  };
  return Object.entries(tripwires).flatMap(([rule, { close }]) => {
    const [scope, id] = [close.slice(0, close.indexOf(':')), close.slice(close.indexOf(':') + 1)];
    const names = known[scope];
    if (names === undefined || Object.hasOwn(names, id)) return [];
    return [{ pointer: `/tripwires/${rule}/close`, detail: `there is no ${scope} '${id}'` }];
  });
}

/** The places of what is named again. */
const repeated = (names: readonly string[]): number[] =>
  names.flatMap((name, i) => (names.indexOf(name) < i ? [i] : []));

const isAmount = (text: string): boolean => /^[1-9][0-9]{0,18}$/.test(text) && BigInt(text) < 2n ** 63n;
