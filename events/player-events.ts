import type { JsonValue } from '../domain/canonical-json.ts';
import { topicOf } from '../domain/events.ts';
import type { EventType } from '../domain/events.ts';
import { LootError } from '../domain/errors.ts';
import type { Log } from '../platform/log.ts';
import type { Broker, DeliveredRecord } from './broker.ts';
import type { Codec } from './codec.ts';
import { toEnvelope, typeOf } from './envelope.ts';
import { DeadEvent, errorMessageOf } from './failures.ts';
import type { Running } from './handler.ts';
import { playersOf, streamedTypes } from './player-event-types.ts';
import { WindowTooLarge, readWindow } from './read-window.ts';
import { createSlots } from './slots.ts';
import { tailTopics } from './tail.ts';

/** A fact about one player. `id` is opaque to clients: topic/partition/offset/time, which is how a stream resumes. */
export type PlayerEvent = { id: string; type: string; time: string; data: JsonValue; traceparent?: string };

export type PlayerEvents = Running & {
  /**
   * Calls back for everything after `lastEventId`, while Kafka keeps it, then for everything new. Answers how to stop.
   * `onLost`: the past could not be read, so nothing was told and nothing will be; the reader comes back with the same id.
   * Throws `validation_failed` for an id that is none of ours.
   */
  subscribe(playerId: string, onEvent: OnEvent, options?: SubscribeOptions): () => void;
};

type OnEvent = (event: PlayerEvent) => void;
type SubscribeOptions = { lastEventId?: string; onLost?: () => void };
type Deps = { broker: Broker; codec: Codec; log: Log };
type Told = { event: PlayerEvent; playerIds: readonly string[] };

/** What this process remembers for readers that come back at once; older than that is read from Kafka. */
const rememberedCountMax = 5_000;
const resumeWindowMs = 3_600_000;
const resumeLimits = { deadlineMs: 10_000, recordCountMax: 200_000 };
/** Each read joins a group of its own and holds what it reads. */
const readCountMax = 2;
const waitingReadCountMax = 50;
const topics: readonly string[] = [...new Set(streamedTypes.map(topicOf))];

/** One tailing consumer per process, fanned out in memory to the players' open streams. */
export function startPlayerEvents(deps: Deps): PlayerEvents {
  const readers = new Map<string, Set<OnEvent>>();
  const readInTurn = createPastReader(deps);
  const remembered: Told[] = [];
  let queue = Promise.resolve();

  function publish(told: Told): void {
    remembered.push(told);
    if (remembered.length > rememberedCountMax) remembered.splice(0, rememberedCountMax / 10);
    for (const playerId of told.playerIds)
      for (const onEvent of readers.get(playerId) ?? []) onEvent(told.event);
  }

  const tail = tailTopics(deps, topics, (record) => {
    if (!isStreamed(record)) return;
    // decoding may have to ask for a schema; the order of records is kept
    queue = queue.then(async () => {
      const told = await tellOrSkip(deps, record);
      if (told !== undefined) publish(told);
    });
  });

  function addReader(playerId: string, onEvent: OnEvent): () => void {
    const own = readers.get(playerId) ?? new Set();
    readers.set(playerId, own.add(onEvent));
    return () => {
      own.delete(onEvent);
      if (own.size === 0 && readers.get(playerId) === own) readers.delete(playerId);
    };
  }

  return {
    subscribe(playerId, onEvent, { lastEventId, onLost = () => {} } = {}) {
      if (lastEventId === undefined) return addReader(playerId, onEvent);
      const last = parseId(lastEventId);
      const index = remembered.findIndex(({ event }) => event.id === lastEventId);
      if (index === -1) return resume({ ...deps, readInTurn, addReader }, playerId, last, onEvent, onLost);
      for (const told of remembered.slice(index + 1))
        if (told.playerIds.includes(playerId)) onEvent(told.event);
      return addReader(playerId, onEvent);
    },
    async stop() {
      await tail.stop();
      await queue;
    },
  };
}

type ResumeTools = {
  log: Log;
  readInTurn: ReturnType<typeof createPastReader>;
  addReader: (playerId: string, onEvent: OnEvent) => () => void;
};

