import type { Log } from '../../platform/log.ts';
import type { Db, Tx } from '../../store/db.ts';
import { LaneLost, markPartition, moveLane, openLanePosition } from '../../store/subscriptions/dispatch.ts';
import { queueEvents } from '../../store/subscriptions/queue-events.ts';
import type { QueuedEvent } from '../../store/subscriptions/queue-events.ts';
import type { Broker, DeliveredRecord, TopicPartition } from '../broker.ts';
import type { Codec } from '../codec.ts';
import { errorMessageOf } from '../failures.ts';
import { backoffMs, sleep } from '../patience.ts';
import { filterable } from '../structured.ts';
import { catchUp } from './catch-up.ts';
import { typeOf } from '../envelope.ts';
import type { Roster, Wish } from './roster.ts';
import { toQueued } from './to-queued.ts';
import type { Match } from './to-queued.ts';

export type LaneDeps = {
  db: Db;
  broker: Broker;
  codec: Codec;
  log: Log;
  signal: AbortSignal;
  /** For these something waits now. */
  onQueued(subscriptionIds: Iterable<string>): void;
  /** The lane cannot go on: another process has it, or something is wrong with us. */
  onLost(error: unknown): void;
};

/** One partition as the dispatcher reads it, in order. */
export type Lane = {
  readonly place: TopicPartition;
  /** The next offset to look at; undefined until it is open. */
  readonly position: bigint | undefined;
  readonly pendingCount: number;
  add(records: readonly DeliveredRecord[]): void;
  /** Follows who is to be followed, and nobody else. */
  sync(roster: Roster): void;
  /** Writes down how far it has come; answers that. */
  save(): Promise<bigint | undefined>;
  drained(): Promise<void>;
};

/** What is written in one transaction. */
const recordCountMax = 500;
/** What came for one that is still catching up is held so far; more than that, and it catches up once more. */
const heldCountMax = 2_000;

type Follower = { wish: Wish; from: bigint };
type Hold = { wish: Wish; from: bigint; records: DeliveredRecord[]; overflowed: boolean };

/**
 * Opens a partition: takes its position over, and from then on handles its records strictly one batch after another. What a
 * subscription wants is queued in the transaction that moves the position, so nothing is lost between the two, and what is
 * read again is known by its id. Records that nobody wants cost a look at their headers.
 */
