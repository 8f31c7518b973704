import { canonicalJson } from '../../domain/canonical-json.ts';
import { isSequenced, topicOf } from '../../domain/events.ts';
import type { EventContext } from '../../domain/events.ts';
import type {
  AccountRef,
  NewJournal,
  NewMovement,
  NewTransfer,
  PendingRef,
} from '../../domain/ledger/types.ts';
import { bodyHash } from './body-hash.ts';

export type BatchEntry = { journal: NewJournal; context: EventContext };

/** Gives equal things one number, from 1, in order of first mention. */
function numbering<T>(keyOf: (value: T) => string) {
  const numbers = new Map<string, number>();
  const values: T[] = [];
  return {
    values,
    find: (value: T) => numbers.get(keyOf(value)) ?? null,
    number(value: T): number {
      const key = keyOf(value);
      const known = numbers.get(key);
      if (known !== undefined) return known;
      numbers.set(key, values.push(value));
      return values.length;
    },
  };
}

type Lines<T> = { journal: number; index: number; line: T }[];

/** The batch as parallel arrays, in the order of `post_journals`' parameters; numbers count from 1, as arrays do there. */
export function encodeBatch(entries: readonly BatchEntry[]): unknown[] {
  const journals = entries.map(({ journal }) => journal);
  const accounts = numbering(({ holder, asset, purpose }: AccountRef) => `${holder}\n${asset}\n${purpose}`);
  const pendings = numbering(({ key, index }: PendingRef) => `${index}\n${key}`);
  const transfers = linesOf(journals, (journal) => journal.transfers);
  const transferArrays = encodeTransfers(journals, transfers, accounts, pendings);
  return [
    ...encodeJournals(entries),
    accounts.values.map(({ holder }) => holder),
    accounts.values.map(({ asset }) => asset),
    accounts.values.map(({ purpose }) => purpose),
    pendings.values.map(({ key }) => key),
    pendings.values.map(({ index }) => index),
    ...transferArrays,
    ...encodeMovements(linesOf(journals, (journal) => journal.movements)),
    ...encodeValves(journals),
    ...encodeEvents(journals),
  ];
}

const linesOf = <T>(journals: readonly NewJournal[], of: (journal: NewJournal) => readonly T[]): Lines<T> =>
  journals.flatMap((journal, j) => of(journal).map((line, index) => ({ journal: j + 1, index, line })));

function encodeJournals(entries: readonly BatchEntry[]): unknown[] {
  const journals = entries.map(({ journal }) => journal);
  return [
    journals.map(({ key }) => key),
    journals.map(({ kind }) => kind),
    journals.map(bodyHash),
    journals.map(({ actor }) => actor),
    journals.map(({ workflowId }) => workflowId ?? null),
    journals.map(({ step }) => step ?? null),
    journals.map(({ requestId }) => requestId ?? null),
    journals.map(({ traceId }) => traceId ?? null),
    journals.map(({ reason }) => reason ?? null),
    journals.map(({ pinned }) => (pinned === undefined ? null : canonicalJson(pinned))),
    entries.map(({ context }) => canonicalJson(context)),
    previousOf(journals.map(({ key }) => key)),
    journals.map(({ transfers }) => transfers.length),
    journals.map(({ movements }) => movements.length),
  ];
}

/** For each key its last mention before, as a number from 1; null for the first. */
function previousOf(keys: readonly string[]): (number | null)[] {
  const last = new Map<string, number>();
  return keys.map((key, i) => {
    const previous = last.get(key) ?? null;
    last.set(key, i + 1);
    return previous;
  });
}

type Accounts = ReturnType<typeof numbering<AccountRef>>;
type Pendings = ReturnType<typeof numbering<PendingRef>>;

function encodeTransfers(
  journals: readonly NewJournal[],
  lines: Lines<NewTransfer>,
  accounts: Accounts,
  pendings: Pendings,
): unknown[] {
  const moves = lines.map(({ line }) => ('debit' in line ? line : null));
  const resolutions = lines.map(({ line }) => ('pending' in line ? pendings.number(line.pending) : null));
  return [
    lines.map(({ journal }) => journal),
    lines.map(({ index }) => index),
    lines.map(({ line }) => line.state),
    moves.map((move) => move && accounts.number(move.debit)),
    moves.map((move) => move && accounts.number(move.credit)),
    moves.map((move) => move && representable(move.amount)),
    lines.map(({ line }) => line.code),
    resolutions,
    // a hold that another journal of this batch resolves
    lines.map(({ journal, index, line }) =>
      line.state === 'pending' ? pendings.find({ key: journals[journal - 1]?.key ?? '', index }) : null,
    ),
    lines.map(({ line }) => (line.state === 'pending' ? line.ttlMs : null)),
  ];
}

const amountMax = 2n ** 63n - 1n;

/** Null is answered with `overflow`: such an amount must not spoil its neighbours. */
const representable = (amount: bigint): bigint | null => (amount > 0n && amount <= amountMax ? amount : null);

const lockAfter = (movement: NewMovement): string | null =>
  'lock' in movement ? (movement.lock ?? null) : null;

function encodeMovements(lines: Lines<NewMovement>): unknown[] {
  return [
    lines.map(({ journal }) => journal),
    lines.map(({ index }) => index),
    lines.map(({ line }) => line.code),
    lines.map(({ line }) => line.itemId),
    lines.map(({ line }) => (line.code === 'mint' ? line.kind : null)),
    lines.map(({ line }) => (line.code === 'mint' ? line.kindVersion : null)),
    lines.map(({ line }) => line.from),
    lines.map(({ line }) => ('to' in line ? line.to : line.from)),
    lines.map(({ line }) => ('expectLock' in line ? line.expectLock : null)),
    lines.map(({ line }) => (line.code === 'modify' ? line.expectLock : lockAfter(line))),
    lines.map(({ line }) =>
      'attributes' in line && line.attributes !== undefined ? canonicalJson(line.attributes) : null,
    ),
  ];
}

function encodeValves(journals: readonly NewJournal[]): unknown[] {
  const declared = journals.flatMap((journal, j) =>
    (journal.valves ?? []).map((valve) => ({ journal: j + 1, valve })),
  );
  return [declared.map(({ journal }) => journal), declared.map(({ valve }) => valve)];
}

function encodeEvents(journals: readonly NewJournal[]): unknown[] {
  const events = linesOf(journals, (journal) => journal.events);
  return [
    events.map(({ journal }) => journal),
    events.map(({ line }) => topicOf(line.type)),
    events.map(({ line }) => line.type),
    events.map(({ line }) => line.key),
    events.map(({ line }) => line.subject ?? line.key),
    events.map(({ line }) => canonicalJson(line.data)),
    events.map(({ line }) => isSequenced(topicOf(line.type))),
  ];
}
