/**
 * What Lootledger needs of Kafka. Topic and group names are the catalogue's own; the adapter adds the deployment's prefix.
 * The one adapter is `events/kafkajs/`.
 */
export type Broker = {
  /**
   * Resolves when every in-sync replica has every message; answers where each one went, in the order given. After an
   * error, or at the deadline, any subset may have been written: send all of them again.
   * Throws BrokerRefusal when Kafka refuses the messages themselves and would again.
   */
  send(messages: readonly OutgoingMessage[], deadlineMs: number): Promise<Placement[]>;
  /** Joins a group. Records come per partition in order; the next ones do not wait for these to be handled. */
  join(options: JoinGroupOptions): Promise<GroupMember>;
  /**
   * Reads windows of partitions as a passing reader that commits nothing, and resolves when it has handed over everything
   * Kafka still holds of them; an end that is yet to come is waited for. Fails with the signal's reason, with what
   * `onRecords` threw, or when Kafka answers no fetch for a minute.
   */
  readFrom(options: ReadFromOptions): Promise<void>;
  readonly admin: BrokerAdmin;
  /** A readiness check: fails when no broker answers. */
  ping(): Promise<void>;
  close(): Promise<void>;
};

export type OutgoingMessage = {
  topic: string;
  key: Buffer | null;
  value: Buffer | null;
  headers: RecordHeaders;
};

export type Placement = { partition: number; offset: bigint };

/** A header may stand more than once. */
export type RecordHeaders = Record<string, Buffer | Buffer[]>;

export type DeliveredRecord = {
  topic: string;
  partition: number;
  offset: bigint;
  timestampMs: number;
  key: Buffer | null;
  value: Buffer | null;
  headers: RecordHeaders;
};

export type TopicPartition = { topic: string; partition: number };

export type JoinGroupOptions = {
  group: string;
  topics: readonly string[];
  /** Where a group without an offset begins. */
  from: 'earliest' | 'latest';
  /** The partitions are this member's from now on; whatever it held before is not. */
  onAssigned(partitions: readonly TopicPartition[]): void;
  /** The group rebalances: start nothing new, finish and commit what is at hand. */
  onRebalancing(): void;
  /**
   * Called in order per partition; `endOffset` is the partition's end when fetched. Nothing more is read of any partition
   * before what it answers resolves, which must be within a second: meanwhile the member says nothing to its group.
   */
  onRecords(records: readonly DeliveredRecord[], endOffset: bigint): void | Promise<void>;
  /** The member has ended by itself and will not come back. */
  onEnded(error: Error): void;
};

export type GroupMember = {
  pause(partition: TopicPartition): void;
  resume(partition: TopicPartition): void;
  /** Commits the next offsets to read under the present assignment; fails when the group has moved on. */
  commit(offsets: readonly (TopicPartition & { nextOffset: bigint })[]): Promise<void>;
  seek(partition: TopicPartition, offset: bigint): void;
  /** When Kafka last answered a fetch, by `performance.now()`. */
  readonly fetchedAtMs: number;
  /** Leaves the group. */
  stop(): Promise<void>;
};

export type ReadFromOptions = {
  /** From `offset` up to, not including, `endOffset`. */
  partitions: readonly (TopicPartition & { offset: bigint; endOffset: bigint })[];
  /** Records of one partition, in order; its next ones come when the promise has resolved, those of others may meanwhile. */
  onRecords(records: readonly DeliveredRecord[]): void | Promise<void>;
  signal: AbortSignal;
};

export type NewTopic = {
  topic: string;
  partitionCount: number;
  replicationCount: number;
  settings: Record<string, string>;
};
export type TopicDescription = Pick<NewTopic, 'partitionCount' | 'replicationCount' | 'settings'>;
export type GroupMemberInfo = { memberId: string; clientId: string; host: string };
export type PartitionEnds = TopicPartition & { startOffset: bigint; endOffset: bigint };

/** Each throws BrokerRefusal when Kafka refuses (a name, a setting, a missing topic) and would again. */
export type BrokerAdmin = {
  listTopics(): Promise<string[]>;
  /** Creates those that do not exist and answers their names; never alters one. */
  createTopics(topics: readonly NewTopic[]): Promise<string[]>;
  deleteTopics(topics: readonly string[]): Promise<void>;
  /** Undefined where there is none. `settings` are the topic's own, not the broker's defaults. */
  describeTopic(topic: string): Promise<TopicDescription | undefined>;
  /** Sets these and leaves the topic's other settings as they are. */
  alterTopic(topic: string, settings: Record<string, string>): Promise<void>;
  partitionEnds(topic: string): Promise<PartitionEnds[]>;
  /** The first offset at or after a time, per partition; the partition's end when there is none. */
  offsetsAt(topic: string, timestampMs: number): Promise<(TopicPartition & { offset: bigint })[]>;
  /** Every group of this deployment that has members or offsets. */
  listGroups(): Promise<string[]>;
  /** Next offsets a group will read; -1 where it has none. */
  groupOffsets(group: string, topic: string): Promise<(TopicPartition & { offset: bigint })[]>;
  /** Has a group read on from there. Fails while the group has members. */
  setGroupOffsets(group: string, offsets: readonly (TopicPartition & { offset: bigint })[]): Promise<void>;
  /** Who reads as this group now. */
  groupMembers(group: string): Promise<GroupMemberInfo[]>;
  /** Forgets a group and its offsets; one that does not exist is forgotten already. Refused while it has members. */
  deleteGroup(group: string): Promise<void>;
};

/** Kafka will never take this (size, content, topic, setting, permission); asking again is no use. */
export class BrokerRefusal extends Error {
  override readonly name = 'BrokerRefusal';
  /** Whatever is sent to that topic would be refused: it is missing, or not ours to write. */
  readonly isOfTopic: boolean;
  constructor(message: string, { isOfTopic, ...options }: ErrorOptions & { isOfTopic: boolean }) {
    super(message, options);
    this.isOfTopic = isOfTopic;
  }
}
