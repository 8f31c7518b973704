import type { Log } from '../../platform/log.ts';
import type { Db, Tx } from '../../store/db.ts';
import { LaneLost, markPartition, moveLane, openLanePosition } from '../../store/subscriptions/dispatch.ts';
import { queueEvents } from '../../store/subscriptions/queue-events.ts';
import type { QueuedEvent } from '../../store/subscriptions/queue-events.ts';
import type { Broker, DeliveredRecord, TopicPartition } from '../kafka/broker.ts';
import type { Codec } from '../codec/codec.ts';
import { errorMessageOf } from '../consumer/failures.ts';
import { backoffMs, sleep } from '../patience.ts';
import { filterable } from '../codec/structured.ts';
import { catchUp } from './catch-up.ts';
import type { CatchUpLane } from './catch-up.ts';
import { typeOf } from '../codec/envelope.ts';
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

/** What is written in one transaction. */
const recordCountMax = 500;
const transactionBytesMax = 8_388_608;
/** What came for one that is still catching up is held so far; more than that, and it catches up once more. */
const heldCountMax = 2_000;
const heldBytesMax = 16_777_216;

type Follower = { wish: Wish; from: bigint };
type Hold = { wish: Wish; from: bigint; records: DeliveredRecord[]; bytes: number; overflowed: boolean };

/**
 * One partition as the dispatcher reads it. It takes the partition's position over, and from then on handles its records
 * strictly one batch after another. What a subscription wants is queued in the transaction that moves the position, so
 * nothing is lost between the two, and what is read again is known by its id. Records that nobody wants cost a look at
 * their headers.
 */
export class Lane implements CatchUpLane {
  readonly place: TopicPartition;
  readonly broker: Broker;
  readonly signal: AbortSignal;
  /** The next offset to look at; undefined until it is open. */
  position: bigint | undefined;
  pendingCount = 0;
  pendingBytes = 0;
  private readonly deps: LaneDeps;
  private chain = Promise.resolve();
  private saved = 0n;
  private epoch = 0;
  private roster: Roster = { topics: [], of: () => [] };
  private readonly followers = new Map<string, Follower>();
  private byType = new Map<string, Follower[]>();
  private readonly holds = new Map<string, Hold>();
  /** Where those that are not followed have read to. */
  private readonly marks = new Map<string, bigint>();
  private readonly catching = new Set<string>();

  /** `fresh` was read after the assignment: what the process knew before may be older than what the one before it followed. */
  constructor(deps: LaneDeps, place: TopicPartition, seek: (offset: bigint) => void, fresh: Promise<Roster>) {
    this.deps = deps;
    this.place = place;
    this.broker = deps.broker;
    this.signal = deps.signal;
    this.inTurn(async () => {
      this.roster = await fresh;
      seek(await this.open());
    }).catch(() => {});
  }

  add(records: readonly DeliveredRecord[]): void {
    for (const { part, bytes } of partsOf(records)) {
      this.pendingCount += part.length;
      this.pendingBytes += bytes;
      this.inTurn(() => this.handle(part))
        .catch(() => {})
        .finally(() => {
          this.pendingCount -= part.length;
          this.pendingBytes -= bytes;
        });
    }
  }

  /** Follows who is to be followed, and nobody else. */
  sync(roster: Roster): void {
    this.roster = roster;
    this.followAsTold();
  }

  /** Writes down how far it has come; answers that. */
  async save(): Promise<bigint | undefined> {
    await this.inTurn(async () => {
      const { position } = this;
      if (position === undefined || position === this.saved) return;
      await this.patiently('save', () => moveLane(this.deps.db, this.place, this.epoch, position));
      this.saved = position;
    });
    return this.position === undefined ? undefined : this.saved;
  }

  drained(): Promise<void> {
    return this.chain;
  }

