import type { JsonValue } from '../../domain/canonical-json.ts';
import { canonicalJson } from '../../domain/canonical-json.ts';
import type { Economy } from '../../domain/economy/types.ts';
import type { Holder } from '../../domain/ledger/types.ts';
import { must } from '../../domain/must.ts';
import { planRewards, playerOfPlan } from '../../domain/rewards/plan-rewards.ts';
import type { RewardPlan } from '../../domain/rewards/types.ts';
import { economyAt } from '../economy/reads.ts';
import type { Queryable } from '../db.ts';
import { sha256 } from '../matches/sha256.ts';
import { readJournal } from './read-journal.ts';
import type { JournalView } from './read-journal.ts';

export type ReceiptTransfer = {
  index: number;
  debit: Holder;
  credit: Holder;
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
  input: { seed: string | null; label: string; bound: number };
  output: { roll: number; kind: string; itemId: string };
};

/** Everything about one journal. `recomputed`: true or false when the plan was computed again, null when it has no plan. */
export type Receipt = {
  key: string;
  journalId: bigint;
  kind: string;
  cause: JournalView['cause'];
  createdAt: Date;
  deployment: { name: string; ledgerEpoch: number } | null;
  transfers: ReceiptTransfer[];
  movements: ReceiptMovement[];
  pinned: JsonValue;
  economy: { version: number; hash: string } | null;
  rolls: ReceiptRoll[];
  recomputed: boolean | null;
  /** The game that brought the match in whose reward this is. */
  matchClientId: string | null;
};

/** The explanation of a journal by its business key, or null when there is none (or only a tombstone). */
export async function readReceipt(db: Queryable, key: string): Promise<Receipt | null> {
  const journal = await readJournal(db, key);
  if (!journal || journal.kind === 'tombstone') return null;
  const match = pinnedMatch(journal.pinned);
  const version = economyVersionOf(journal.pinned);
  const [evidence, economy, transfers, movements, deployment] = await Promise.all([
    match && readEvidence(db, match),
    version === null ? null : economyAt(db, version),
    readLines(db, journal.id),
    readMovements(db, journal.id),
    readDeployment(db),
  ]);
  return {
    key,
    journalId: journal.id,
    kind: journal.kind,
    cause: journal.cause,
    createdAt: journal.createdAt,
    deployment,
    transfers,
    movements,
    pinned: journal.pinned,
    economy: economy && { version: economy.version, hash: economy.hash },
    rolls: match ? await readRolls(db, match.plan, evidence) : [],
    recomputed: match && isRecomputed(match, evidence, economy?.economy, { transfers, movements }),
    matchClientId: evidence?.clientId ?? null,
  };
}

type PinnedMatch = { source: 'match'; matchId: string; plan: RewardPlan };

/** Journals of this kind were written by `matchGrantJournal`, so their pinned data has its shape. */
const pinnedMatch = (pinned: JsonValue): PinnedMatch | null =>
  isObject(pinned) && pinned['source'] === 'match' ? (pinned as unknown as PinnedMatch) : null;

function economyVersionOf(pinned: JsonValue): number | null {
  const version =
    pinnedMatch(pinned)?.plan.economyVersion ?? (isObject(pinned) ? pinned['economyVersion'] : null);
  return typeof version === 'number' ? version : null;
}

const isObject = (value: JsonValue): value is { readonly [member: string]: JsonValue } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

type Evidence = { seed: Buffer; seat: number | null; economyVersion: number; clientId: string | null };

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

/** Plans the reward again from seed, outcome and economy version, and compares plan and lines with what was posted. */
function isRecomputed(
  { matchId, plan }: PinnedMatch,
  evidence: Evidence | null,
  economy: Economy | undefined,
  posted: Pick<Receipt, 'transfers' | 'movements'>,
): boolean {
  if (!evidence || !economy || evidence.economyVersion !== plan.economyVersion) return false;
  const seat = evidence.seat ?? seatOf(plan);
  const players = [playerOfPlan(plan, seat)];
  const input = { economy, economyVersion: plan.economyVersion, seed: evidence.seed, matchId, players };
  const again = must(planRewards(input, sha256)[0], 'plan');
  const lines = posted.transfers.map(({ asset, amount }) => ({ asset, amount: amount.toString() }));
  const items = posted.movements.map(({ itemId, kind }) => ({ itemId, kind }));
  return (
    canonicalJson(again) === canonicalJson(plan) &&
    canonicalJson(again.lines) === canonicalJson(lines) &&
    canonicalJson(again.items.map(({ itemId, kind }) => ({ itemId, kind }))) === canonicalJson(items)
  );
}

/** A brought-in match has no seats; its rolls name the stream they were drawn from. */
const seatOf = (plan: RewardPlan): number => Number(plan.items[0]?.label.split('/')[1] ?? 0);

async function readRolls(db: Queryable, plan: RewardPlan, evidence: Evidence | null): Promise<ReceiptRoll[]> {
  if (plan.items.length === 0) return [];
  const { rows } = await db.query<{ code: string; version: number; entries: JsonValue }>(
    'SELECT code, version, entries FROM drop_tables WHERE code = ANY($1)',
    [plan.items.map(({ table }) => table)],
  );
  const seed = evidence ? evidence.seed.toString('hex') : null;
  return plan.items.map(({ itemId, kind, table, tableVersion, tableHash, label, roll, bound }) => ({
    table,
    tableVersion,
    tableHash,
    entries: rows.find((row) => row.code === table && row.version === tableVersion)?.entries ?? null,
    input: { seed, label, bound },
    output: { roll, kind, itemId },
  }));
}

async function readLines(db: Queryable, journalId: bigint): Promise<ReceiptTransfer[]> {
  const { rows } = await db.query<ReceiptTransfer>(
    `SELECT t.index, d.holder AS debit, c.holder AS credit, t.asset, t.amount, t.state, t.code
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