export function openLane(
  deps: LaneDeps,
  place: TopicPartition,
  seek: (offset: bigint) => void,
  fresh: Promise<Roster>,
): Lane {
  const { signal } = deps;
  const lane = {
    position: undefined as bigint | undefined,
    saved: 0n,
    epoch: 0,
    pendingCount: 0,
    followers: new Map<string, Follower>(),
    holds: new Map<string, Hold>(),
    /** Where those that are not followed have read to. */
    marks: new Map<string, bigint>(),
    catching: new Set<string>(),
    byType: new Map<string, Follower[]>(),
    roster: { topics: [], of: () => [] } as Roster,
  };

  let chain = Promise.resolve();
  function inTurn(task: () => Promise<void>): Promise<void> {
    const run = chain.then(() => (signal.aborted ? undefined : task()));
    chain = run.catch((error: unknown) => {
      if (!signal.aborted) deps.onLost(error);
    });
    return run;
  }

  /** What is not the events' fault is waited for without end. */
  async function patiently<T>(what: string, work: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await work();
      } catch (error) {
        if (error instanceof LaneLost || signal.aborted) throw error;
        const level = attempt % 6 === 3 ? 'warn' : 'debug';
        deps.log[level]({ ...place, what, attempt, reason: errorMessageOf(error) }, 'dispatching waits');
        await sleep(backoffMs(attempt, 200, 10_000), signal);
        signal.throwIfAborted();
      }
    }
  }

  const transact = (what: string, nextOffset: bigint, work: (tx: Tx) => Promise<void>): Promise<void> =>
    patiently(what, () =>
      deps.db.transaction(async (tx) => {
        await moveLane(tx, place, lane.epoch, nextOffset);
        await work(tx);
      }),
    );

  async function queue(events: readonly QueuedEvent[], tx: Tx): Promise<void> {
    await queueEvents(tx, events);
  }

  async function open(): Promise<void> {
    // read after the assignment: what this process knew before may be older than what the one before it followed
    lane.roster = await fresh;
    const opened = await patiently('open', async () => {
      const ends = await deps.broker.admin.partitionEnds(place.topic);
      const end = ends.find(({ partition }) => partition === place.partition)?.endOffset ?? 0n;
      return deps.db.transaction((tx) => openLanePosition(tx, place, end));
    });
    lane.position = lane.saved = opened.nextOffset;
    lane.epoch = opened.epoch;
    const wishes = new Map(lane.roster.of(place.topic).map((wish) => [wish.subscriptionId, wish]));
    for (const { subscriptionId, nextOffset, followed } of opened.partitions) {
      const wish = wishes.get(subscriptionId);
      if (followed && wish !== undefined) lane.followers.set(subscriptionId, { wish, from: nextOffset });
      else lane.marks.set(subscriptionId, nextOffset);
    }
    seek(opened.nextOffset);
    syncNow();
  }

  function followersOf(type: string): Follower[] {
    let wanting = lane.byType.get(type);
    if (wanting === undefined) {
      wanting = [...lane.followers.values()].filter(({ wish }) => wish.wantsType(type));
      lane.byType.set(type, wanting);
    }
    return wanting;
  }

  function matchOf(record: DeliveredRecord): Match | undefined {
    const wanting = followersOf(typeOf(record.headers) ?? '');
    if (wanting.length === 0) return undefined;
    const event = filterable(record);
    const wishes = wanting.filter(({ wish, from }) => record.offset >= from && wish.wants(event));
    return wishes.length === 0 ? undefined : { record, wishes: wishes.map(({ wish }) => wish) };
  }

  function hold(record: DeliveredRecord): void {
    for (const held of lane.holds.values()) {
      if (held.overflowed || record.offset < held.from || !wanted(held.wish, record)) continue;
      held.records.push(record);
      if (held.records.length > heldCountMax) {
        held.overflowed = true;
        held.records = [];
      }
    }
  }

  async function handle(records: readonly DeliveredRecord[]): Promise<void> {
    const position = lane.position ?? 0n;
    const fresh = records.filter(({ offset }) => offset >= position);
    const last = fresh.at(-1);
    if (last === undefined) return;
    const nextOffset = last.offset + 1n;
    const matches = fresh.flatMap((record) => matchOf(record) ?? []);
    if (lane.holds.size > 0) for (const record of fresh) hold(record);
    if (matches.length > 0) {
      const events = await decodeAll(matches);
      await transact('queue', nextOffset, (tx) => queue(events, tx));
      lane.saved = nextOffset;
      deps.onQueued(new Set(events.map(({ subscriptionId }) => subscriptionId)));
    }
    lane.position = nextOffset;
  }

  async function decodeAll(matches: readonly Match[]): Promise<QueuedEvent[]> {
    const events: QueuedEvent[] = [];
    for (const match of matches)
      events.push(...(await patiently('decode', () => toQueued(deps.codec, match))));
    return events;
  }

  function syncNow(): void {
    if (lane.position === undefined) return;
    const wishes = lane.roster.of(place.topic);
    const ids = new Set(wishes.map(({ subscriptionId }) => subscriptionId));
    for (const id of lane.followers.keys()) if (!ids.has(id)) lane.followers.delete(id);
    lane.byType.clear();
    for (const wish of wishes) {
      const follower = lane.followers.get(wish.subscriptionId);
      if (follower !== undefined) {
        follower.wish = wish;
        if (!wish.mayGoOn) void inTurn(() => leave(wish.subscriptionId)).catch(() => {});
      } else if (wish.mayBegin && !lane.catching.has(wish.subscriptionId)) void begin(wish);
    }
  }

  /** From here on it reads by itself, when it may again. */
  async function leave(subscriptionId: string): Promise<void> {
    const follower = lane.followers.get(subscriptionId);
    const position = lane.position;
    if (follower === undefined || position === undefined || follower.wish.mayGoOn) return;
    const nextOffset = follower.from > position ? follower.from : position;
    await transact('leave', position, (tx) =>
      markPartition(tx, subscriptionId, place, { nextOffset, followed: false }),
    );
    lane.saved = position;
    lane.marks.set(subscriptionId, nextOffset);
    lane.followers.delete(subscriptionId);
    lane.byType.clear();
  }

  async function begin(wish: Wish): Promise<void> {
    const { subscriptionId } = wish;
    lane.catching.add(subscriptionId);
    try {
      await catchUp(catching, wish);
    } catch (error) {
      if (!signal.aborted)
        deps.log.warn({ ...place, subscriptionId, reason: errorMessageOf(error) }, 'catching up failed');
    } finally {
      lane.catching.delete(subscriptionId);
      lane.holds.delete(subscriptionId);
    }
  }

  /** What catching up needs of the lane. */
  const catching: Parameters<typeof catchUp>[0] = {
    ...deps,
    place,
    patiently,
    markOf: (id) => lane.marks.get(id),
    isWanted: (id) =>
      lane.roster.of(place.topic).some(({ subscriptionId, mayGoOn }) => subscriptionId === id && mayGoOn),
    async queueUpTo(subscriptionId, records, nextOffset) {
      const wish = lane.roster.of(place.topic).find((each) => each.subscriptionId === subscriptionId);
      const matches = records.flatMap((record) =>
        wish !== undefined && wanted(wish, record) ? [{ record, wishes: [wish] }] : [],
      );
      const events = await decodeAll(matches);
      await transact('catch up', 0n, async (tx) => {
        await queue(events, tx);
        await markPartition(tx, subscriptionId, place, { nextOffset, followed: false });
      });
      lane.marks.set(subscriptionId, nextOffset);
      if (events.length > 0) deps.onQueued([subscriptionId]);
    },
    async hold(wish, cursor) {
      let from = cursor;
      await inTurn(() => {
        const position = lane.position ?? 0n;
        from = cursor > position ? cursor : position;
        lane.holds.set(wish.subscriptionId, { wish, from, records: [], overflowed: false });
        return Promise.resolve();
      });
      return from;
    },
    async follow(subscriptionId) {
      let followed = false;
      await inTurn(async () => {
        const held = lane.holds.get(subscriptionId);
        const position = lane.position ?? 0n;
        if (held === undefined || held.overflowed) return;
        const events = await decodeAll(held.records.map((record) => ({ record, wishes: [held.wish] })));
        const from = held.from > position ? held.from : position;
        await transact('follow', position, async (tx) => {
          await queue(events, tx);
          await markPartition(tx, subscriptionId, place, { nextOffset: from, followed: true });
        });
        lane.saved = position;
        lane.marks.delete(subscriptionId);
        lane.followers.set(subscriptionId, { wish: held.wish, from });
        lane.byType.clear();
        if (events.length > 0) deps.onQueued([subscriptionId]);
        followed = true;
      });
      return followed;
    },
  };

  void inTurn(open).catch(() => {});
  return {
    place,
    get position() {
      return lane.position;
    },
    get pendingCount() {
      return lane.pendingCount;
    },
    add(records) {
      lane.pendingCount += records.length;
      for (let start = 0; start < records.length; start += recordCountMax) {
        const part = records.slice(start, start + recordCountMax);
        void inTurn(() => handle(part))
          .catch(() => {})
          .finally(() => (lane.pendingCount -= part.length));
      }
    },
    sync(roster) {
      lane.roster = roster;
      syncNow();
    },
    async save() {
      await inTurn(async () => {
        const { position } = lane;
        if (position === undefined || position === lane.saved) return;
        await patiently('save', () => moveLane(deps.db, place, lane.epoch, position));
        lane.saved = position;
      });
      return lane.position === undefined ? undefined : lane.saved;
    },
    drained: () => chain,
  };
}

const wanted = (wish: Wish, record: DeliveredRecord): boolean =>
  wish.wantsType(typeOf(record.headers) ?? '') && wish.wants(filterable(record));
