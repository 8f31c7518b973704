import { canonicalJson } from '../domain/canonical-json.ts';
import { blockHash, isEqual, join, leafHash, verifyInclusion } from '../domain/ledger/merkle.ts';
import { sha256 } from './sha256.ts';
import type { Reply } from './types.ts';

type Receipt = Reply<'readReceipt'>;
type Block = NonNullable<Receipt['block']>;

/**
 * A block as somebody outside has kept it, from the topic `ledger.block` or an earlier receipt: this, and not what the
 * server says today, is what makes a rewritten ledger show.
 */
export type KnownBlock = { readonly height: string; readonly hash: string };

export type ReceiptVerdict =
  | { readonly verified: true; readonly height: string; readonly hash: string }
  /** `not_sealed`: ask again in some seconds. Everything else: what the receipt says and what was sealed are two things. */
  | {
      readonly verified: false;
      readonly reason: 'not_sealed' | 'lines' | 'leaf' | 'path' | 'block' | 'chain';
    };

/**
 * Checks a receipt without asking anybody: that its cause, its time, what was pinned and its lines are those of the sealed
 * rows, that the rows are the leaf, that the leaf lies under the block's Merkle root, that the block's hash is its header's,
 * and, for blocks you have kept, that it is the one of its height and stands on the one below. What the server adds to the
 * rows is not in them: the event, rolls, the recomputation, and of what kind an item is that was there before.
 */
export function verifyReceipt(receipt: Receipt, known: readonly KnownBlock[] = []): ReceiptVerdict {
  const { block } = receipt;
  if (block === null) return { verified: false, reason: 'not_sealed' };
  const rows = block.rows.map(parseRow);
  if (!saysTheSame(receipt, rows)) return { verified: false, reason: 'lines' };
  const leaf = leafHash(sha256, join(...block.rows.map((text) => sha256(encoder.encode(text)))));
  if (toHex(leaf) !== block.leaf) return { verified: false, reason: 'leaf' };
  const path = block.path.map(({ side, hash }) => ({ side, hash: fromHex(hash) }));
  if (!verifyInclusion(sha256, { leaf, path, root: fromHex(block.merkleRoot) }))
    return { verified: false, reason: 'path' };
  if (!isEqual(blockHash(sha256, headerOf(block)), fromHex(block.hash)))
    return { verified: false, reason: 'block' };
  if (!isInChain(block, known)) return { verified: false, reason: 'chain' };
  return { verified: true, height: block.height, hash: block.hash };
}

const encoder = new TextEncoder();

const headerOf = ({ deployment, ledgerEpoch, height, previousHash, merkleRoot, ...run }: Block) => ({
  deployment,
  ledgerEpoch,
  height,
  previousHash,
  merkleRoot,
  firstJournalId: run.firstJournalId,
  lastJournalId: run.lastJournalId,
  journalCount: run.journalCount,
});

function isInChain({ height, hash, previousHash }: Block, known: readonly KnownBlock[]): boolean {
  const below = (BigInt(height) - 1n).toString();
  return known.every(
    (block) =>
      (block.height !== height || block.hash === hash) &&
      (block.height !== below || block.hash === previousHash),
  );
}

type Row = readonly (string | null)[];

function parseRow(text: string): Row {
  const row: unknown = JSON.parse(text);
  return Array.isArray(row) ? row.map((part: unknown) => (typeof part === 'string' ? part : null)) : [];
}

/** The columns behind the name of each row's table, in the order in which they are hashed. */
function saysTheSame(receipt: Receipt, rows: readonly Row[]): boolean {
  const of = (table: string) => rows.filter(([name]) => name === table).map(([, ...columns]) => columns);
  const transfers = of('transfers').map(
    ([, index, , debit, debitPurpose, , credit, creditPurpose, asset, amount, state, code]) => [
      index,
      debit,
      debitPurpose,
      credit,
      creditPurpose,
      asset,
      amount,
      state,
      code,
    ],
  );
  const movements = of('item_movements').map(([, index, itemId, from, to, , , , code, kind]) => ({
    values: [index, itemId, code, from, to],
    kind,
  }));
  const journals = of('journals');
  return (
    journals.length === 1 &&
    journals.every((journal) => isJournalOf(receipt, journal)) &&
    isSame(
      transfers,
      receipt.transfers.map((line) => [
        String(line.index),
        line.debit,
        line.debitPurpose,
        line.credit,
        line.creditPurpose,
        line.asset,
        line.amount,
        line.state,
        line.code,
      ]),
    ) &&
    isSame(
      movements.map(({ values }) => values),
      receipt.movements.map((line) => [String(line.index), line.itemId, line.code, line.from, line.to]),
    ) &&
    // of what kind an item is stands in the row by which it came to be, and in no other
    receipt.movements.every(({ code, kind }, at) => code !== 'mint' || movements[at]?.kind === kind)
  );
}

/** Everything that the journal's own row says: what it is, who caused it and how, what was pinned, and when. */
function isJournalOf(receipt: Receipt, row: Row): boolean {
  const [id, key, kind, bodyHash, actor, workflowId, step, requestId, traceId, reason, pinned, micros] = row;
  const { journalId, cause } = receipt;
  return (
    isSame(
      { journalId: id, key, kind, bodyHash },
      { journalId, key: receipt.key, kind: receipt.kind, bodyHash: receipt.bodyHash },
    ) &&
    isSame(
      [actor, workflowId, step, requestId, traceId, reason],
      [cause.actor, cause.workflowId, cause.step, cause.requestId, cause.traceId, cause.reason],
    ) &&
    canonicalJson(JSON.parse(pinned ?? 'null')) === canonicalJson(receipt.pinned ?? null) &&
    isAt(receipt.createdAt, micros ?? '')
  );
}

/** The row has microseconds; the receipt tells milliseconds, and may round. */
const isAt = (time: string, micros: string): boolean =>
  Math.abs(Date.parse(time) * 1_000 - Number(micros)) <= 1_000;

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

const toHex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
const fromHex = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
