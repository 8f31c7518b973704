/**
 * Who may import whom: the direction rules of docs/explanation/architecture.md. Each rule says why, because that is what
 * a person who breaks it needs to read.
 */
const only = (name, comment, from, allowed) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from },
  to: {
    pathNot: [...(Array.isArray(from) ? from : [from]), ...allowed],
    dependencyTypesNot: ['type-only', 'core'],
  },
});

const never = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

const packages = (...names) => names.map((name) => `^node_modules/${name}(/|$)`);

export default {
  forbidden: [
    never(
      'no-cycles',
      'A cycle has no first file to read and no part that can be tested alone.',
      {},
      { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    ),
    never(
      'domain-is-pure',
      'Rules take clock, randomness and hash as arguments, so that they run in a workflow, a browser and a test alike.',
      { path: '^domain/' },
      { pathNot: '^domain/' },
    ),
    never(
      'workflows-are-deterministic',
      'A workflow is replayed from history: it may use rules and Temporal, nothing that touches the world.',
      { path: '^workflows/' },
      {
        pathNot: ['^workflows/', '^domain/', ...packages('@temporalio/(workflow|common)')],
        dependencyTypesNot: ['type-only'],
      },
    ),
    never(
      'workflows-are-seen-through-messages',
      'Others start, signal and query by name; only messages.ts is a contract.',
      { pathNot: ['^workflows/', '^test/', '^bench/'] },
      { path: '^workflows/', pathNot: '^workflows/messages\\.ts$', dependencyTypesNot: ['type-only'] },
    ),
    only(
      'activities-are-effects',
      'An activity uses stores and event verbs; it never reaches up to a workflow, a door or a process.',
      '^activities/',
      [
        '^domain/',
        '^store/',
        '^events/(publish|replay|redrive|subscriptions)/',
        '^platform/',
        '^workflows/messages\\.ts$',
        ...packages('@temporalio/(activity|common)', '@opentelemetry/api'),
      ],
    ),
    only('store-knows-rules-and-drivers', 'Queries know rules and drivers, not who asks.', '^store/', [
      '^domain/',
      '^platform/',
      '^prisma/generated/',
      ...packages('@prisma/.+', 'pg', '@opentelemetry/api'),
    ]),
    only('events-stand-on-store', 'The event platform uses stores and its own broker port.', '^events/', [
      '^domain/',
      '^store/',
      '^platform/',
      '^workflows/messages\\.ts$',
      ...packages('kafkajs', 'avsc', 'zod', 'uuid', '@temporalio/(client|common)', '@opentelemetry/api'),
    ]),
    only(
      'arena-hosts-matches',
      'A match host simulates and keeps sockets; what it stores goes through store verbs.',
      '^arena/',
      [
        '^domain/',
        '^store/',
        '^platform/',
        ...packages('ws', 'hono', '@hono/node-server', 'jose', '@opentelemetry/api'),
      ],
    ),
    only(
      'api-starts-or-reads',
      'A route starts, updates, signals, reads, or calls one store verb; anything with a second step is a workflow.',
      '^api/',
      [
        '^domain/',
        '^store/',
        '^events/(asyncapi|catalogue|kafka|publish|streams)/',
        '^events/(codec/(registry|structured)|redrive/decode-letter|replay/check-replay)',
        '^workflows/messages\\.ts$',
        '^platform/',
        ...packages(
          'hono',
          '@hono/.+',
          'zod',
          'jose',
          'ws',
          '@node-rs/argon2',
          '@temporalio/(client|common)',
          'cockatiel',
          '@opentelemetry/api',
          '@scalar/api-reference',
        ),
      ],
    ),
    only(
      'client-stands-alone',
      'The SDK is published and runs in browsers: it knows the protocol, how a receipt is proved, and nothing of the server.',
      '^client/',
      ['^domain/arena/protocol\\.ts$', '^domain/ledger/merkle\\.ts$', '^domain/canonical-json\\.ts$'],
    ),
    never(
      'platform-is-the-ground',
      'Settings, logs and traces know nothing of what is built on them.',
      { path: '^platform/' },
      { path: '^[a-z]+/', pathNot: ['^platform/', '^node_modules/'] },
    ),
    never(
      'stack-starts-servers-only',
      'The launcher must work before anything else does.',
      { path: '^stack/' },
      { path: '^[a-z]+/', pathNot: ['^stack/', '^platform/', '^node_modules/'] },
    ),
    never(
      'demo-is-a-user',
      'The demo shows what a user can do: it talks to processes and looks into the database, nothing more.',
      { path: '^demo/' },
      {
        path: '^[a-z]+/',
        pathNot: [
          '^demo/',
          '^client/',
          '^stack/',
          '^platform/',
          '^store/',
          '^domain/',
          '^workflows/messages\\.ts$',
          '^events/(kafka|kafkajs)/broker\\.ts$',
          '^node_modules/',
        ],
      },
    ),
    never(
      'posting-has-one-door',
      'Money moves only through store verbs, activities and event handlers that call postJournals.',
      { pathNot: ['^store/', '^activities/', '^events/handlers/', '^test/', '^bench/'] },
      { path: '^store/ledger/post-journals\\.ts$', dependencyTypesNot: ['type-only'] },
    ),
    never(
      'pg-and-prisma-belong-to-store',
      'One owner per driver.',
      { pathNot: ['^store/', '^stack/', '^test/', '^bench/', '^prisma'] },
      { path: packages('pg', '@prisma/.+'), dependencyTypesNot: ['type-only'] },
    ),
    never(
      'kafkajs-belongs-to-its-adapter',
      'kafkajs is unmaintained; only its adapter (events/kafkajs/) knows it.',
      { pathNot: ['^events/kafkajs/', '^stack/', '^test/', '^bench/'] },
      { path: packages('kafkajs'), dependencyTypesNot: ['type-only'] },
    ),
    never(
      'temporal-workers-belong-to-processes',
      'Only processes poll task queues.',
      { pathNot: ['^workers/', '^cli/', '^test/', '^bench/', '^platform/workflow-bundle'] },
      { path: packages('@temporalio/worker'), dependencyTypesNot: ['type-only'] },
    ),
    never(
      'entry-points-are-not-imported',
      'workers/ and cli/ are where processes start.',
      { pathNot: ['^(workers|cli|demo|test|bench)/'] },
      { path: '^(workers|cli|demo)/' },
    ),
    never(
      'cli-is-not-imported',
      'Commands are run, not imported.',
      { pathNot: ['^(cli|test)/'] },
      { path: '^cli/' },
    ),
    never(
      'production-is-not-tested-code',
      'Production never needs tests or benchmarks.',
      { pathNot: ['^(test|bench)/'] },
      { path: '^(test|bench)/', dependencyTypesNot: ['type-only'] },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: ['^node_modules/.+/node_modules', '^prisma/generated', '^client/dist', '^\\.stack'] },
    includeOnly: {
      path: '^(domain|workflows|activities|store|events|arena|api|workers|client|cli|demo|platform|stack|prisma|test|bench|node_modules)(/|$)',
    },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: 'specify',
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'types', 'default'],
    },
  },
};
