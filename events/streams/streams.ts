import type { JsonValue } from '../../domain/canonical-json.ts';
import type { EventData, EventType } from '../../domain/events.ts';

/**
 * The catalogue of streams: what others may follow live, by name. Nobody names a topic: a public stream shows of each event
 * what everyone may know, the others everything to keys that may read their topics.
 */
export type Stream = {
  name: string;
  description: string;
  topics: readonly string[];
  /** Type patterns, see `domain/event-filter.ts`. */
  types: readonly string[];
  /** `public`: players and every key with `streams:read`. `topics`: keys that may read all its topics, too. */
  audience: 'public' | 'topics';
};

type Show<T extends EventType> = (data: EventData[T]) => JsonValue;

/** Of a match, not who may be owed what. */
const match = {
  'game.match.opened.v1': ({ matchId, mode, region }) => ({ matchId, mode, region }),
  'game.match.started.v1': ({ matchId, players, seedHash, economyVersion }) => ({
    matchId,
    seedHash,
    economyVersion,
    players: players.map(({ playerId, seat }) => ({ playerId, seat })),
  }),
  'game.match.finished.v1': ({ matchId, mode, seed, endTick, players }) => ({
    matchId,
    mode,
    seed,
    endTick,
    players: players.map(({ playerId, outcome, placement, score }) => ({
      playerId,
      outcome,
      placement,
      score,
    })),
  }),
  'game.match.cancelled.v1': ({ matchId, reason }) => ({ matchId, reason }),
  'game.match.voided.v1': ({ matchId, reason }) => ({ matchId, reason }),
} satisfies { [T in EventType]?: Show<T> };

/** Of an offer, not whose it is. */
const listing = ({
  listingId,
  itemId,
  kind,
  asset,
  price,
}: EventData['market.listing.placed.v1']): JsonValue => ({ listingId, itemId, kind, asset, price });
const market = {
  'market.listing.placed.v1': listing,
  'market.listing.cancelled.v1': listing,
  'market.listing.expired.v1': listing,
  'market.listing.sold.v1': listing,
} satisfies { [T in EventType]?: Show<T> };

const shown: { [T in EventType]?: Show<T> } = { ...match, ...market };

/** What everyone may know of an event; undefined for a type no public stream tells. */
export function publicData<T extends EventType>(type: T, data: EventData[T]): JsonValue | undefined {
  const show = shown[type];
  return show?.(data);
}

const full = (name: string, description: string, ...topics: string[]): Stream => ({
  name,
  description,
  topics,
  types: topics.map((topic) => `${topic}.*`),
  audience: 'topics',
});

export const streams: readonly Stream[] = [
  {
    name: 'matches',
    description: 'Matches opened, started, finished, cancelled and voided, with their results',
    topics: ['game.match'],
    types: Object.keys(match),
    audience: 'public',
  },
  {
    name: 'market',
    description: 'Offers placed, sold, cancelled and expired, without whose they are',
    topics: ['market.listing'],
    types: Object.keys(market),
    audience: 'public',
  },
  full('grants', 'What players were paid, or why not', 'economy.grant'),
  full('trades', 'Sales between players', 'market.trade'),
  full('ledger', 'Every posted journal and sealed block', 'ledger.journal', 'ledger.block'),
  full('players', 'What players did: registered, joined, left, fell, sealed an action', 'game.player'),
  full('scores', 'Scores as they change', 'leaderboard.score'),
  full('audit', 'Every operator and security action', 'audit.trail'),
  full(
    'operations',
    'Valves, economy versions, findings and services',
    'economy.valve',
    'economy.version',
    'ledger.finding',
    'system.service',
  ),
];

export const findStream = (name: string): Stream | undefined =>
  streams.find((stream) => stream.name === name);
