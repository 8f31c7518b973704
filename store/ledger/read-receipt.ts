import type { JsonValue } from '../../domain/canonical-json.ts';
import type { AccountPurpose, Holder } from '../../domain/ledger/types.ts';
import type { RewardPlan } from '../../domain/rewards/types.ts';
import { readJournalRows } from '../blocks/read-rows.ts';
import { readInclusionProof } from '../blocks/reads.ts';
import type { InclusionProof } from '../blocks/reads.ts';
import { economyAt } from '../economy/reads.ts';
import type { Queryable } from '../db.ts';
import { readMatchFinished } from './read-cause-event.ts';
import type { CauseEvent } from './read-cause-event.ts';
import { readJournal } from './read-journal.ts';
import type { JournalView } from './read-journal.ts';
import { pinnedGrant, recomputeJournal, versionOf } from './recompute-journal.ts';
import type { Difference, Evidence, PinnedMatch } from './recompute-journal.ts';

export type ReceiptTransfer = {
  index: number;
  debit: Holder;
  debitPurpose: AccountPurpose;
  credit: Holder;
  creditPurpose: AccountPurpose;
  asset: string;
  amount: bigint;
  state: string;
  code: string;
};
export type ReceiptMovement = {
  index: number;
  itemId: string;
  code: string;
  kind: string;
  from: Holder | null;
  to: Holder | null;
};
export type ReceiptRoll = {
  table: string;
  tableVersion: number;
  tableHash: string;
  entries: JsonValue;
  /** What the table guarantees, its pity and its declared total. */
  rules: JsonValue;
  /** `counter`: the how-manieth draw of the stream `label`; `variant` names the odds that applied, '' the published ones. */
  input: { seed: string | null; label: string; counter: number; bound: number; variant: string };
  output: { roll: number; entry: string };
};

/** The block a journal is sealed in, the way from its rows up to the block's root, and those rows as they were hashed. */
export type SealedIn = InclusionProof & { rows: string[] };

/** Everything about one journal. `recomputed`: whether computing it again gave the same, null when nothing was computed. */
export type Receipt = {
  key: string;
  journalId: bigint;
  kind: string;
  cause: JournalView['cause'];
  event: CauseEvent | null;
  createdAt: Date;
  bodyHash: string;
  deployment: { name: string; ledgerEpoch: number } | null;
  transfers: ReceiptTransfer[];
  movements: ReceiptMovement[];
  pinned: JsonValue;
  economy: { version: number; hash: string } | null;
  rolls: ReceiptRoll[];
  recomputed: boolean | null;
  /** What came out otherwise. */
  differences: Difference[];
  /** Null until the sealer has come by. */
  block: SealedIn | null;
  /** The game that brought the match in whose reward this is. */
  matchClientId: string | null;
};

/** The explanation of a journal by its business key, or null when there is none (or only a tombstone). */
export async function readReceipt(db: Queryable, key: string): Promise<Receipt | null> {
  const journal = await readJournal(db, key);
  if (!journal || journal.kind === 'tombstone') return null;
  const grant = pinnedGrant(journal);
  const match = grant?.source === 'match' ? grant : null;
  const version = economyVersionOf(journal);
  const [evidence, economy, transfers, movements, deployment, event, block] = await Promise.all([
    match && readEvidence(db, match),
    version === null ? null : economyAt(db, version),
    readLines(db, journal.id),
    readMovements(db, journal.id),
    readDeployment(db),
    match && readMatchFinished(db, match.matchId),
    readSealed(db, journal.id),
  ]);
  const differences = recomputeJournal(
    { journal, transfers, movements },
    { economy: economy?.economy, evidence },
  );
  return {
    key,
    journalId: journal.id,
    kind: journal.kind,
    cause: journal.cause,
    event,
    createdAt: journal.createdAt,
    bodyHash: journal.bodyHash.toString('hex'),
    deployment,
    transfers,
    movements,
    pinned: journal.pinned,
    economy: economy && { version: economy.version, hash: economy.hash },
    rolls: match ? await readRolls(db, match.plan, evidence) : [],
    recomputed: differences && differences.length === 0,
    differences: differences ?? [],
    block,
    matchClientId: evidence?.clientId ?? null,
  };
}

