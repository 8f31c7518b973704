import { must } from '../../domain/must.ts';
import type { PostResult } from '../../domain/ledger/types.ts';

export type ResultRow = {
  result: PostResult['result'];
  journal_id: bigint | null;
  line: number | null;
  /** The asset, item, valve or cap that stood in the way. */
  subject: string | null;
  shortfall: bigint | null;
  detail: string | null;
};

export function decodeResult({
  result,
  journal_id: journalId,
  line,
  subject,
  shortfall,
  detail,
}: ResultRow): PostResult {
  const index = () => must(line, 'line');
  switch (result) {
    case 'ok':
      return { result, journalId: must(journalId, 'journal id'), replayed: false };
    case 'exists':
      return { result, journalId: must(journalId, 'journal id'), replayed: true };
    case 'insufficient_funds':
      return {
        result,
        asset: must(subject, 'asset'),
        shortfall: must(shortfall, 'shortfall'),
        index: index(),
      };
    case 'item_locked':
      return { result, itemId: must(subject, 'item'), lockedBy: detail ?? '', index: index() };
    case 'frozen':
      return { result, valve: must(subject, 'valve') };
    case 'limit_exceeded':
      return {
        result,
        limit: must(subject, 'limit'),
        index: index(),
        ...(detail !== null && { detail }),
      };
    default:
      return { result, ...(line !== null && { index: line }), ...(detail !== null && { detail }) };
  }
}
