import type { Log } from '../../platform/log.ts';
import type { DeliveredRecord } from '../kafka/broker.ts';
import { errorMessageOf } from '../consumer/failures.ts';
import { TooFarBehind } from './read-past.ts';
import type { PastReader } from './read-past.ts';
import { parsePlace, placeId } from './place.ts';
import type { StreamPlace } from './place.ts';

/** What a record tells, and under which keys somebody may listen for it. `id` names its place. */
export type Told<E> = { id: string; event: E; keys: readonly string[] };

export type Subscribe<E> = (
  key: string,
  onEvent: (event: E) => void,
  options?: {
    lastEventId?: string;
    /** Whose resumptions are counted together; the key where nobody else is named. */
    reader?: string;
    /** The past could not be read, so nothing was told and nothing will be; the reader comes back with the same id. */
    onLost?: () => void;
    /** Asked before anything is decoded, of what is past; the reader asks it itself of what is new. */
    isWanted?: (record: DeliveredRecord) => boolean;
  },
) => () => void;

export type Channel<E> = {
  topics: readonly string[];
  /** A record of the tail; resolves when every reader was told. */
  hear(record: DeliveredRecord): Promise<void>;
  /**
   * Calls back for everything after `lastEventId`, while Kafka keeps it, then for everything new. What other partitions told
   * in the two seconds before that id may come again. Throws `validation_failed` for an id that is none of ours,
   * and what the reader of the past throws at once.
   */
  subscribe: Subscribe<E>;
};

export type ChannelDeps<E> = {
  log: Log;
  readPast: PastReader;
  topics: readonly string[];
  /** Whether a record is this channel's business, by its headers. */
  isTold(record: DeliveredRecord): boolean;
  /** Undefined for what cannot be read. */
  read(record: DeliveredRecord): Promise<Omit<Told<E>, 'id'> | undefined>;
};

/** What this process remembers for readers that come back at once; older than that is read from Kafka. */
const rememberedCountMax = 5_000;
const rememberedBytesMax = 8 * 1_024 * 1_024;
/** Nobody has listened for so long: nobody comes back at once. */
const idleMs = 60_000;
const waitingCountMax = 10_000;

/** Events of some topics fanned out in memory to whoever listens. Nothing is decoded while nobody does. */
export function openChannel<E>(deps: ChannelDeps<E>): Channel<E> {
  const { topics, read, isTold } = deps;
  const readers = new Map<string, Set<(told: Told<E>) => void>>();
  let remembered: (Told<E> & { bytes: number })[] = [];
  let rememberedBytes = 0;
  let heardAtMs = -Infinity;

  function remember(told: Told<E>, bytes: number): void {
    remembered.push({ ...told, bytes });
    rememberedBytes += bytes;
    if (remembered.length <= rememberedCountMax && rememberedBytes <= rememberedBytesMax) return;
    const gone = remembered.splice(0, Math.ceil(remembered.length / 10));
    rememberedBytes -= gone.reduce((sum, entry) => sum + entry.bytes, 0);
  }

  const addReader: AddReader<E> = (key, onTold) => {
    const own = readers.get(key) ?? new Set();
    readers.set(key, own.add(onTold));
    return () => {
      own.delete(onTold);
      heardAtMs = performance.now();
      if (own.size === 0 && readers.get(key) === own) readers.delete(key);
    };
  };

  return {
    topics,
    async hear(record) {
      if (!isTold(record)) return;
      if (readers.size === 0 && performance.now() - heardAtMs > idleMs) {
        remembered = [];
        rememberedBytes = 0;
        return;
      }
      const told = await read(record);
      if (told === undefined) return;
      const entry = { id: placeId(record), ...told };
      remember(entry, record.value?.length ?? 0);
      for (const key of told.keys) for (const onTold of readers.get(key) ?? []) onTold(entry);
    },
    subscribe(key, onEvent, { lastEventId, reader = key, onLost = () => {}, isWanted = () => true } = {}) {
      if (lastEventId === undefined) return addReader(key, ({ event }) => onEvent(event));
      const last = parsePlace(lastEventId, topics);
      const index = remembered.findIndex(({ id }) => id === lastEventId);
      if (index === -1) return resume(deps, addReader, { key, reader, last, onEvent, onLost, isWanted });
      for (const { keys, event } of remembered.slice(index + 1)) if (keys.includes(key)) onEvent(event);
      return addReader(key, ({ event }) => onEvent(event));
    },
  };
}

type AddReader<E> = (key: string, onTold: (told: Told<E>) => void) => () => void;
type Resumed<E> = {
  key: string;
  reader: string;
  last: StreamPlace;
  onEvent: (event: E) => void;
  onLost: () => void;
  isWanted: (record: DeliveredRecord) => boolean;
};

/** Live events wait until the past has been told; what both contain is told once. */
function resume<E>(
  { log, readPast, topics, read, isTold }: ChannelDeps<E>,
  addReader: AddReader<E>,
  { key, reader, last, onEvent, onLost, isWanted }: Resumed<E>,
): () => void {
  let waiting: Told<E>[] | undefined = [];
  let stopped = false;
  const lose = () => {
    const wasWanted = !stopped;
    stop();
    if (wasWanted) onLost();
  };
  // may refuse, before anybody listens
  const past = readPast(reader, {
    topics,
    since: last,
    isWanted: () => !stopped,
    async read(record) {
      if (stopped || !isTold(record) || !isWanted(record)) return undefined;
      const told = await read(record);
      return told?.keys.includes(key) === true ? { id: placeId(record), ...told } : undefined;
    },
  });
  const remove = addReader(key, (told) => {
    if (waiting === undefined) return onEvent(told.event);
    waiting.push(told);
    if (waiting.length > waitingCountMax) lose();
  });
  const stop = () => {
    stopped = true;
    remove();
  };
  const goOn = (past: readonly Told<E>[]) => {
    const seen = new Set(past.map(({ id }) => id));
    const live = waiting ?? [];
    waiting = undefined;
    for (const { event } of [...past, ...live.filter(({ id }) => !seen.has(id))])
      if (!stopped) onEvent(event);
  };
  past.then(goOn, (error: unknown) => {
    log.warn(
      { topic: last.topic, reason: errorMessageOf(error) },
      'a stream could not be resumed from Kafka',
    );
    if (error instanceof TooFarBehind) goOn([]);
    else lose();
  });
  return stop;
}
