import { z } from 'zod';
import { crashPointPattern, crashPoints } from './crash-points.ts';

/**
 * Every setting of every process, read once at start from the environment. `.env.example` and
 * `docs/reference/configuration.md` are generated from the descriptions below (`npm run generate`).
 */
const flag = z.enum(['true', 'false']).transform((value) => value === 'true');
const integer = (minimum: number, maximum: number) => z.coerce.number().int().min(minimum).max(maximum);
const list = z.string().transform((value) =>
  value
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean),
);

/** `id:base64` of 32 bytes each, separated by commas. */
const encryptionKeys = list.transform((entries, check) => {
  const keys = entries.map((entry) => {
    const [, id = '', encoded = ''] = /^([a-z0-9-]{1,40}):([A-Za-z0-9+/]{43}=)$/.exec(entry) ?? [];
    return { id, secret: new Uint8Array(Buffer.from(encoded, 'base64')) };
  });
  const isBad = keys.some(({ id }) => id === '') || new Set(keys.map(({ id }) => id)).size < keys.length;
  if (isBad) check.addIssue('must be id:base64 pairs with 32 bytes each and no id twice, comma-separated');
  return keys;
});

export const configSchema = z.object({
  LOOTLEDGER_ENVIRONMENT: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,30}$/)
    .default('development')
    .describe(
      'Name of the game environment; must equal the name in the database, else the process refuses to start',
    ),
  LOOTLEDGER_KEY_PREFIX: z.enum(['test_', 'live_']).default('test_').describe('Prefix of API keys made here'),
  LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'silent'])
    .default('info')
    .describe('Least level that is logged'),

  DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/ })
    .default('postgres://lootledger:lootledger@127.0.0.1:5432/lootledger')
    .describe('PostgreSQL 18 connection; its user must be allowed to become the role lootledger_app'),
  DATABASE_POOL_COUNT_MAX: integer(1, 500).default(20).describe('Connections per process'),

  KAFKA_BROKERS: list.default(['127.0.0.1:9092']).describe('Comma-separated broker addresses'),
  KAFKA_TOPIC_PREFIX: z
    .string()
    .regex(/^[a-zA-Z0-9._-]{0,60}$/)
    .default('')
    .describe('Put before every topic and consumer group name'),
  KAFKA_REPLICATION_COUNT: integer(1, 5)
    .default(1)
    .describe('Replicas of topics created at start; 3 in production'),
  KAFKA_TLS: flag.default(false).describe('Connect to Kafka with TLS'),
  KAFKA_TLS_CA_FILE: z
    .string()
    .optional()
    .describe("PEM file of the authority that signed the brokers' certificates; default: those Node trusts"),
  KAFKA_SASL_USERNAME: z.string().optional().describe('SASL/SCRAM-SHA-512 user'),
  KAFKA_SASL_PASSWORD: z.string().optional().describe('SASL/SCRAM-SHA-512 password'),

  EVENT_ENCRYPTED_TOPICS: list
    .default([])
    .describe('Topics whose values are encrypted; a name may end in `*`'),
  EVENT_ENCRYPTION_KEYS: encryptionKeys
    .default([])
    .describe('Keys of 32 bytes as id:base64, comma-separated; the first encrypts, all decrypt'),

  TEMPORAL_ADDRESS: z.string().default('127.0.0.1:7233').describe('Temporal frontend address'),
  TEMPORAL_NAMESPACE: z.string().default('default').describe('Temporal namespace'),
  TEMPORAL_UI_URL: z
    .url()
    .default('http://127.0.0.1:8233')
    .describe('Temporal Web UI, for links shown to operators'),
  TEMPORAL_TASK_QUEUE_PREFIX: z
    .string()
    .regex(/^[a-zA-Z0-9._-]{0,60}$/)
    .default('')
    .describe('Put before every task queue name'),
  API_HOST: z.string().default('127.0.0.1').describe('Address the API listens on'),
  API_PORT: integer(0, 65_535)
    .default(8080)
    .describe('Port of HTTP, SSE and the player stream; 0 takes a free one'),
  METRICS_HOST: z
    .string()
    .default('127.0.0.1')
    .describe('Address that /metrics and health listen on; 0.0.0.0 where others ask, as in a container'),
  METRICS_PORT: integer(0, 65_535)
    .default(9464)
    .describe('Port of /metrics and health of processes without an API; 0 takes a free one'),
  PUBLIC_URL: z.url().optional().describe('The API as players reach it; default: where it listens'),
  CORS_ORIGINS: list.default([]).describe('Browser origins that may call the API and open sockets'),
  RATE_LIMIT_PERCENT: integer(0, 1_000_000)
    .default(100)
    .describe('Scales every rate limit of the API; 0 switches them off'),
  TRUST_PROXY: flag.default(false).describe('Take the client address from X-Forwarded-For'),

  MATCH_HOST_PORT: integer(0, 65_535)
    .default(8081)
    .describe('Port of the match sockets and the internal action door; 0 takes a free one'),
  MATCH_HOST_PUBLIC_URL: z.url().optional().describe('The match host as players reach it (ws:// or wss://)'),
  MATCH_HOST_INTERNAL_URL: z.url().optional().describe('The match host as the API reaches it'),
  MATCH_HOST_CAPACITY: integer(1, 2_000).default(200).describe('Matches one host runs at once'),
  MATCH_PRESET: z.enum(['standard', 'shortMatch']).default('standard').describe('Durations of new matches'),
  MATCH_LOBBY_MS: integer(500, 600_000).optional().describe("Overrides the preset's lobby time"),

  SERVICE_TOKEN_SECRET: z
    .string()
    .min(32)
    .optional()
    .describe('Signs tokens between our own processes; default: one derived from the database'),
  KEY_ENCRYPTION_SECRET: z
    .string()
    .min(32)
    .optional()
    .describe('Encrypts signing keys and cursors at rest; default: a secret kept in the database'),
  TOKEN_TTL_MS: integer(60_000, 900_000).default(900_000).describe('Life of a player access token'),
  OIDC_ISSUERS: list.default([]).describe('Outside OIDC issuers whose tokens are accepted'),
  OIDC_AUDIENCE: z.string().default('lootledger').describe('Audience that tokens must name'),

  REWARD_REVIEW_LIMIT_MS: integer(1_000, 7 * 86_400_000)
    .default(86_400_000)
    .describe('How long a grant under review waits for a verdict'),
  REWARD_REVIEW_POLICY: z
    .enum(['pay', 'withhold'])
    .default('withhold')
    .describe('What happens when no verdict comes in time'),
  TRADE_REVIEW_PRICE: z.coerce
    .bigint()
    .positive()
    .default(100_000n)
    .describe('Trades above this price wait for a verdict'),
  TRADE_REVIEW_LIMIT_MS: integer(1_000, 86_400_000)
    .default(86_400_000)
    .describe('How long a trade waits for a verdict before it is rejected'),
  AUDIT_INTERVAL_MS: z.coerce
    .number()
    .int()
    .refine((ms) => ms === 0 || ms >= 5_000, 'must be 0 or at least 5000')
    .default(60_000)
    .describe(
      'How often the auditor looks at what is new in the ledger; 0 leaves it to whoever asks for an audit',
    ),
  AUDIT_GRACE_MS: integer(0, 7 * 86_400_000)
    .default(900_000)
    .describe(
      'How long a reward may stay unpaid, or an expired hold held, before the auditor calls it a finding',
    ),
  LISTING_TTL_MS: integer(1_000, 90 * 86_400_000)
    .default(7 * 86_400_000)
    .describe('Life of a listing'),

  WEBHOOK_ALLOWED_HOSTS: list
    .default([])
    .describe(
      'Comma-separated host:port of webhook receivers that may be called by http and at private addresses; for local tests',
    ),

  OTEL_EXPORTER_OTLP_ENDPOINT: z.url().optional().describe('Where spans are sent; unset: nowhere'),
  CRASH_POINT: z
    .string()
    .regex(crashPointPattern, `must be one of ${crashPoints.join(', ')}, or one with a passage like :3`)
    .optional()
    .describe('Name of a crash point at which this process kills itself; for fault tests only'),
});

export type Config = z.output<typeof configSchema>;

/** Reads and checks all settings; throws one error that names every problem. */
export function loadConfig(environment: Record<string, string | undefined> = process.env): Config {
  const set = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = configSchema.safeParse(set);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
  throw new Error(
    `The configuration is not valid:\n${problems.join('\n')}\nSee .env.example for every setting.`,
  );
}
