import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { loadConfig } from '../../platform/config.ts';
import { createCrashPoints } from '../../platform/crash-points.ts';
import { createLog } from '../../platform/log.ts';
import { createMetrics } from '../../platform/metrics.ts';
import { startTracing } from '../../platform/tracing.ts';
import { hostEnvironment } from '../../stack/environment.ts';
import { startAll } from '../../workers/all.ts';
import type { Everything } from '../../workers/all.ts';
import { testDatabase } from '../support/database.ts';

const { kafkaBrokers, temporalAddress } = inject('servers');
const prefix = `docs-${randomUUID().slice(0, 8)}.`;
const { db, url } = await testDatabase();

let everything: Everything;
let operatorKey = '';
beforeAll(async () => {
  const config = loadConfig({
    DATABASE_URL: url,
    KAFKA_BROKERS: kafkaBrokers.join(','),
    KAFKA_TOPIC_PREFIX: prefix,
    TEMPORAL_ADDRESS: temporalAddress,
    TEMPORAL_TASK_QUEUE_PREFIX: prefix,
    API_PORT: '0',
    MATCH_HOST_PORT: '0',
    MATCH_LOBBY_MS: '4000',
    AUDIT_INTERVAL_MS: '0',
    WEBHOOK_ALLOWED_HOSTS: '127.0.0.1:9977',
    LOG_LEVEL: 'silent',
  });
  const tracing = startTracing({ service: 'docs-test', environment: 'test' });
  const parts = {
    config,
    db,
    log: createLog('docs-test', 'silent'),
    metrics: createMetrics(),
    tracing,
    crash: createCrashPoints(undefined),
  };
  everything = await startAll(parts, { onOperatorKey: (secret) => (operatorKey = secret) });
});
afterAll(() => everything.stop());

/** The page's shell blocks, in order, as one script; blocks marked `skip` start or set up what the test has already. */
function scriptOf(page: string): string {
  const blocks = [...page.matchAll(/^```sh(?<mark>[^\n]*)\n(?<code>.*?)^```$/gms)];
  const code = blocks.flatMap(({ groups }) =>
    groups?.['mark']?.includes('skip') === true ? [] : [groups?.['code'] ?? ''],
  );
  return ['set -euo pipefail', ...code].join('\n');
}

async function run(script: string): Promise<{ code: number | null; text: string }> {
  const env = {
    ...hostEnvironment(),
    DATABASE_URL: url,
    KAFKA_BROKERS: kafkaBrokers.join(','),
    KAFKA_TOPIC_PREFIX: prefix,
    TEMPORAL_ADDRESS: temporalAddress,
    TEMPORAL_TASK_QUEUE_PREFIX: prefix,
    API: everything.addresses.apiUrl,
    OPERATOR_KEY: operatorKey,
  };
  const shell = spawn('timeout', ['150', 'bash', '-c', script], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [shell.stdout, shell.stderr])
    stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => shell.once('exit', resolve));
  return { code, text };
}

describe('every command of a page works as written', () => {
  it.for([
    ['docs/how-to/bring-your-own-game.md', 'grant:api:my-game:quest-17:player-4'],
    ['docs/how-to/import-players.md', '"postedCount":2'],
    ['docs/how-to/explain-a-balance.md', 'grant:api:explained-game:quest-2'],
    ['docs/tutorial.md', '"code":"transfer"'],
    ['docs/how-to/change-the-economy.md', 'rare_sword: 10 % (1/10)'],
    ['docs/how-to/look-after-players.md', '"frozenReason":"erased"'],
    ['docs/how-to/close-a-valve.md', 'quest 17 pays twice'],
    ['docs/how-to/claw-back.md', '"state":"completed"'],
    ['docs/how-to/subscribe-by-webhook.md', 'genuine: game.player.registered.v1'],
    ['docs/how-to/follow-a-stream.md', 'event: audit.trail.recorded.v1'],
    ['docs/how-to/publish-events.md', '"id":"level-4-of-player-4","source":"/clients/arcade"'],
    ['docs/how-to/redrive-a-dead-letter.md', '"outcome":"discarded"'],
    ['docs/how-to/replay-events.md', 'handled, 0 handled before, 0 failed'],
    ['docs/how-to/audit-the-ledger.md', 'The ledger is what was sealed'],
  ] as const)('%s', { timeout: 180_000 }, async ([path, said]) => {
    const page = await readFile(new URL(`../../${path}`, import.meta.url), 'utf8');
    const { code, text } = await run(scriptOf(page));
    expect({ code, text }).toMatchObject({ code: 0 });
    expect(text).toContain(said);
  });
});
