import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { expect, inject, test } from 'vitest';
import { ensureTopics } from '../../events/kafka/admin.ts';
import { encryptionHeader } from '../../events/codec/encryption.ts';
import { startRelay } from '../../events/relay/relay.ts';
import { toStructured } from '../../events/codec/structured.ts';
import { topics } from '../../events/catalogue/topics.ts';
import { loadConfig } from '../../platform/config.ts';
import { createLog } from '../../platform/log.ts';
import { createMetrics } from '../../platform/metrics.ts';
import { appendAudit } from '../../store/audit/append-audit.ts';
import { brokerFrom, openEvents } from '../../workers/open-events.ts';
import { countRows, eventually, readTopic } from '../events/support.ts';
import { testDatabase } from '../support/database.ts';

/** What the page's commands leave in the environment, up to its nth block. */
function settingsOf(page: string, blockCount: number): Record<string, string> {
  const blocks = [...page.matchAll(/^```sh\n(?<code>.*?)^```$/gms)].map(
    ({ groups }) => groups?.['code'] ?? '',
  );
  const script = ['set -eu', ...blocks.slice(0, blockCount), 'env'].join('\n');
  const text = execFileSync('bash', ['-c', script], { encoding: 'utf8' });
  return Object.fromEntries(
    [...text.matchAll(/^(EVENT_\w+)=(.*)$/gm)].map(([, name, value]) => [name, value]),
  );
}

test('what the page sets seals the audit trail, and after its rotation everything opens', async () => {
  const page = await readFile(new URL('../../docs/how-to/encrypt-a-topic.md', import.meta.url), 'utf8');
  const { db } = await testDatabase();
  const log = createLog('test', 'silent');
  const prefix = `t${randomUUID().slice(0, 8)}.`;
  const open = async (settings: Record<string, string>) => {
    const config = loadConfig({
      ...settings,
      KAFKA_BROKERS: inject('servers').kafkaBrokers.join(','),
      KAFKA_TOPIC_PREFIX: prefix,
    });
    return openEvents({ config, db }, brokerFrom(config, log, 'test'));
  };
  const trail = topics['audit.trail'];

  const settings = settingsOf(page, 2);
  const first = await open(settings);
  await ensureTopics(first.broker, { replicationCount: 1, partitionCountMax: 1, topics: [trail] });
  const relay = startRelay({ ...first, db, log, metrics: createMetrics(), crash: () => {} });
  await db.transaction((tx) =>
    appendAudit(tx, { actor: 'client:a', action: 'told', target: 'b', detail: { word: 'whisper' } }),
  );
  await eventually('it is published', () => countRows(db, 'event_log'));
  await relay.stop();
  const [record] = await readTopic(first.broker, trail.name);
  expect(record!.headers[encryptionHeader]!.toString()).toMatch(/^A256GCM;2026-11;/);
  expect(record!.value!.includes('whisper')).toBe(false);

  const third = settingsOf(page, 3);
  const rotated = await open({
    ...settings,
    EVENT_ENCRYPTION_KEYS: `${third['EVENT_ENCRYPTION_KEYS']?.split(',')[0]},${settings['EVENT_ENCRYPTION_KEYS']}`,
  });
  expect(third['EVENT_ENCRYPTION_KEYS']).toMatch(/^2027-02:.+,2026-11:/);
  expect(await toStructured(rotated.codec, record!)).toMatchObject({ data: { detail: { word: 'whisper' } } });
  await first.broker.admin.deleteTopics([trail.name]);
  await Promise.all([first.broker.close(), rotated.broker.close()]);
});

test.each([
  'short:AAAA',
  'no-colon',
  `same:${'A'.repeat(43)}=,same:${'B'.repeat(43)}=`,
  `Capital:${'A'.repeat(43)}=`,
])('a key that is none is named at start: %s', (keys) => {
  expect(() => loadConfig({ EVENT_ENCRYPTION_KEYS: keys })).toThrow(/EVENT_ENCRYPTION_KEYS/);
});
