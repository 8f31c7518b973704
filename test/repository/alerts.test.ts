import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { createMetrics } from '../../platform/metrics.ts';

type Alert = { alert: string; expr: string; annotations: { summary: string; runbook: string } };

const read = (file: string) => readFile(new URL(`../../${file}`, import.meta.url), 'utf8');
const { groups } = parse(await read('deploy/alerts.yml')) as { groups: { rules: Alert[] }[] };
const alerts = groups.flatMap(({ rules }) => rules);
const runbook = await read('docs/runbook.md');
const exported = new Set(
  createMetrics()
    .registry.getMetricsAsArray()
    .map(({ name }) => name),
);

/** Words of a PromQL expression that are metrics of ours: those with an underscore that are no function. */
const metricsIn = (expr: string): string[] =>
  [...expr.matchAll(/\b[a-z]+(?:_[a-z]+)+\b/g)]
    .map(([word]) => word)
    .filter((word) => !/^(histogram_quantile|humanizeDuration)$/.test(word))
    .map((word) => word.replace(/_(bucket|count|sum)$/, ''));

/** What somebody must be told of, and the measure it is told by. */
const required = {
  'an undo that needs a person': 'saga_stuck) > 0',
  'one trade of ten undone': 'saga_duration_seconds_count{outcome="compensated"}[5m])) > 0.1 *',
  'an open breaker': 'circuit_breaker_state) > 0',
  'a dead letter': 'dead_letters_total[5m])) > 0',
  'a consumer 5,000 events behind': 'consumer_lag) > 5000',
  'a consumer a minute behind': 'consumer_lag_seconds) > 60',
  'an event not told for half a minute': 'outbox_oldest_seconds) > 30',
  'an event Kafka refuses': 'outbox_refused) > 0',
  'a publish p99 above 200 ms': 'event_publish_duration_seconds_bucket[5m]))) > 0.2',
  'one answer of twenty a 5xx': 'http_request_duration_seconds_count{status=~"5.."}[5m])) > 0.05 *',
  'wrong books': 'ledger_findings) > 0',
  'a broker that does not answer': 'dependency_up{target!="start"}) == 0',
  'books nobody looks at': 'ledger_last_audit_timestamp_seconds) > 900',
};

describe('alerts', () => {
  test.each(Object.entries(required))('%s is told', (_, measure) => {
    expect(alerts.filter(({ expr }) => expr.includes(measure))).toHaveLength(1);
  });

  test.each(alerts)('$alert asks for metrics that are exported', ({ expr }) => {
    const asked = metricsIn(expr);
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.filter((name) => !exported.has(name))).toEqual([]);
  });

  test.each(alerts)('$alert has an entry in the runbook', ({ alert, annotations }) => {
    expect(annotations.runbook).toBe(`docs/runbook.md#${alert.toLowerCase()}`);
    expect(runbook).toContain(`\n### ${alert}\n`);
  });
});
