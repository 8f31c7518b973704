import type { JsonValue } from '../domain/canonical-json.ts';
import type { Broker } from '../events/kafka/broker.ts';
import type { Codec } from '../events/codec/codec.ts';
import type { EventOrigin } from '../events/relay/outgoing.ts';
import type { Streams } from '../events/streams/start-streams.ts';
import type { Publisher } from '../events/publish/publish.ts';
import type { Config } from '../platform/config.ts';
import type { CrashPoints } from '../platform/crash-points.ts';
import type { HealthChecks } from '../platform/health-server.ts';
import type { Log } from '../platform/log.ts';
import type { Metrics } from '../platform/metrics.ts';
import type { Temporal } from '../platform/temporal.ts';
import type { Db } from '../store/db.ts';
import type { JournalBatcher } from '../store/ledger/journal-batcher.ts';
import type { Breaker } from './breaker.ts';
import type { TemporalHealth } from './call-temporal.ts';
import type { CursorSigner } from './cursors.ts';
import type { Authenticator } from './auth/authenticate.ts';
import type { TokenService } from './auth/tokens.ts';
import type { StreamRegistry } from './stream/registry.ts';
import type { RateLimiter } from './middleware/rate-limit.ts';

export type ApiConfig = Pick<
  Config,
  | 'LOOTLEDGER_ENVIRONMENT'
  | 'LOOTLEDGER_KEY_PREFIX'
  | 'PUBLIC_URL'
  | 'CORS_ORIGINS'
  | 'TRUST_PROXY'
  | 'RATE_LIMIT_PERCENT'
  | 'KEY_ENCRYPTION_SECRET'
  | 'SERVICE_TOKEN_SECRET'
  | 'TOKEN_TTL_MS'
  | 'OIDC_ISSUERS'
  | 'OIDC_AUDIENCE'
  | 'MATCH_PRESET'
  | 'MATCH_LOBBY_MS'
  | 'TRADE_REVIEW_PRICE'
  | 'TRADE_REVIEW_LIMIT_MS'
  | 'LISTING_TTL_MS'
  | 'WEBHOOK_ALLOWED_HOSTS'
  | 'KAFKA_REPLICATION_COUNT'
>;

/** A fact about one player, as their stream tells it. `id` is what `Last-Event-ID` names. */
export type PlayerEvent = { id: string; type: string; time: string; data: JsonValue; traceparent?: string };

/** The player's own events, wherever they are read from. */
export type PlayerEvents = {
  /**
   * Calls back for everything after `lastEventId`, while it is known, then for everything new. `onLost`: the past could not
   * be read, nothing was told, and nothing will be. Throws `validation_failed` for an id that is none of ours.
   */
  subscribe(
    playerId: string,
    onEvent: (event: PlayerEvent) => void,
    options?: { lastEventId?: string; onLost?: () => void },
  ): () => void;
};

/** How the API speaks with Kafka: what routes about events need, and no other route. */
export type ApiEvents = { broker: Broker; codec: Codec; origin: EventOrigin };

/** What the API is built from. */
export type ApiDeps = {
  db: Db;
  batcher: JournalBatcher;
  temporal: Temporal;
  metrics: Metrics;
  log: Log;
  config: ApiConfig;
  playerEvents: PlayerEvents;
  /** Absent where there is no Kafka. */
  eventStreams?: Pick<Streams, 'named'>;
  /** Absent where there is no Kafka: routes that need it then answer `dependency_unavailable`. See `events-of.ts`. */
  events?: ApiEvents;
  /** What `/readyz` asks beyond the database and Temporal. */
  checks?: HealthChecks;
  isStopping?: () => boolean;
  /** For fault tests. */
  crash?: CrashPoints;
  /** Where open streams are kept, for whoever stops the server. */
  streams?: StreamRegistry;
  /** Every reply is checked against the published schema; for tests. */
  validateReplies?: boolean;
  nowMs?: () => number;
};

/** What handlers get: the same behind breakers, and what the API makes for itself. */
export type Services = ApiDeps & {
  tokens: TokenService;
  cursors: CursorSigner;
  authenticate: Authenticator;
  limiter: RateLimiter;
  /** Absent where there is no Kafka. */
  publisher: Publisher | undefined;
  breakers: { postgres: Breaker; temporal: Breaker };
  temporalHealth: TemporalHealth;
  nowMs: () => number;
  streams: StreamRegistry;
  /** Signs what our own processes say to each other. */
  serviceSecret: () => Promise<string>;
  /** A key for one purpose, from the deployment's key encryption secret. */
  keyFor: (purpose: string) => Promise<Uint8Array>;
};
