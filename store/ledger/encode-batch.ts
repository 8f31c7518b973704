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
import { bytesArray, plainArray, textArray } from '../pg-array.ts';
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
export function encodeBatch(entries: readonly BatchEntry[]): string[] {
  const journals = entries.map(({ journal }) => journal);
  const accounts = numbering(({ holder, asset, purpose }: AccountRef) => `${holder}\n${asset}\n${purpose}`);
  const pendings = numbering(({ key, index }: PendingRef) => `${index}\n${key}`);
  const transfers = linesOf(journals, (journal) => journal.transfers);
  const transferArrays = encodeTransfers(journals, transfers, accounts, pendings);
  return [
    ...encodeJournals(entries),
    textArray(accounts.values.map(({ holder }) => holder)),
    textArray(accounts.values.map(({ asset }) => asset)),
    textArray(accounts.values.map(({ purpose }) => purpose)),
    textArray(pendings.values.map(({ key }) => key)),
    plainArray(pendings.values.map(({ index }) => index)),
    ...transferArrays,
    ...encodeMovements(linesOf(journals, (journal) => journal.movements)),
    ...encodeValves(journals),
    ...encodeEvents(journals),
  ];
}

const linesOf = <T>(journals: readonly NewJournal[], of: (journal: NewJournal) => readonly T[]): Lines<T> =>
  journals.flatMap((journal, j) => of(journal).map((line, index) => ({ journal: j + 1, index, line })));

function encodeJournals(entries: readonly BatchEntry[]): string[] {
  const journals = entries.map(({ journal }) => journal);
  return [
    textArray(journals.map(({ key }) => key)),
    textArray(journals.map(({ kind }) => kind)),
    bytesArray(journals.map(bodyHash)),
    textArray(journals.map(({ actor }) => actor)),
    textArray(journals.map(({ workflowId }) => workflowId ?? null)),
    textArray(journals.map(({ step }) => step ?? null)),
    textArray(journals.map(({ requestId }) => requestId ?? null)),
    textArray(journals.map(({ traceId }) => traceId ?? null)),
    textArray(journals.map(({ reason }) => reason ?? null)),
    textArray(journals.map(({ pinned }) => (pinned === undefined ? null : canonicalJson(pinned)))),
    textArray(entries.map(({ context }) => canonicalJson(context))),
    plainArray(previousOf(journals.map(({ key }) => key))),
    plainArray(journals.map(({ transfers }) => transfers.length)),
    plainArray(journals.map(({ movements }) => movements.length)),
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
): string[] {
  const moves = lines.map(({ line }) => ('debit' in line ? line : null));
  const resolutions = lines.map(({ line }) => ('pending' in line ? pendings.number(line.pending) : null));
  return [
    plainArray(lines.map(({ journal }) => journal)),
    plainArray(lines.map(({ index }) => index)),
    textArray(lines.map(({ line }) => line.state)),
    plainArray(moves.map((move) => move && accounts.number(move.debit))),
    plainArray(moves.map((move) => move && accounts.number(move.credit))),
    plainArray(moves.map((move) => move && representable(move.amount))),
    textArray(lines.map(({ line }) => line.code)),
    plainArray(resolutions),
    // a hold that another journal of this batch resolves
    plainArray(
      lines.map(({ journal, index, line }) =>
        line.state === 'pending' ? pendings.find({ key: journals[journal - 1]?.key ?? '', index }) : null,
      ),
    ),
    plainArray(lines.map(({ line }) => (line.state === 'pending' ? line.ttlMs : null))),
  ];
}

const amountMax = 2n ** 63n - 1n;

/** Null is answered with `overflow`: such an amount must not spoil its neighbours. */
const representable = (amount: bigint): bigint | null => (amount > 0n && amount <= amountMax ? amount : null);

const lockAfter = (movement: NewMovement): string | null =>
  'lock' in movement ? (movement.lock ?? null) : null;

function encodeMovements(lines: Lines<NewMovement>): string[] {
  return [
    plainArray(lines.map(({ journal }) => journal)),
    plainArray(lines.map(({ index }) => index)),
    textArray(lines.map(({ line }) => line.code)),
    textArray(lines.map(({ line }) => line.itemId)),
    textArray(lines.map(({ line }) => (line.code === 'mint' ? line.kind : null))),
    plainArray(lines.map(({ line }) => (line.code === 'mint' ? line.kindVersion : null))),
    textArray(lines.map(({ line }) => line.from)),
    textArray(lines.map(({ line }) => ('to' in line ? line.to : line.from))),
    textArray(lines.map(({ line }) => ('expectLock' in line ? line.expectLock : null))),
    textArray(lines.map(({ line }) => (line.code === 'modify' ? line.expectLock : lockAfter(line)))),
    textArray(
      lines.map(({ line }) =>
        'attributes' in line && line.attributes !== undefined ? canonicalJson(line.attributes) : null,
      ),
    ),
  ];
}

function encodeValves(journals: readonly NewJournal[]): string[] {
  const declared = journals.flatMap((journal, j) =>
    (journal.valves ?? []).map((valve) => ({ journal: j + 1, valve })),
  );
  return [plainArray(declared.map(({ journal }) => journal)), textArray(declared.map(({ valve }) => valve))];
}

function encodeEvents(journals: readonly NewJournal[]): string[] {
  const events = linesOf(journals, (journal) => journal.events);
  return [
    plainArray(events.map(({ journal }) => journal)),
    textArray(events.map(({ line }) => topicOf(line.type))),
    textArray(events.map(({ line }) => line.type)),
    textArray(events.map(({ line }) => line.key)),
    textArray(events.map(({ line }) => line.subject ?? line.key)),
    textArray(events.map(({ line }) => canonicalJson(line.data))),
    plainArray(events.map(({ line }) => isSequenced(topicOf(line.type)))),
  ];
}
