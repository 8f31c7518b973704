import { markPartition } from '../../store/subscriptions/dispatch.ts';
import { queueEvents } from '../../store/subscriptions/queue-events.ts';
import { typeOf } from '../codec/envelope.ts';
import type { DeliveredRecord, TopicPartition } from '../kafka/broker.ts';
import { LaneTurns } from './lane-turns.ts';
import type { LaneDeps } from './lane-turns.ts';
import { Newcomers } from './newcomers.ts';
import { bytesOf, wants } from './roster.ts';
import type { Roster, Wish } from './roster.ts';
import type { Match } from './to-queued.ts';

/** What is written in one transaction. */
const recordCountMax = 500;
const transactionBytesMax = 8_388_608;

type Follower = { wish: Wish; from: bigint };

/**
 * One partition as the dispatcher reads it. It takes the partition's position over, and from then on handles its records
 * strictly one batch after another. What a subscription wants is queued in the transaction that moves the position, so
 * nothing is lost between the two, and what is read again is known by its id. Records that nobody wants cost a look at
 * their headers.
 */
export class Lane {
  readonly place: TopicPartition;
  pendingCount = 0;
  pendingBytes = 0;
  private readonly turns: LaneTurns;
  private readonly newcomers: Newcomers;
  private roster: Roster = { topics: [], of: () => [] };
  private readonly followers = new Map<string, Follower>();
  private byType = new Map<string, Follower[]>();

  /** `fresh` was read after the assignment: what the process knew before may be older than what the one before it followed. */
  constructor(deps: LaneDeps, place: TopicPartition, seek: (offset: bigint) => void, fresh: Promise<Roster>) {
    this.place = place;
    this.turns = new LaneTurns(deps, place);
    this.newcomers = new Newcomers(
      this.turns,
      (id) => this.wishOf(id),
      (wish, from) => this.follow(wish, from),
    );
    this.turns
      .take(async () => {
        this.roster = await fresh;
        seek(await this.open());
      })
      .catch(() => {});
  }

  /** The next offset to look at; undefined until it is open. */
  get position(): bigint | undefined {
    return this.turns.position;
  }

  add(records: readonly DeliveredRecord[]): void {
    for (const { part, bytes } of partsOf(records)) {
      this.pendingCount += part.length;
      this.pendingBytes += bytes;
      this.turns
        .take(() => this.handle(part))
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
  save(): Promise<bigint | undefined> {
    return this.turns.save();
  }

  drained(): Promise<void> {
    return this.turns.drained();
  }

  private async open(): Promise<bigint> {
    for (const { subscriptionId, nextOffset, followed } of await this.turns.open()) {
      const wish = this.wishOf(subscriptionId);
      if (followed && wish !== undefined) this.follow(wish, nextOffset);
      else this.newcomers.mark(subscriptionId, nextOffset);
    }
    this.followAsTold();
    return this.position ?? 0n;
  }

  private async handle(records: readonly DeliveredRecord[]): Promise<void> {
    const { turns } = this;
    const position = turns.position ?? 0n;
    const fresh = records.filter(({ offset }) => offset >= position);
    const last = fresh.at(-1);
    if (last === undefined) return;
    const nextOffset = last.offset + 1n;
    const matches = fresh.flatMap((record) => this.matchOf(record) ?? []);
    this.newcomers.holdBack(fresh);
    if (matches.length > 0) {
      const events = await turns.decode(matches);
      await turns.transact('queue', nextOffset, (tx) => queueEvents(tx, events));
      turns.deps.onQueued(new Set(events.map(({ subscriptionId }) => subscriptionId)));
    }
    turns.position = nextOffset;
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

  private wishOf(id: string): Wish | undefined {
    return this.roster.of(this.place.topic).find(({ subscriptionId }) => subscriptionId === id);
  }

  private followAsTold(): void {
    if (this.position === undefined) return;
    const wishes = this.roster.of(this.place.topic);
    const ids = new Set(wishes.map(({ subscriptionId }) => subscriptionId));
    for (const id of this.followers.keys()) if (!ids.has(id)) this.followers.delete(id);
    this.newcomers.keep(ids);
    // types may be remembered only up to the next look: others name them, so there is no end to them
    this.byType = new Map();
    for (const wish of wishes) {
      const follower = this.followers.get(wish.subscriptionId);
      if (follower !== undefined) {
        follower.wish = wish;
        if (!wish.mayGoOn) this.turns.take(() => this.leave(wish.subscriptionId)).catch(() => {});
      } else if (wish.mayBegin) void this.newcomers.begin(wish);
    }
  }

  private follow(wish: Wish, from: bigint): void {
    this.followers.set(wish.subscriptionId, { wish, from });
    this.byType = new Map();
  }

  /** From here on it reads by itself, when it may again. */
  private async leave(subscriptionId: string): Promise<void> {
    const follower = this.followers.get(subscriptionId);
    const { position } = this;
    if (follower === undefined || position === undefined || follower.wish.mayGoOn) return;
    const nextOffset = follower.from > position ? follower.from : position;
    await this.turns.transact('leave', position, (tx) =>
      markPartition(tx, subscriptionId, this.place, { nextOffset, followed: false }),
    );
    this.newcomers.mark(subscriptionId, nextOffset);
    this.followers.delete(subscriptionId);
    this.byType = new Map();
  }
}

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
