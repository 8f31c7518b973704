import { expect, onTestFinished, test } from 'vitest';
import { startHealthServer } from '../../platform/health-server.ts';
import { createMetrics } from '../../platform/metrics.ts';

test('a scrape says which servers answer at that moment, without a probe having asked', async () => {
  let kafkaIsUp = false;
  const server = await startHealthServer({
    host: '127.0.0.1',
    port: 0,
    metrics: createMetrics(),
    checks: {
      postgres: async () => {},
      kafka: async () => {
        if (!kafkaIsUp) throw new Error('connect ECONNREFUSED');
      },
    },
  });
  onTestFinished(() => server.close());
  const scrape = async () => (await fetch(`http://127.0.0.1:${server.port}/metrics`)).text();

  const before = await scrape();
  expect(before).toContain('dependency_up{target="postgres"} 1');
  expect(before).toContain('dependency_up{target="kafka"} 0');
  kafkaIsUp = true;
  expect(await scrape()).toContain('dependency_up{target="kafka"} 1');
});