/** Live events wait until the past has been told; what both contain is told once. */
function resume(
  { log, readInTurn, addReader }: ResumeTools,
  playerId: string,
  last: Place,
  onEvent: OnEvent,
  onLost: () => void,
): () => void {
  let waiting: PlayerEvent[] | undefined = [];
  let stopped = false;
  const remove = addReader(playerId, (event) =>
    waiting === undefined ? onEvent(event) : void waiting.push(event),
  );
  const stop = () => {
    stopped = true;
    remove();
  };
  const goOn = (past: readonly PlayerEvent[]) => {
    const seen = new Set(past.map(({ id }) => id));
    const live = waiting ?? [];
    waiting = undefined;
    if (stopped) return;
    for (const event of [...past, ...live.filter(({ id }) => !seen.has(id))]) onEvent(event);
  };
  readInTurn(playerId, last, () => !stopped).then(goOn, (error: unknown) => {
    log.warn(
      { topic: last.topic, reason: errorMessageOf(error) },
      'a stream could not be resumed from Kafka',
    );
    // Too far behind stays too far behind: like an event no longer kept, it is gone.
    if (error instanceof WindowTooLarge) return goOn([]);
    const wasWanted = !stopped;
    stop();
    if (wasWanted) onLost();
  });
  return stop;
}

/** Few at a time, and no queue that grows without end. */
function createPastReader(deps: Deps) {
  const slots = createSlots(readCountMax);
  let readCount = 0;
  return async (playerId: string, last: Place, isWanted: () => boolean): Promise<PlayerEvent[]> => {
    if (readCount >= readCountMax + waitingReadCountMax)
      throw new Error('too many streams are being resumed');
    readCount += 1;
    try {
      return await slots.run(async () => (isWanted() ? readPast(deps, playerId, last) : []));
    } finally {
      readCount -= 1;
    }
  };
}

async function readPast(deps: Deps, playerId: string, last: Place): Promise<PlayerEvent[]> {
  const sinceMs = Math.max(last.timestampMs, Date.now() - resumeWindowMs);
  const windows = await Promise.all(
    topics.map(async (topic) => {
      const [starts, ends] = await Promise.all([
        deps.broker.admin.offsetsAt(topic, sinceMs),
        deps.broker.admin.partitionEnds(topic),
      ]);
      return starts.map(({ partition, offset }) => {
        const endOffset = ends.find((end) => end.partition === partition)?.endOffset ?? 0n;
        return { topic, partition, startOffset: offset, endOffset };
      });
    }),
  );
  const records = await readWindow(deps.broker, windows.flat(), resumeLimits);
  const past: PlayerEvent[] = [];
  for (const record of records) {
    const before =
      record.topic === last.topic && record.partition === last.partition && record.offset <= last.offset;
    if (before || !isStreamed(record)) continue;
    const told = await tellOrSkip(deps, record);
    if (told?.playerIds.includes(playerId) === true) past.push(told.event);
  }
  return past;
}

const isStreamed = ({ headers }: DeliveredRecord): boolean => {
  const type = typeOf(headers);
  return streamedTypes.some((streamed) => streamed === type);
};

/** What cannot be decoded is the consumer groups' business; a stream leaves it out. */
async function tellOrSkip({ codec, log }: Deps, record: DeliveredRecord): Promise<Told | undefined> {
  try {
    const envelope = toEnvelope(record);
    const type = envelope.type as EventType;
    const data = await codec.decode(type, codec.open(record), envelope.contentType);
    const id = `${record.topic}/${record.partition}/${record.offset}/${record.timestampMs}`;
    const { time, traceparent } = envelope;
    const event = { id, type, time, data: data as JsonValue, ...(traceparent !== null && { traceparent }) };
    return { event, playerIds: playersOf(type, data) };
  } catch (error) {
    log[error instanceof DeadEvent ? 'debug' : 'warn'](
      { topic: record.topic, reason: errorMessageOf(error) },
      'a record is not streamed',
    );
    return undefined;
  }
}

type Place = { topic: string; partition: number; offset: bigint; timestampMs: number };

/** Throws `validation_failed` for what no stream of ours has told. */
function parseId(id: string): Place {
  const [, topic, partition, offset, timestampMs] =
    /^([\w.-]+)\/(\d{1,6})\/(\d{1,19})\/(\d{1,15})$/.exec(id) ?? [];
  if (topic === undefined || offset === undefined || !topics.includes(topic))
    throw new LootError('validation_failed', 'The last event id is not one this stream has told.');
  return { topic, partition: Number(partition), offset: BigInt(offset), timestampMs: Number(timestampMs) };
}
