import { isLootError } from '../../domain/errors.ts';
import { storableText } from '../../domain/storable-text.ts';
import { giveUp } from '../../store/dead-letters/give-up.ts';
import type { DeadLetterCopy } from '../../store/dead-letters/give-up.ts';
import { parkKey, unpark } from '../../store/dead-letters/parking.ts';
import type { NewDeadLetter } from '../../store/dead-letters/types.ts';
import { isHandled } from '../../store/inbox/reads.ts';
import type { Tx } from '../../store/db.ts';
import type { DeliveredRecord } from '../kafka/broker.ts';
import { headerText } from '../codec/envelope.ts';
import { inEventSpan } from './event-trace.ts';
import { errorClassOf, errorMessageOf, failureKind } from './failures.ts';
import type { EventHandler } from './handler.ts';
import { headersToBase64, headersToJson } from '../codec/header-json.ts';
import { SignalFailure } from './process-event.ts';
import type { ProcessDeps } from './process-event.ts';
import { parkingPlaceOf } from './stand-aside.ts';
import { deadLetterTopicOf, findTopic } from '../catalogue/topics.ts';

export type Failure = {
  error: unknown;
  attempts: number;
  redrives: number;
  firstFailedAtMs: number;
  lastFailedAtMs: number;
};

/**
 * Gives an event up for its group, in one transaction with `also`. False when another delivery has handled it meanwhile or
 * given it up already. Inside the event's span: its log line names the trace that the event came from.
 */
export const giveUpOn = (
  deps: ProcessDeps,
  handler: EventHandler,
  record: DeliveredRecord,
  failure: Failure,
  also: (tx: Tx) => Promise<void> = () => Promise.resolve(),
): Promise<boolean> =>
  inEventSpan(handler.group, record, () => putAside(deps, handler, record, failure, also));

async function putAside(
  deps: ProcessDeps,
  handler: EventHandler,
  record: DeliveredRecord,
  failure: Failure,
  also: (tx: Tx) => Promise<void>,
): Promise<boolean> {
  const copies = findTopic(record.topic)?.deadLetters === true;
  const put = (some: NewDeadLetter) => {
    const copy = copies
      ? { topic: deadLetterTopicOf(record.topic), headers: copyHeaders(some, failure) }
      : undefined;
    return deps.db.transaction((tx) => write(tx, handler, record, some, failure, copy, also));
  };
  let letter = toLetter(handler, record, failure);
  let letterId: string | undefined;
  try {
    letterId = await put(letter);
  } catch (error) {
    if (!isOfItsContent(error)) throw error;
    deps.log.warn({ reason: errorMessageOf(error) }, 'a dead letter is written without what no table takes');
    letter = bareLetter(letter, record);
    letterId = await put(letter);
  }
  if (letterId === undefined) return false;
  const { group, topic, partition, offset, eventId, eventType, attempts, errorClass, errorMessage } = letter;
  deps.metrics.deadLetters.inc({ topic, group });
  deps.log.error(
    {
      deadLetterId: letterId,
      group,
      topic,
      partition,
      offset: `${offset}`,
      eventId,
      eventType,
      attempts,
      errorClass,
      errorMessage,
    },
    'dead letter',
  );
  return true;
}

async function write(
  tx: Tx,
  handler: EventHandler,
  record: DeliveredRecord,
  letter: NewDeadLetter,
  failure: Failure,
  copy: DeadLetterCopy | undefined,
  also: (tx: Tx) => Promise<void>,
): Promise<string | undefined> {
  const place = parkingPlaceOf(handler, record);
  const parkedHere = place !== undefined && (await parkKey(tx, place));
  await also(tx);
  const { eventId, eventSource } = letter;
  const effectMissing = !(failure.error instanceof SignalFailure);
  // while a partition changes hands, its old and its new owner may both be at this event
  const stands =
    effectMissing &&
    eventId !== null &&
    eventSource !== null &&
    (await isHandled(tx, handler.group, eventSource, eventId));
  const letterId = stands ? undefined : await giveUp(tx, letter, copy);
  if (letterId === undefined && parkedHere) await unpark(tx, place);
  return letterId;
}

function toLetter(handler: EventHandler, record: DeliveredRecord, failure: Failure): NewDeadLetter {
  const { headers, ...rest } = record;
  const cause = failure.error instanceof SignalFailure ? failure.error.cause : failure.error;
  const header = (name: string) => storable(headerText(headers, name));
  return {
    ...rest,
    headers: headersToJson(headers),
    group: handler.group,
    eventId: header('ce_id'),
    eventSource: header('ce_source'),
    eventType: header('ce_type'),
    attempts: failure.attempts,
    errorClass: errorClassOf(cause),
    errorMessage: errorMessageOf(cause),
    firstFailedAtMs: failure.firstFailedAtMs,
    lastFailedAtMs: failure.lastFailedAtMs,
  };
}

/** Data that a column, an index or canonical JSON refuses, and would again: 22 data, 54 limits. */
const isOfItsContent = (error: unknown): boolean =>
  isLootError(error)
    ? failureKind(error) !== 'fault'
    : error instanceof RangeError ||
      (error instanceof Error && 'code' in error && /^(22|54)...$/.test(String(error.code)));

/** What is left of a letter when no more of it can be kept: the record's place, key, value and headers, in bytes. */
const bareLetter = (letter: NewDeadLetter, { headers }: DeliveredRecord): NewDeadLetter => ({
  ...letter,
  timestampMs: letter.lastFailedAtMs,
  headers: headersToBase64(headers),
  eventId: null,
  eventSource: null,
  eventType: null,
  errorMessage: '',
});

/** Longer than any name of ours. */
const nameCharsMax = 2_000;

/** Whoever sent what no column takes must not be able to stop the partition. */
const storable = (text: string | undefined): string | null =>
  text === undefined ? null : storableText(text, nameCharsMax);

const copyHeaders = (letter: NewDeadLetter, { redrives }: Failure): NewDeadLetter['headers'] => ({
  ...letter.headers,
  'dlq-topic': letter.topic,
  'dlq-partition': `${letter.partition}`,
  'dlq-offset': `${letter.offset}`,
  'dlq-timestamp': `${letter.timestampMs}`,
  'dlq-group': letter.group,
  'dlq-attempts': `${letter.attempts}`,
  'dlq-error-class': letter.errorClass,
  'dlq-error-message': letter.errorMessage,
  'dlq-first-failed-at': new Date(letter.firstFailedAtMs).toISOString(),
  'dlq-last-failed-at': new Date(letter.lastFailedAtMs).toISOString(),
  'dlq-redrives': `${redrives}`,
});
