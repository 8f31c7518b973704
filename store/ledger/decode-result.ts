import type { PostResult } from '../../domain/ledger/types.ts';

export type ResultRow = {
  result: PostResult['result'];
  journal_id: bigint | null;
  line: number | null;
  /** The asset, item or valve that stood in the way. */
  subject: string | null;
  shortfall: bigint | null;
  detail: string | null;
};

export function decodeResult(row: ResultRow): PostResult {
  switch (row.result) {
    case 'ok':
      return { result: 'ok', journalId: row.journal_id!, replayed: false };
    case 'exists':
      return { result: 'exists', journalId: row.journal_id!, replayed: true };
    case 'insufficient_funds':
      return {
        result: 'insufficient_funds',
        asset: row.subject!,
        shortfall: row.shortfall!,
        index: row.line!,
      };
    case 'item_locked':
      return { result: 'item_locked', itemId: row.subject!, lockedBy: row.detail ?? '', index: row.line! };
    case 'frozen':
      return { result: 'frozen', valve: row.subject! };
    default:
      return {
        result: row.result,
        ...(row.line !== null && { index: row.line }),
        ...(row.detail !== null && { detail: row.detail }),
      };
  }
}