  /** What is not the events' fault is waited for without end. */
  async patiently<T>(what: string, work: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await work();
      } catch (error) {
        if (error instanceof LaneLost || this.signal.aborted) throw error;
        const level = attempt % 6 === 3 ? 'warn' : 'debug';
        const reason = errorMessageOf(error);
        this.deps.log[level]({ ...this.place, what, attempt, reason }, 'dispatching waits');
        await sleep(backoffMs(attempt, 200, 10_000), this.signal);
        this.signal.throwIfAborted();
      }
    }
  }

  markOf(subscriptionId: string): bigint | undefined {
    return this.marks.get(subscriptionId);
  }

  isWanted(subscriptionId: string): boolean {
    return this.wishOf(subscriptionId)?.mayGoOn === true;
  }

  async queueUpTo(
    subscriptionId: string,
    records: readonly DeliveredRecord[],
    nextOffset: bigint,
  ): Promise<void> {
    const wish = this.wishOf(subscriptionId);
    const matches = records.flatMap((record) =>
      wish !== undefined && wants(wish, record) ? [{ record, wishes: [wish] }] : [],
    );
    const events = await this.decodeAll(matches);
    await this.transact('catch up', 0n, async (tx) => {
      await queueEvents(tx, events);
      await markPartition(tx, subscriptionId, this.place, { nextOffset, followed: false });
    });
    this.marks.set(subscriptionId, nextOffset);
    if (events.length > 0) this.deps.onQueued([subscriptionId]);
  }

  async hold(wish: Wish, cursor: bigint): Promise<bigint> {
    let from = cursor;
    await this.inTurn(() => {
      from = later(cursor, this.position ?? 0n);
      this.holds.set(wish.subscriptionId, { wish, from, records: [], bytes: 0, overflowed: false });
      return Promise.resolve();
    });
    return from;
  }

  async follow(subscriptionId: string): Promise<boolean> {
    let followed = false;
    await this.inTurn(async () => {
      const held = this.holds.get(subscriptionId);
      const position = this.position ?? 0n;
      if (held === undefined || held.overflowed) return;
      const events = await this.decodeAll(held.records.map((record) => ({ record, wishes: [held.wish] })));
      const from = later(held.from, position);
      await this.transact('follow', position, async (tx) => {
        await queueEvents(tx, events);
        await markPartition(tx, subscriptionId, this.place, { nextOffset: from, followed: true });
      });
      this.saved = position;
      this.marks.delete(subscriptionId);
      this.followers.set(subscriptionId, { wish: held.wish, from });
      this.byType = new Map();
      if (events.length > 0) this.deps.onQueued([subscriptionId]);
      followed = true;
    });
    return followed;
  }

  private inTurn(task: () => Promise<void>): Promise<void> {
    const run = this.chain.then(() => (this.signal.aborted ? undefined : task()));
    this.chain = run.catch((error: unknown) => {
      if (!this.signal.aborted) this.deps.onLost(error);
    });
    return run;
  }

  private transact(what: string, nextOffset: bigint, work: (tx: Tx) => Promise<void>): Promise<void> {
    return this.patiently(what, () =>
      this.deps.db.transaction(async (tx) => {
        await moveLane(tx, this.place, this.epoch, nextOffset);
        await work(tx);
      }),
    );
  }

  private async open(): Promise<bigint> {
    const { place, deps } = this;
    const opened = await this.patiently('open', async () => {
      const ends = await deps.broker.admin.partitionEnds(place.topic);
      const end = ends.find(({ partition }) => partition === place.partition)?.endOffset ?? 0n;
      return deps.db.transaction((tx) => openLanePosition(tx, place, end));
    });
    this.position = this.saved = opened.nextOffset;
    this.epoch = opened.epoch;
    for (const { subscriptionId, nextOffset, followed } of opened.partitions) {
      const wish = this.wishOf(subscriptionId);
      if (followed && wish !== undefined) this.followers.set(subscriptionId, { wish, from: nextOffset });
      else this.marks.set(subscriptionId, nextOffset);
    }
    this.followAsTold();
    return opened.nextOffset;
  }

  private async handle(records: readonly DeliveredRecord[]): Promise<void> {
    const position = this.position ?? 0n;
    const fresh = records.filter(({ offset }) => offset >= position);
    const last = fresh.at(-1);
    if (last === undefined) return;
    const nextOffset = last.offset + 1n;
    const matches = fresh.flatMap((record) => this.matchOf(record) ?? []);
    if (this.holds.size > 0) for (const record of fresh) this.holdBack(record);
    if (matches.length > 0) {
      const events = await this.decodeAll(matches);
      await this.transact('queue', nextOffset, (tx) => queueEvents(tx, events));
      this.saved = nextOffset;
      this.deps.onQueued(new Set(events.map(({ subscriptionId }) => subscriptionId)));
    }
    this.position = nextOffset;
  }

  private matchOf(record: DeliveredRecord): Match | undefined {
    const type = typeOf(record.headers) ?? '';
    let wanting = this.byType.get(type);
    if (wanting === undefined) {
      wanting = [...this.followers.values()].filter(({ wish }) => wish.wantsType(type));
      this.byType.set(type, wanting);
    }
    if (wanting.length === 0) return undefined;
    const wishes = wanting.filter(({ wish, from }) => record.offset >= from && wants(wish, record));
    return wishes.length === 0 ? undefined : { record, wishes: wishes.map(({ wish }) => wish) };
  }

  private holdBack(record: DeliveredRecord): void {
    for (const held of this.holds.values()) {
      if (held.overflowed || record.offset < held.from || !wants(held.wish, record)) continue;
      held.records.push(record);
      held.bytes += bytesOf(record);
      if (held.records.length <= heldCountMax && held.bytes <= heldBytesMax) continue;
      held.overflowed = true;
      held.records = [];
    }
  }

  private async decodeAll(matches: readonly Match[]): Promise<QueuedEvent[]> {
    const events: QueuedEvent[] = [];
    for (const match of matches)
      events.push(...(await this.patiently('decode', () => toQueued(this.deps.codec, match))));
    return events;
  }

  private wishOf(id: string): Wish | undefined {
    return this.roster.of(this.place.topic).find(({ subscriptionId }) => subscriptionId === id);
  }

  private followAsTold(): void {
    if (this.position === undefined) return;
    const wishes = this.roster.of(this.place.topic);
    const ids = new Set(wishes.map(({ subscriptionId }) => subscriptionId));
    for (const id of this.followers.keys()) if (!ids.has(id)) this.followers.delete(id);
    for (const id of this.marks.keys()) if (!ids.has(id)) this.marks.delete(id);
    // types may be remembered only up to the next look: others name them, so there is no end to them
    this.byType = new Map();
    for (const wish of wishes) {
      const follower = this.followers.get(wish.subscriptionId);
      if (follower !== undefined) {
        follower.wish = wish;
        if (!wish.mayGoOn) this.inTurn(() => this.leave(wish.subscriptionId)).catch(() => {});
      } else if (wish.mayBegin && !this.catching.has(wish.subscriptionId)) void this.begin(wish);
    }
  }

  /** From here on it reads by itself, when it may again. */
  private async leave(subscriptionId: string): Promise<void> {
    const follower = this.followers.get(subscriptionId);
    const { position } = this;
    if (follower === undefined || position === undefined || follower.wish.mayGoOn) return;
    const nextOffset = later(follower.from, position);
    await this.transact('leave', position, (tx) =>
      markPartition(tx, subscriptionId, this.place, { nextOffset, followed: false }),
    );
    this.saved = position;
    this.marks.set(subscriptionId, nextOffset);
    this.followers.delete(subscriptionId);
    this.byType = new Map();
  }

  private async begin(wish: Wish): Promise<void> {
    const { subscriptionId } = wish;
    this.catching.add(subscriptionId);
    try {
      await catchUp(this, wish);
    } catch (error) {
      if (!this.signal.aborted) {
        const reason = errorMessageOf(error);
        this.deps.log.warn({ ...this.place, subscriptionId, reason }, 'catching up is tried again');
      }
    } finally {
      this.catching.delete(subscriptionId);
      this.holds.delete(subscriptionId);
    }
  }
}

const bytesOf = ({ key, value }: DeliveredRecord): number => (key?.length ?? 0) + (value?.length ?? 0);

/** What fits one transaction each, by count and by bytes; one record at least. */
export function partsOf(records: readonly DeliveredRecord[]): { part: DeliveredRecord[]; bytes: number }[] {
  const parts: { part: DeliveredRecord[]; bytes: number }[] = [];
  for (const record of records) {
    const bytes = bytesOf(record);
    const last = parts.at(-1);
    if (last === undefined || last.part.length >= recordCountMax || last.bytes + bytes > transactionBytesMax)
      parts.push({ part: [record], bytes });
    else {
      last.part.push(record);
      last.bytes += bytes;
    }
  }
  return parts;
}

const later = (a: bigint, b: bigint): bigint => (a > b ? a : b);

const wants = (wish: Wish, record: DeliveredRecord): boolean =>
  wish.wantsType(typeOf(record.headers) ?? '') &&
  wish.wants(filterable(record)) &&
  !isCopyOfCopy(wish, record);

/** Two subscriptions that copy each other's topic would never end. */
const isCopyOfCopy = ({ method }: Wish, { headers }: DeliveredRecord): boolean =>
  method === 'kafka' && headers['ce_subscriptionid'] !== undefined;
