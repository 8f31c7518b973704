/**
 * What a person can practise by name: the tests that do it, unattended, and say what must come out. `title`: the beginning
 * of a test's name, where a file has others too.
 */
export type Scenario = { does: string; file: string; title?: string };

export const scenarios: Readonly<Record<string, Scenario>> = {
  'sealed-twice': {
    does: 'a sealed action sent twice',
    file: 'test/arena/sockets.test.ts',
    title: 'a sealed action sent twice',
  },
  breaker: {
    does: 'a server that is gone: the breaker opens and closes',
    file: 'test/api/dependencies.test.ts',
    title: 'after twenty failures',
  },
  'database-killed': {
    does: 'PostgreSQL killed under load',
    file: 'test/scenarios/ledger-faults-postgres.test.ts',
  },
  'kafka-down': {
    does: 'Kafka killed in the middle of a game and of trades',
    file: 'test/scenarios/outages.test.ts',
    title: 'Kafka down',
  },
  trace: { does: 'one trace id through everything', file: 'test/scenarios/trace.test.ts' },
  'trade-undone': {
    does: 'a trade that fails in the middle',
    file: 'test/workflows/trade.test.ts',
    title: 'at the settlement',
  },
  poison: {
    does: 'an event nobody can read, to the dead letters',
    file: 'test/events/consumer/consume.test.ts',
    title: 'an undecodable event',
  },
  redrive: {
    does: 'a dead letter goes back to its handler',
    file: 'test/events/redrive/redrive.test.ts',
    title: 'a letter goes back',
  },
  restore: { does: 'PostgreSQL goes back to a backup', file: 'test/scenarios/restore.test.ts' },
};
