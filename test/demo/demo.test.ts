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
async function demo(changes: Record<string, string> = {}): Promise<{ code: number | null; text: string }> {
  const env = {
    ...hostEnvironment(),
    DATABASE_URL: databaseUrlFor(databaseUrl, database),
    KAFKA_BROKERS: kafkaBrokers.join(','),
    KAFKA_TOPIC_PREFIX: `${database}.`,
    TEMPORAL_ADDRESS: temporalAddress,
    TEMPORAL_UI_URL: temporalUiUrl,
    TEMPORAL_TASK_QUEUE_PREFIX: `${database}.`,
    ...changes,
  };
  const child = spawn(process.execPath, ['demo/main.ts', '--once'], {
    cwd: root,
    env,
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
    expect({ code, text }).toMatchObject({ code: 0 });
    expect(text).toContain('READY');
    expect(text).toMatch(/P1 .*every transfer balances/);
  });

  it('says which stage failed, why and where to look, and exits with 1', { timeout: 180_000 }, async () => {
    const elsewhere = { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nowhere' };
    const silent = await demo(elsewhere);
    expect(silent).toMatchObject({ code: 1 });
    expect(silent.text).toContain('✗ Real servers');
    expect(silent.text).toContain('DATABASE_URL is set but no postgres server answers there');

    const misconfigured = await demo({ MATCH_HOST_CAPACITY: 'many' });
    expect(misconfigured).toMatchObject({ code: 1 });
    expect(misconfigured.text).toContain('✗ Tables and the economy');
    expect(misconfigured.text).toContain('MATCH_HOST_CAPACITY');
    expect(misconfigured.text).toMatch(/The logs of every process are in .*\.stack/);
  });
});