/** A grant's, and that of everything else that was priced by one. */
function economyVersionOf(journal: JournalView): number | null {
  const grant = pinnedGrant(journal);
  if (grant) return versionOf(grant);
  const { pinned } = journal;
  const version =
    typeof pinned === 'object' && pinned !== null && 'economyVersion' in pinned
      ? pinned['economyVersion']
      : null;
  return typeof version === 'number' ? version : null;
}

async function readSealed(db: Queryable, journalId: bigint): Promise<SealedIn | null> {
  const proof = await readInclusionProof(db, journalId);
  if (proof === null) return null;
  for await (const { rows } of readJournalRows(db, { after: journalId - 1n, until: journalId }))
    return { ...proof, rows: rows.map(({ text }) => text) };
  return null;
}

/** The seed is secret until the match is over; nothing is paid before that. */
async function readEvidence(db: Queryable, { matchId, plan }: PinnedMatch): Promise<Evidence | null> {
  const { rows } = await db.query<Evidence>(
    `SELECT m.seed, m.economy_version AS "economyVersion", m.client_id AS "clientId", s.seat FROM matches m
     LEFT JOIN seats s ON s.match_id = m.id AND s.player_id = $2
     WHERE m.id = $1 AND m.seed IS NOT NULL AND m.status = 'finished'`,
    [matchId, plan.playerId],
  );
  return rows[0] ?? null;
}

async function readRolls(
  db: Queryable,
  { draws = [] }: RewardPlan,
  evidence: Evidence | null,
): Promise<ReceiptRoll[]> {
  if (draws.length === 0) return [];
  const { rows } = await db.query<{ code: string; version: number; entries: JsonValue; rules: JsonValue }>(
    'SELECT code, version, entries, rules FROM drop_tables WHERE code = ANY($1)',
    [draws.map(({ table }) => table)],
  );
  const seed = evidence ? evidence.seed.toString('hex') : null;
  return draws.map(({ table, tableVersion, tableHash, label, counter, roll, bound, variant, entry }) => {
    const published = rows.find((row) => row.code === table && row.version === tableVersion);
    return {
      table,
      tableVersion,
      tableHash,
      entries: published?.entries ?? null,
      rules: published?.rules ?? null,
      input: { seed, label, counter, bound, variant },
      output: { roll, entry },
    };
  });
}

async function readLines(db: Queryable, journalId: bigint): Promise<ReceiptTransfer[]> {
  const { rows } = await db.query<ReceiptTransfer>(
    `SELECT t.index, d.holder AS debit, d.purpose AS "debitPurpose", c.holder AS credit, c.purpose AS "creditPurpose",
        t.asset, t.amount, t.state, t.code
     FROM transfers t JOIN accounts d ON d.id = t.debit_account_id JOIN accounts c ON c.id = t.credit_account_id
     WHERE t.journal_id = $1 ORDER BY t.index`,
    [journalId],
  );
  return rows;
}

async function readMovements(db: Queryable, journalId: bigint): Promise<ReceiptMovement[]> {
  const { rows } = await db.query<ReceiptMovement>(
    `SELECT m.index, m.item_id AS "itemId", m.code, i.kind, m.from_owner AS "from", m.to_owner AS "to"
     FROM item_movements m JOIN items i ON i.id = m.item_id WHERE m.journal_id = $1 ORDER BY m.index`,
    [journalId],
  );
  return rows;
}

async function readDeployment(db: Queryable): Promise<Receipt['deployment']> {
  const { rows } = await db.query<{ name: string; ledgerEpoch: number }>(
    'SELECT name, ledger_epoch AS "ledgerEpoch" FROM deployment',
  );
  return rows[0] ?? null;
}
