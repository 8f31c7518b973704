/**
 * The catalogue of topics: what exists, for how long, keyed by what, owned by whom. Created by `npm run topics` and at
 * start, never by producing. Partition counts of keyed topics never change: that would reorder keys.
 */
export type Topic = {
  name: string;
  description: string;
  partitionCount: number;
  retentionMs: number;
  /** Which id is the record key, so what is in order with what. */
  key: string;
  owner: 'arena' | 'ledger' | 'economy' | 'market' | 'platform' | 'trust';
  classification: 'internal' | 'confidential';
  /** `in`: others produce, and `ce_source` must name a client we know. */
  direction: 'out' | 'in';
  recordBytesMax: number;
  /** Whether a copy of what a group gave up on goes to `<name>.dlq`. */
  deadLetters: boolean;
};

const dayMs = 86_400_000;
const defaults = {
  partitionCount: 12,
  retentionMs: 30 * dayMs,
  classification: 'internal',
  direction: 'out',
  recordBytesMax: 1_048_576,
  deadLetters: false,
} as const satisfies Partial<Topic>;

const entries = {
  'game.match': {
    ...defaults,
    key: 'match',
    owner: 'arena',
    deadLetters: true,
    description: 'The life of a match, from lobby to result',
  },
  'game.player': {
    ...defaults,
    key: 'player',
    owner: 'arena',
    retentionMs: 7 * dayMs,
    description: 'What a player did: registered, joined, left, fell, sealed an action',
  },
  'game.result': {
    ...defaults,
    key: 'outside match',
    owner: 'arena',
    retentionMs: 7 * dayMs,
    direction: 'in',
    deadLetters: true,
    description: 'Results that trusted game servers report',
  },
  'ledger.journal': {
    ...defaults,
    key: 'journal',
    owner: 'ledger',
    classification: 'confidential',
    description: 'Every posted journal',
  },
  'ledger.block': {
    ...defaults,
    key: 'deployment',
    owner: 'ledger',
    partitionCount: 1,
    retentionMs: 90 * dayMs,
    description: 'Hashes of sealed ledger blocks, for a copy outside',
  },
  'ledger.finding': {
    ...defaults,
    key: 'rule',
    owner: 'ledger',
    partitionCount: 6,
    classification: 'confidential',
    description: 'What the auditor found, and what was closed',
  },
  'economy.valve': {
    ...defaults,
    key: 'valve',
    owner: 'economy',
    partitionCount: 6,
    description: 'Valves closed and opened',
  },
  'economy.grant': {
    ...defaults,
    key: 'player',
    owner: 'economy',
    classification: 'confidential',
    deadLetters: true,
    description: 'What players were paid, or why not',
  },
  'economy.mailbox': {
    ...defaults,
    key: 'player',
    owner: 'economy',
    classification: 'confidential',
    deadLetters: true,
    description: 'What waits for players to claim it, and what went back unclaimed',
  },
  'economy.version': {
    ...defaults,
    key: 'economy',
    owner: 'economy',
    description: 'Published versions of the economy file',
  },
  'market.listing': {
    ...defaults,
    key: 'listing',
    owner: 'market',
    deadLetters: true,
    description: 'Items offered for sale',
  },
  'market.trade': {
    ...defaults,
    key: 'trade',
    owner: 'market',
    classification: 'confidential',
    deadLetters: true,
    description: 'Sales between players',
  },
  'leaderboard.score': {
    ...defaults,
    key: 'player',
    owner: 'arena',
    retentionMs: 3 * dayMs,
    description: 'Scores as they change',
  },
  'trust.verdict': {
    ...defaults,
    key: 'subject',
    owner: 'trust',
    partitionCount: 6,
    direction: 'in',
    deadLetters: true,
    description: 'Decisions from outside about a match or a trade',
  },
  'notifications.player': {
    ...defaults,
    key: 'player',
    owner: 'platform',
    partitionCount: 6,
    retentionMs: 7 * dayMs,
    classification: 'confidential',
    description: 'What a player is told',
  },
  'audit.trail': {
    ...defaults,
    key: 'target',
    owner: 'platform',
    partitionCount: 6,
    retentionMs: 90 * dayMs,
    classification: 'confidential',
    description: 'Every operator and security action',
  },
  'analytics.event': {
    ...defaults,
    key: 'player or subject',
    owner: 'platform',
    partitionCount: 6,
    retentionMs: 7 * dayMs,
    direction: 'in',
    description: 'What game servers tell of their players, and registered types of others',
  },
  'system.service': {
    ...defaults,
    key: 'service',
    owner: 'platform',
    partitionCount: 6,
    retentionMs: 7 * dayMs,
    description: 'Processes that start and stop',
  },
} as const satisfies Record<string, Omit<Topic, 'name'>>;

export type TopicName = keyof typeof entries;

export const topics: Readonly<Record<TopicName, Topic>> = Object.fromEntries(
  Object.entries(entries).map(([name, topic]) => [name, { name, ...topic }]),
) as Record<TopicName, Topic>;

/** Told to those alone whose keys name them. */
export const confidentialTopics: readonly string[] = Object.values(topics)
  .filter(({ classification }) => classification === 'confidential')
  .map(({ name }) => name);

/** Dead-letter headers come on top of a record that may already be as large as its topic allows. */
const deadLetterHeaderBytesMax = 65_536;
const deadLetterSuffix = '.dlq';

export const deadLetterTopicOf = (topic: string): string => topic + deadLetterSuffix;

/** What a topic takes up in Kafka. */
export type TopicSize = Pick<Topic, 'name' | 'partitionCount' | 'retentionMs' | 'recordBytesMax'>;

/** As many partitions as the source; room for its largest record and why it was given up. */
export const deadLetterTopicSize = (source: TopicSize): TopicSize => ({
  name: deadLetterTopicOf(source.name),
  partitionCount: source.partitionCount,
  retentionMs: 14 * dayMs,
  recordBytesMax: source.recordBytesMax + deadLetterHeaderBytesMax,
});

const deadLetterTopic = (source: Topic): Topic => ({
  ...source,
  ...deadLetterTopicSize(source),
  description: `Copies of what consumer groups gave up on from ${source.name}`,
  direction: 'out',
  deadLetters: false,
});

/** Everything that must exist in Kafka, dead-letter topics too. */
export const allTopics: readonly Topic[] = Object.values(topics).flatMap((topic) =>
  topic.deadLetters ? [topic, deadLetterTopic(topic)] : [topic],
);

const byName = new Map(allTopics.map((topic) => [topic.name, topic]));

export const findTopic = (name: string): Topic | undefined => byName.get(name);
