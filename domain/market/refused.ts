import { LootError } from '../errors.ts';
import { isPosted } from '../ledger/types.ts';
import type { PostResult } from '../ledger/types.ts';

/** Takes a posted journal as given; throws the ledger's refusal of it as the error its caller is told. */
export function requirePosted(result: PostResult | undefined): asserts result is Posted {
  if (result === undefined) throw new LootError('internal', 'The ledger gave no answer.');
  if (!isPosted(result)) throw asLootError(result);
}

/** The ledger's refusal as the error its caller is told. */
export const asLootError = (refused: RefusedPost): LootError =>
  new LootError(refused.result, detailOf(refused), { extra: extraOf(refused) });

type Posted = Extract<PostResult, { journalId: bigint }>;
type RefusedPost = Exclude<PostResult, Posted>;

/** One sentence that says what to do about it. */
export function detailOf(refused: RefusedPost): string {
  switch (refused.result) {
    case 'insufficient_funds':
      return `${refused.shortfall} ${refused.asset} are missing.`;
    case 'item_locked':
      return refused.lockedBy === ''
        ? `The item ${refused.itemId} is no longer locked for this.`
        : `The item ${refused.itemId} is locked by ${refused.lockedBy}.`;
    case 'frozen':
      return `The valve ${refused.valve} is closed.`;
    default:
      return refused.detail ?? `The ledger answered ${refused.result}.`;
  }
}

function extraOf(refused: RefusedPost): Record<string, unknown> {
  switch (refused.result) {
    case 'insufficient_funds':
      return { asset: refused.asset, shortfall: refused.shortfall.toString() };
    case 'item_locked':
      return { itemId: refused.itemId, lockedBy: refused.lockedBy };
    case 'frozen':
      return { valve: refused.valve };
    case 'limit_exceeded':
      return { limit: refused.limit };
    default:
      return {};
  }
}
