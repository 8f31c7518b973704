import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, inject, test } from 'vitest';
import { hostEnvironment } from '../../stack/environment.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The shortest run, on the servers of this test run. Judges no time: a benchmark is not a test. */
test.each(['posting', 'http', 'saga', 'relay', 'consume', 'publish', 'replay', 'memory'])(
  'the bench %s runs, and its own checks find nothing lost or repeated',
  { timeout: 180_000 },
  async (name) => {
    const { databaseUrl, kafkaBrokers, temporalAddress } = inject('servers');
    const { stdout } = await promisify(execFile)(process.execPath, ['bench/run.ts', name, '--seconds', '1'], {
      cwd: root,
      env: {
        ...hostEnvironment(),
        DATABASE_URL: databaseUrl,
        KAFKA_BROKERS: kafkaBrokers.join(','),
        TEMPORAL_ADDRESS: temporalAddress,
      },
    });
    expect(stdout).toContain(`${name}: valid`);
    expect(stdout).toContain('goal');
  },
);
