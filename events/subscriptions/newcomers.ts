import { markPartition } from '../../store/subscriptions/dispatch.ts';
import { queueEvents } from '../../store/subscriptions/queue-events.ts';
import { errorMessageOf } from '../consumer/failures.ts';
import type { Broker, DeliveredRecord, TopicPartition } from '../kafka/broker.ts';
import { catchUp } from './catch-up.ts';
import type { CatchUpLane } from './catch-up.ts';
import type { LaneTurns } from './lane-turns.ts';
import { bytesOf, wants } from './roster.ts';
import type { Wish } from './roster.ts';

/** What came for one that is still catching up is held so far; more than that, and it catches up once more. */
const heldCountMax = 2_000;
const heldBytesMax = 16_777_216;

type Hold = { wish: Wish; from: bigint; records: DeliveredRecord[]; bytes: number; overflowed: boolean };

/** Who is not followed on a partition yet, and catches up beside the others. */
export class Newcomers implements CatchUpLane {
  readonly place: TopicPartition;
  readonly broker: Broker;
  readonly signal: AbortSignal;
  private readonly turns: LaneTurns;
  private readonly wishOf: (subscriptionId: string) => Wish | undefined;
  private readonly onFollow: (wish: Wish, from: bigint) => void;
  private readonly holds = new Map<string, Hold>();
  /** Where they have read to. */
  private readonly marks = new Map<string, bigint>();
  private readonly catching = new Set<string>();

  constructor(
    turns: LaneTurns,
    wishOf: (subscriptionId: string) => Wish | undefined,
    /** It has caught up: from there on it is followed. */
    onFollow: (wish: Wish, from: bigint) => void,
  ) {
    this.place = turns.place;
    this.broker = turns.deps.broker;
    this.signal = turns.deps.signal;
    this.turns = turns;
    this.wishOf = wishOf;
    this.onFollow = onFollow;
  }

  /** Catches up, unless it is at it. */
  async begin(wish: Wish): Promise<void> {
    const { subscriptionId } = wish;
    if (this.catching.has(subscriptionId)) return;
    this.catching.add(subscriptionId);
    try {
      await catchUp(this, wish);
    } catch (error) {
      if (!this.signal.aborted) {
        const reason = errorMessageOf(error);
        const about = { ...this.place, subscriptionId, reason };
        this.turns.deps.log.warn(about, 'catching up is tried again');
      }
    } finally {
      this.catching.delete(subscriptionId);
      this.holds.delete(subscriptionId);
    }
  }

  mark(subscriptionId: string, nextOffset: bigint): void {
    this.marks.set(subscriptionId, nextOffset);
  }

  /** Whoever is none of these has gone. */
  keep(subscriptionIds: ReadonlySet<string>): void {
    for (const id of this.marks.keys()) if (!subscriptionIds.has(id)) this.marks.delete(id);
  }

  holdBack(records: readonly DeliveredRecord[]): void {
    for (const held of this.holds.values())
      for (const record of records) {
        if (held.overflowed || record.offset < held.from || !wants(held.wish, record)) continue;
        held.records.push(record);
        held.bytes += bytesOf(record);
        if (held.records.length <= heldCountMax && held.bytes <= heldBytesMax) continue;
        held.overflowed = true;
        held.records = [];
      }
  }

  patiently<T>(what: string, work: () => Promise<T>): Promise<T> {
    return this.turns.patiently(what, work);
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
    const events = await this.turns.decode(matches);
    await this.turns.transact('catch up', 0n, async (tx) => {
      await queueEvents(tx, events);
      await markPartition(tx, subscriptionId, this.place, { nextOffset, followed: false });
    });
    this.marks.set(subscriptionId, nextOffset);
    if (events.length > 0) this.turns.deps.onQueued([subscriptionId]);
  }

  async hold(wish: Wish, cursor: bigint): Promise<bigint> {
    let from = cursor;
    await this.turns.take(() => {
      from = later(cursor, this.turns.position ?? 0n);
      this.holds.set(wish.subscriptionId, { wish, from, records: [], bytes: 0, overflowed: false });
      return Promise.resolve();
    });
    return from;
  }

  async follow(subscriptionId: string): Promise<boolean> {
    let followed = false;
    await this.turns.take(async () => {
      const held = this.holds.get(subscriptionId);
      const position = this.turns.position ?? 0n;
      if (held === undefined || held.overflowed) return;
      const events = await this.turns.decode(held.records.map((record) => ({ record, wishes: [held.wish] })));
      const from = later(held.from, position);
      await this.turns.transact('follow', position, async (tx) => {
        await queueEvents(tx, events);
        await markPartition(tx, subscriptionId, this.place, { nextOffset: from, followed: true });
      });
      this.marks.delete(subscriptionId);
      this.onFollow(held.wish, from);
      if (events.length > 0) this.turns.deps.onQueued([subscriptionId]);
      followed = true;
    });
    return followed;
  }
}

const later = (a: bigint, b: bigint): bigint => (a > b ? a : b);
