import type { JsonValue } from '../domain/canonical-json.ts';
import { topicOf } from '../domain/events.ts';
import type { EventType } from '../domain/events.ts';
import type { Log } from '../platform/log.ts';
import type { Broker, DeliveredRecord } from './broker.ts';
import type { Codec } from './codec.ts';
import { toEnvelope, typeOf } from './envelope.ts';
import { DeadEvent, errorMessageOf } from './failures.ts';
import type { Running } from './handler.ts';
import { playersOf, streamedTypes } from './player-event-types.ts';
import { readWindow } from './read-window.ts';
import { tailTopics } from './tail.ts';

/** A fact about one player. `id` is opaque to clients: topic/partition/offset/time, which is how a stream resumes. */
export type PlayerEvent = { id: string; type: string; time: string; data: JsonValue; traceparent?: string };

export type PlayerEvents = Running & {
  /** Calls back for everything after `lastEventId`, while Kafka keeps it, then for everything new. Answers how to stop. */
  subscribe(
    playerId: string,
    onEvent: (event: PlayerEvent) => void,
    options?: { lastEventId?: string },
  ): () => void;
};

type Deps = { broker: Broker; codec: Codec; log: Log };
type Told = { event: PlayerEvent; playerIds: readonly string[] };

/** What this process remembers for readers that come back at once; older than that is read from Kafka. */
const rememberedCountMax = 5_000;
const resumeWindowMs = 3_600_000;
const resumeLimits = { deadlineMs: 10_000, recordCountMax: 200_000 };
const topics = [...new Set(streamedTypes.map(topicOf))];

/** One tailing consumer per process, fanned out in memory to the players' open streams. */
export function startPlayerEvents(deps: Deps): PlayerEvents {
  const readers = new Map<string, Set<(event: PlayerEvent) => void>>();
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

  function addReader(playerId: string, onEvent: (event: PlayerEvent) => void): () => void {
    const own = readers.get(playerId) ?? new Set();
    readers.set(playerId, own.add(onEvent));
    return () => {
      own.delete(onEvent);
      if (own.size === 0 && readers.get(playerId) === own) readers.delete(playerId);
    };
  }

  return {
    subscribe(playerId, onEvent, { lastEventId } = {}) {
      if (lastEventId === undefined) return addReader(playerId, onEvent);
      const index = remembered.findIndex(({ event }) => event.id === lastEventId);
      if (index === -1) return resume(deps, playerId, lastEventId, onEvent, addReader);
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

/** Live events wait until the past has been told; what both contain is told once. */
function resume(
  deps: Deps,
  playerId: string,
  lastEventId: string,
  onEvent: (event: PlayerEvent) => void,
  addReader: (playerId: string, onEvent: (event: PlayerEvent) => void) => () => void,
): () => void {
  let waiting: PlayerEvent[] | undefined = [];
  const remove = addReader(playerId, (event) =>
    waiting === undefined ? onEvent(event) : void waiting.push(event),
  );
  let stopped = false;
  void readPast(deps, playerId, lastEventId)
    .catch((error: unknown) => {
      deps.log.warn(
        { lastEventId, reason: errorMessageOf(error) },
        'a stream could not be resumed from Kafka',
      );
      return [];
    })
    .then((past) => {
      const seen = new Set(past.map(({ id }) => id));
      const live = waiting ?? [];
      waiting = undefined;
      if (stopped) return;
      for (const event of [...past, ...live.filter(({ id }) => !seen.has(id))]) onEvent(event);
    });
  return () => {
    stopped = true;
    remove();
  };
}

async function readPast(deps: Deps, playerId: string, lastEventId: string): Promise<PlayerEvent[]> {
  const last = parseId(lastEventId);
  if (last === undefined) return [];
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
    const data = await codec.decode(type, record.value, envelope.contentType);
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

function parseId(id: string) {
  const [, topic, partition, offset, timestampMs] =
    /^([\w.-]+)\/(\d{1,6})\/(\d{1,19})\/(\d{1,15})$/.exec(id) ?? [];
  if (topic === undefined || offset === undefined) return undefined;
  return { topic, partition: Number(partition), offset: BigInt(offset), timestampMs: Number(timestampMs) };
}
