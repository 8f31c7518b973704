import type { Sha256 } from '../arena/types.ts';
import { LootError } from '../errors.ts';
import { derivedId } from '../ids.ts';
import { sourceOf, walletOf } from '../ledger/accounts.ts';
import { journalKeys } from '../ledger/keys.ts';
import type { JournalCause, NewJournal } from '../ledger/types.ts';
import { playerHolder, systemHolder } from '../ledger/types.ts';
import type { PublishedEconomy } from '../rewards/grant-journals.ts';
import type { ImportContent } from './parse-line.ts';

const source = 'opening';

/**
 * One line of an import: what a player brings, from the source `opening`. Its identity is player and content, so that the
 * line posted again under a later economy meets the first journal. Throws `unknown_asset`, `unknown_kind`.
 */
export function importJournal(
  { version, economy }: PublishedEconomy,
  line: { batch: string; line: number; playerId: string; content: ImportContent },
  cause: JournalCause,
  hash: Sha256,
): NewJournal {
  const { batch, playerId } = line;
  const { assets, items } = line.content;
  const key = journalKeys.import(batch, line.line);
  const minted = items.flatMap(({ kind, count }) => {
    const rule = Object.hasOwn(economy.kinds, kind) ? economy.kinds[kind] : undefined;
    if (rule === undefined) throw new LootError('unknown_kind', `The economy has no catalog kind '${kind}'.`);
    return Array.from({ length: count }, () => ({ kind, kindVersion: rule.version }));
  });
  const amounts = Object.entries(assets).toSorted(([a], [b]) => (a < b ? -1 : 1));
  for (const [asset] of amounts)
    if (!Object.hasOwn(economy.assets, asset))
      throw new LootError('unknown_asset', `The economy has no asset '${asset}'.`);
  return {
    ...cause,
    key,
    kind: 'import',
    pinned: { source: 'import', batch, line: line.line, economyVersion: version },
    identity: { import: playerId, assets: { ...assets }, items: items.map((item) => ({ ...item })) },
    valves: ['channel:imports'],
    transfers: amounts.map(([asset, amount]) => ({
      state: 'posted',
      debit: sourceOf(source, asset),
      credit: walletOf(playerId, asset),
      amount: BigInt(amount),
      code: 'opening',
    })),
    movements: minted.map(({ kind, kindVersion }, index) => ({
      code: 'mint',
      itemId: derivedId(hash, 'import-item', key, index),
      kind,
      kindVersion,
      from: systemHolder(source),
      to: playerHolder(playerId),
    })),
    events: [],
  };
}
