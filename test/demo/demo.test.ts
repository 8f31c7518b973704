import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { hostEnvironment } from '../../stack/environment.ts';
import { databaseUrlFor, dropDatabase } from '../support/template.ts';

const root = path.resolve(import.meta.dirname, '../..');
const run = randomUUID().slice(0, 8);
const database = `demo_${run}`;
const { databaseUrl, kafkaBrokers, temporalAddress, temporalUiUrl } = inject('servers');

afterAll(() => dropDatabase(databaseUrl, database));

/** The demo as a person starts it, on the test run's servers but with a database, topics and task queues of its own. */
async function demo(): Promise<{ code: number | null; text: string }> {
  const environment = hostEnvironment();
  const child = spawn(process.execPath, ['demo/main.ts', '--once'], {
    cwd: root,
    env: {
      ...environment,
      DATABASE_URL: databaseUrlFor(databaseUrl, database),
      KAFKA_BROKERS: kafkaBrokers.join(','),
      KAFKA_TOPIC_PREFIX: `${database}.`,
      TEMPORAL_ADDRESS: temporalAddress,
      TEMPORAL_UI_URL: temporalUiUrl,
      TEMPORAL_TASK_QUEUE_PREFIX: `${database}.`,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
  return { code, text };
}

describe('npm run demo -- --once', () => {
  it('tells the whole story, proves its sentences and says READY', { timeout: 180_000 }, async () => {
    const { code, text } = await demo();
    expect(text).toContain('READY');
    expect({ code, text }).toMatchObject({ code: 0 });
    expect(text).toMatch(/P1 .*every transfer balances/);
  });
});
