import type { Queryable } from '../db.ts';

/** One row of the ledger as text: a JSON array of its table's name and its columns, so that any rewritten one is seen. */
export type LedgerRow = { table: 'journals' | 'transfers' | 'item_movements'; id: string; text: string };
/** A journal and its lines in order: the journal's row, its transfers, its movements. */
export type JournalRows = { journalId: bigint; rows: LedgerRow[] };

const pageCount = 1_000;

/**
 * Streams the journals in `(after, until]` with all their rows. Lines whose journal is missing come under its id, without
 * a journal's row: nothing that stands in the run is left out.
 */
export async function* readJournalRows(
  on: Queryable,
  { after, until }: { after: bigint; until: bigint },
): AsyncGenerator<JournalRows> {
  for (let from = after; from < until;) {
    const to = await pageEnd(on, from, until);
    const byJournal = new Map<bigint, LedgerRow[]>();
    for (const [table, sql] of queries) {
      const { rows } = await on.query<Row>({ name: `block_${table}`, text: sql, values: [from, to] });
      for (const { journal, ...columns } of rows) {
        const text = JSON.stringify([table, ...Object.values(columns)]);
        const row = { table, id: columns.id, text };
        const known = byJournal.get(journal);
        if (known) known.push(row);
        else byJournal.set(journal, [row]);
      }
    }
    const inOrder = [...byJournal].toSorted(([a], [b]) => (a < b ? -1 : 1));
    for (const [journalId, rows] of inOrder) yield { journalId, rows };
    from = to;
  }
}

type Row = { journal: bigint; id: string } & { [column: string]: string | null | bigint };

async function pageEnd(on: Queryable, from: bigint, until: bigint): Promise<bigint> {
  const { rows } = await on.query<{ count: number; last: bigint | null }>(
    `SELECT count(*)::int AS count, max(id) AS last FROM
       (SELECT id FROM journals WHERE id > $1 AND id <= $2 ORDER BY id LIMIT $3) page`,
    [from, until, pageCount],
  );
  const page = rows[0];
  return page?.count === pageCount && page.last !== null ? page.last : until;
}

const micros = (column: string) => `(extract(epoch FROM ${column}) * 1000000)::bigint::text`;

/** Who holds an account and of what kind an item was minted stand in rows that change: here they are part of the line. */
const queries = [
  [
    'journals',
    `SELECT id AS journal, id::text, key, kind, encode(body_hash, 'hex') AS body_hash, actor, workflow_id, step, request_id,
       trace_id, reason, pinned::text, ${micros('created_at')} AS created_at
     FROM journals WHERE id > $1 AND id <= $2 ORDER BY id`,
  ],
  [
    'transfers',
    `SELECT t.journal_id AS journal, t.id::text, t.index::text, t.debit_account_id::text, d.holder AS debit_holder,
       d.purpose AS debit_purpose, t.credit_account_id::text, c.holder AS credit_holder, c.purpose AS credit_purpose, t.asset,
       t.amount::text, t.state, t.code, t.pending_id::text, ${micros('t.expires_at')} AS expires_at
     FROM transfers t LEFT JOIN accounts d ON d.id = t.debit_account_id LEFT JOIN accounts c ON c.id = t.credit_account_id
     WHERE t.journal_id > $1 AND t.journal_id <= $2 ORDER BY t.journal_id, t.index`,
  ],
  [
    'item_movements',
    `SELECT m.journal_id AS journal, m.id::text, m.index::text, m.item_id::text, m.from_owner, m.to_owner, m.lock_before,
       m.lock_after, m.attributes::text, m.code, i.kind, i.kind_version::text
     FROM item_movements m LEFT JOIN items i ON i.id = m.item_id AND m.code = 'mint'
     WHERE m.journal_id > $1 AND m.journal_id <= $2 ORDER BY m.journal_id, m.index`,
  ],
] as const;
