import { giveUp } from '../store/dead-letters/give-up.ts';
import type { DeadLetterCopy } from '../store/dead-letters/give-up.ts';
import { parkKey, unpark } from '../store/dead-letters/parking.ts';
import type { NewDeadLetter } from '../store/dead-letters/types.ts';
import { isHandled } from '../store/inbox/reads.ts';
import type { Tx } from '../store/db.ts';
import type { DeliveredRecord } from './broker.ts';
import { headerText } from './envelope.ts';
import { inEventSpan } from './event-trace.ts';
import { errorClassOf, errorMessageOf } from './failures.ts';
import type { EventHandler } from './handler.ts';
import { headersToJson } from './header-json.ts';
import { SignalFailure } from './process-event.ts';
import type { ProcessDeps } from './process-event.ts';
import { parkingPlaceOf } from './stand-aside.ts';
import { deadLetterTopicOf, findTopic } from './topics.ts';

export type Failure = {
  error: unknown;
  attempts: number;
  redrives: number;
  firstFailedAtMs: number;
  lastFailedAtMs: number;
};

/** Well below what a dead-letter topic allows on top of its source. */
const messageCharsMax = 2_000;

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
  const letter = toLetter(handler, record, failure);
  const copies = findTopic(record.topic)?.deadLetters === true;
  const copy = copies
    ? { topic: deadLetterTopicOf(record.topic), headers: copyHeaders(letter, failure) }
    : undefined;
  const letterId = await deps.db.transaction((tx) => write(tx, handler, record, letter, failure, copy, also));
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
    errorMessage: storable(errorMessageOf(cause)) ?? '',
    firstFailedAtMs: failure.firstFailedAtMs,
    lastFailedAtMs: failure.lastFailedAtMs,
  };
}

/** PostgreSQL's text has no zero character; whoever sent one must not be able to stop the partition. */
const storable = (text: string | undefined): string | null =>
  text?.replaceAll('\0', '').slice(0, messageCharsMax) ?? null;

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
