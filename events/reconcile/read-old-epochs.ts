import type { EventData, EventType } from '../../domain/events.ts';
import { topicOf } from '../../domain/events.ts';
import type { Broker } from '../kafka/broker.ts';
import type { Codec } from '../codec/codec.ts';
import { headerText, toEnvelope, typeOf } from '../codec/envelope.ts';
import { DeadEvent } from '../consumer/failures.ts';
import type { EventOrigin } from '../relay/outgoing.ts';
import { readWindow } from '../streams/read-window.ts';
import type { OffsetWindow } from '../streams/read-window.ts';

export type OldEvent<T extends EventType> = { id: string; time: string; epoch: number; data: EventData[T] };

/** Read in pieces of this size, so that a month of journals does not have to fit into memory at once. */
const pieceCountMax = 50_000n;
const limits = { deadlineMs: 60_000, recordCountMax: 2 * Number(pieceCountMax) };

/**
 * Everything of one type that this deployment told under earlier epochs since a moment, piece by piece. Answers how many
 * records could not be read: a schema may have been lost too.
 */
export async function readOldEpochs<T extends EventType>(
  { broker, codec, origin }: { broker: Broker; codec: Codec; origin: EventOrigin },
  type: T,
  sinceMs: number,
  onEvents: (events: OldEvent<T>[]) => Promise<void>,
): Promise<{ unreadableCount: number }> {
  let unreadableCount = 0;
  const windows = await windowsSince(broker, topicOf(type), sinceMs);
  for (let piece = nextPiece(windows); piece.length > 0; piece = nextPiece(windows)) {
    const events: OldEvent<T>[] = [];
    for (const record of await readWindow(broker, piece, limits)) {
      if (typeOf(record.headers) !== type) continue;
      try {
        const { id, time, source, ledgerEpoch: epoch, contentType } = toEnvelope(record);
        if (source !== origin.source || epoch >= origin.ledgerEpoch) continue;
        events.push({ id, time, epoch, data: await codec.decode(type, codec.open(record), contentType) });
      } catch (error) {
        if (!(error instanceof DeadEvent)) throw error;
        unreadableCount += 1;
      }
    }
    if (events.length > 0) await onEvents(events);
  }
  return { unreadableCount };
}

/**
 * The highest epoch that anything in a topic was told under since a moment; 0 when there is nothing. A database restored
 * twice to the same moment has forgotten that it was raised before.
 */
export async function newestEpochTold(
  { broker, origin }: { broker: Broker; origin: EventOrigin },
  topic: string,
  sinceMs: number,
): Promise<number> {
  let newest = 0;
  const windows = await windowsSince(broker, topic, sinceMs);
  for (let piece = nextPiece(windows); piece.length > 0; piece = nextPiece(windows))
    for (const { headers } of await readWindow(broker, piece, limits)) {
      const epoch = Number(headerText(headers, 'ce_ledgerepoch') ?? 0);
      if (headerText(headers, 'ce_source') === origin.source && epoch > newest) newest = epoch;
    }
  return newest;
}

async function windowsSince(broker: Broker, topic: string, sinceMs: number): Promise<OffsetWindow[]> {
  const [starts, ends] = await Promise.all([
    broker.admin.offsetsAt(topic, sinceMs),
    broker.admin.partitionEnds(topic),
  ]);
  return ends.map((end) => {
    const start = starts.find(({ partition }) => partition === end.partition)?.offset ?? end.startOffset;
    return { ...end, startOffset: start < end.startOffset ? end.startOffset : start };
  });
}

/** Takes the next piece off the windows: an equal share of every partition that is not read yet. */
function nextPiece(windows: OffsetWindow[]): OffsetWindow[] {
  const open = windows.filter(({ startOffset, endOffset }) => startOffset < endOffset);
  if (open.length === 0) return [];
  const share = pieceCountMax / BigInt(open.length);
  return open.map((window) => {
    const end = window.startOffset + share;
    const piece = { ...window, endOffset: end < window.endOffset ? end : window.endOffset };
    window.startOffset = piece.endOffset;
    return piece;
  });
}
