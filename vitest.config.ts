import { defineConfig } from 'vitest/config';

/** Limits for what will never come, not for a machine that is slow: nothing waits for them to pass. */
const shared = {
  pool: 'forks',
  testTimeout: 120_000,
  hookTimeout: 240_000,
  expect: { poll: { timeout: 60_000 } },
} as const;

/** On a busy machine one more try tells a slow moment from a broken promise, and the report names it. */
const onServers = { fileParallelism: false, retry: 1 } as const;

/**
 * unit needs nothing · workflows needs the time-skipping test server · integration needs PostgreSQL, Kafka and Temporal,
 * started once for the run. Files of the last two run one after another: time skipping is global to a server, and two
 * cores do not measure anything well at once.
 */
export default defineConfig({
  test: {
    tags: [
      {
        name: 'once',
        description: 'Races, crashes, faults: a promise that is broken one time in two is broken',
        retry: 0,
      },
    ],
    projects: [
      {
        test: { ...shared, name: 'unit', include: ['test/{domain,platform,client,repository}/**/*.test.ts'] },
      },
      {
        test: {
          ...shared,
          name: 'workflows',
          include: ['test/{workflows,replay}/**/*.test.ts'],
          ...onServers,
        },
      },
      {
        test: {
          ...shared,
          name: 'integration',
          include: [
            'test/{stack,store,activities,events,arena,api,workers,cli,scenarios,docs,demo,bench}/**/*.test.ts',
          ],
          globalSetup: ['test/support/servers.ts'],
          ...onServers,
        },
      },
    ],
  },
});
